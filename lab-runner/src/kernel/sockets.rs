//! A namespace -> its TCP sockets, by sock_diag.

use anyhow::{Context, Result};
use lab_kit::{Socket, state_name};
use netlink_packet_core::{
    DecodeError, NLM_F_DUMP, NetlinkDeserializable, NetlinkHeader,
};
use netlink_packet_sock_diag::inet::{
    ExtensionFlags, InetRequest, InetResponseHeader, SocketId, StateFlags,
    Timer,
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

    /// All IPv4 TCP sockets, in every state.
    pub(crate) fn sockets(&mut self) -> Result<Vec<Socket>> {
        self.select(StateFlags::all())
    }

    /// The same without listeners, in a third of the time: the kernel keeps
    /// the listeners of all namespaces in one big table.
    pub(crate) fn connections(&mut self) -> Result<Vec<Socket>> {
        self.select(StateFlags::all() - StateFlags::LISTEN)
    }

    fn select(&mut self, states: StateFlags) -> Result<Vec<Socket>> {
        let request = InetRequest {
            family: libc::AF_INET as u8,
            protocol: libc::IPPROTO_TCP as u8,
            extensions: ExtensionFlags::empty(),
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
                Ok(Row(socket(&response.header, expires(payload))))
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
    }
}
