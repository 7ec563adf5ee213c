//! A namespace -> its TCP sockets, by sock_diag.

use anyhow::{Context, Result};
use lab_kit::{Socket, state_name};
use netlink_packet_core::{
    DecodeError, NLM_F_DUMP, NetlinkDeserializable, NetlinkHeader,
};
use netlink_packet_sock_diag::inet::{
    ExtensionFlags, InetRequest, InetResponseHeader, SocketId, StateFlags,
    Timer, nlas::Nla,
};
use netlink_packet_sock_diag::{
    SockDiagMessage, SockDiagMessage::InetRequest as Ask,
};
use netlink_sys::protocols::NETLINK_SOCK_DIAG;

use super::talk::Talk;
use crate::topology::Namespace;

/// An open sock_diag socket: for those who look often.
pub(crate) struct SocketDiag(Talk);

impl SocketDiag {
    pub(crate) fn open(of: &Namespace) -> Result<Self> {
        Ok(SocketDiag(Talk::open(of, NETLINK_SOCK_DIAG)?))
    }

    /// All IPv4 TCP sockets, in every state, with what TCP_INFO adds (which
    /// locks each for a moment).
    pub(crate) fn sockets(&mut self) -> Result<Vec<Socket>> {
        self.select(StateFlags::all(), ExtensionFlags::INFO)
    }

    /// Their states and queues without listeners, in a third of the time: the kernel keeps
    /// the listeners of all namespaces in one big table.
    pub(crate) fn connections(&mut self) -> Result<Vec<Socket>> {
        let states = StateFlags::all() - StateFlags::LISTEN;
        self.select(states, ExtensionFlags::empty())
    }

    fn select(
        &mut self,
        states: StateFlags,
        extensions: ExtensionFlags,
    ) -> Result<Vec<Socket>> {
        let request = InetRequest {
            family: libc::AF_INET as u8,
            protocol: libc::IPPROTO_TCP as u8,
            extensions,
            states,
            socket_id: SocketId::new_v4(),
        };
        let rows: Vec<Row> = self.0.ask(Ask(request), NLM_F_DUMP).context(
            "list TCP sockets by sock_diag (needs the kernel's tcp_diag; \
             `modprobe tcp_diag` loads it)",
        )?;
        let mut sockets: Vec<_> = rows.into_iter().map(|r| r.0).collect();
        sockets.sort_by(|a, b| order(a).cmp(&order(b)));
        Ok(sockets)
    }
}

fn order(socket: &Socket) -> (u16, u16, &str) {
    (socket.local_port, socket.remote_port, &socket.state)
}

struct Row(Socket);

impl NetlinkDeserializable for Row {
    type Error = DecodeError;

    fn deserialize(
        header: &NetlinkHeader,
        payload: &[u8],
    ) -> Result<Self, DecodeError> {
        match SockDiagMessage::deserialize(header, payload)? {
            SockDiagMessage::InetResponse(response) => {
                let mut row = socket(&response.header, expires(payload));
                let info = response.nlas.iter().find_map(info);
                learn(&mut row, info.unwrap_or_default());
                Ok(Row(row))
            }
            other => Err(format!("not an inet socket: {other:?}").into()),
        }
    }
}

/// `idiag_expires`: the crate drops it for TIME-WAIT.
fn expires(payload: &[u8]) -> u32 {
    let field = payload.get(52..56).and_then(|b| b.try_into().ok());
    field.map_or(0, u32::from_ne_bytes)
}

fn info(attribute: &Nla) -> Option<&[u8]> {
    match attribute {
        Nla::TcpInfo(bytes) => Some(bytes),
        _ => None,
    }
}

/// What `struct tcp_info` (include/uapi/linux/tcp.h) adds; it only grows, so
/// what an older kernel lacks is beyond its end.
fn learn(socket: &mut Socket, info: &[u8]) {
    let field = |at: usize| {
        let bytes = info.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_ne_bytes(bytes))
    };
    socket.unacked = field(24); // tcpi_unacked
    socket.not_sent = field(144); // tcpi_notsent_bytes, 4.6
    socket.window = field(228); // tcpi_snd_wnd, 5.4
}

fn socket(seen: &InetResponseHeader, expires: u32) -> Socket {
    let timer = match seen.timer {
        Some(Timer::Retransmit(..)) => "on",
        Some(Timer::KeepAlive(_)) => "keepalive",
        Some(Timer::TimeWait) => "timewait",
        Some(Timer::Probe(_)) => "persist",
        None => "",
    };
    Socket {
        state: state_name(seen.state).into(),
        local_port: seen.socket_id.source_port,
        remote_port: seen.socket_id.destination_port,
        recv_q: seen.recv_queue,
        send_q: seen.send_queue,
        timer: timer.into(),
        timer_ms: if timer.is_empty() { 0 } else { expires },
        inode: seen.inode,
        ..Socket::default()
    }
}
