//! A netlink request -> the kernel's answers, over one socket that stays in
//! the namespace it was opened in.

use anyhow::{Context, Result, anyhow, bail};
use netlink_packet_core::{
    ErrorMessage, NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NetlinkDeserializable,
    NetlinkHeader, NetlinkMessage, NetlinkPayload, NetlinkSerializable,
    NlasIterator,
};
use netlink_sys::{Socket, SocketAddr};

use crate::topology::Namespace;

/// The kernel fills at most this much of a datagram.
const LONGEST: usize = 32 << 10;
/// `struct nlmsghdr`.
const HEADER: u32 = 16;
/// What an error quotes of the request (NETLINK_CAP_ACK): its header.
const QUOTED: usize = 16;
const NLMSGERR_ATTR_MSG: u16 = 1;

/// A netlink socket.
pub(crate) struct Talk {
    socket: Socket,
    sequence: u32,
    space: Vec<u8>,
}

impl Talk {
    pub(crate) fn open(of: &Namespace, protocol: isize) -> Result<Self> {
        of.inside(|| Self::here(protocol))
    }

    fn here(protocol: isize) -> Result<Self> {
        let mut socket = Socket::new(protocol)
            .with_context(|| format!("open netlink protocol {protocol}"))?;
        socket.bind_auto().context("bind a netlink socket")?;
        socket.connect(&SocketAddr::new(0, 0))?;
        socket.set_ext_ack(true).context("NETLINK_EXT_ACK")?;
        socket.set_cap_ack(true).context("NETLINK_CAP_ACK")?;
        Ok(Talk { socket, sequence: 0, space: vec![0; LONGEST] })
    }

    /// Asks, and collects the answers up to the kernel's acknowledgement.
    pub(crate) fn ask<Q, A>(
        &mut self,
        question: Q,
        flags: u16,
    ) -> Result<Vec<A>>
    where
        Q: NetlinkSerializable,
        A: NetlinkDeserializable,
    {
        self.send(question, flags)?;
        let mut answers = Vec::new();
        while !self.collect(&mut answers)? {}
        Ok(answers)
    }

    fn send<Q>(&mut self, question: Q, flags: u16) -> Result<()>
    where
        Q: NetlinkSerializable,
    {
        self.sequence += 1;
        let mut header = NetlinkHeader::default();
        // Both bits: one alone is NLM_F_EXCL or NLM_F_REPLACE. A dump ends
        // with a message of its own.
        let dump = flags & NLM_F_DUMP == NLM_F_DUMP;
        let ack = if dump { 0 } else { NLM_F_ACK };
        header.flags = NLM_F_REQUEST | ack | flags;
        header.sequence_number = self.sequence;
        let payload = NetlinkPayload::InnerMessage(question);
        let mut message = NetlinkMessage::new(header, payload);
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        self.socket.send(&bytes, 0).context("send to netlink")?;
        Ok(())
    }

    /// Sends messages (type, flags, body) in one datagram, as nfnetlink wants
    /// it, and reads up to the acknowledgement; one of them must ask for it.
    pub(crate) fn batch(
        &mut self,
        messages: &[(u16, u16, Vec<u8>)],
    ) -> Result<()> {
        self.sequence += 1;
        let mut bytes = Vec::new();
        for (kind, flags, body) in messages {
            let flags = NLM_F_REQUEST | flags;
            let length = HEADER + body.len() as u32;
            bytes.extend(length.to_ne_bytes());
            bytes.extend(kind.to_ne_bytes());
            bytes.extend(flags.to_ne_bytes());
            bytes.extend(self.sequence.to_ne_bytes());
            bytes.extend(0u32.to_ne_bytes());
            bytes.extend(body);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        self.socket.send(&bytes, 0).context("send to netlink")?;
        while !self.collect::<Unread>(&mut Vec::new())? {}
        Ok(())
    }

    /// Reads one datagram; true when it was the last one.
    fn collect<A>(&mut self, answers: &mut Vec<A>) -> Result<bool>
    where
        A: NetlinkDeserializable,
    {
        // The kernel answers inside send() and continues a dump inside
        // recv(), so an empty queue is an answer that will never come.
        let flags = libc::MSG_DONTWAIT | libc::MSG_TRUNC;
        let length = self
            .socket
            .recv(&mut &mut self.space[..], flags)
            .context("netlink did not answer")?;
        let mut rest = self.space.get(..length).with_context(|| {
            format!("a netlink answer of {length} bytes was cut")
        })?;
        while !rest.is_empty() {
            let message = NetlinkMessage::<A>::deserialize(rest)
                .context("netlink answered what we can't read")?;
            let length = message.header.length as usize;
            rest = &rest[length.next_multiple_of(4).min(rest.len())..];
            if message.header.sequence_number != self.sequence {
                continue;
            }
            match message.payload {
                NetlinkPayload::InnerMessage(answer) => answers.push(answer),
                NetlinkPayload::Error(e) if e.code.is_none() => {
                    return Ok(true);
                }
                NetlinkPayload::Error(e) => return Err(refusal(&e)),
                NetlinkPayload::Done(done) if done.code < 0 => {
                    let e = std::io::Error::from_raw_os_error(-done.code);
                    bail!("the kernel broke off: {e}")
                }
                NetlinkPayload::Done(_) => return Ok(true),
                _ => {}
            }
        }
        Ok(false)
    }
}

/// An answer that nobody wants.
struct Unread;

impl NetlinkDeserializable for Unread {
    type Error = std::io::Error;

    fn deserialize(_: &NetlinkHeader, _: &[u8]) -> Result<Self, Self::Error> {
        Ok(Unread)
    }
}

/// errno, and the reason in words if the kernel gave one.
fn refusal(error: &ErrorMessage) -> anyhow::Error {
    let attributes = error.header.get(QUOTED..).unwrap_or_default();
    let reason = NlasIterator::new(attributes)
        .flatten()
        .find(|a| a.kind() == NLMSGERR_ATTR_MSG)
        .map(|a| String::from_utf8_lossy(a.value()).replace('\0', ""));
    let refused = anyhow::Error::new(error.to_io());
    match reason {
        Some(reason) => refused.context(format!("the kernel says: {reason}")),
        None => anyhow!(refused).context("the kernel refused"),
    }
}
