//! A netlink request -> the kernel's answers, over one socket that stays in
//! the namespace it was opened in.

use anyhow::{Context, Result, anyhow, ensure};
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

/// Requests that go in one datagram: the answers to as many, 10 KB from
/// ethtool, fit into the smallest of a socket's buffers.
const AT_ONCE: usize = 16;

/// A netlink socket.
pub(crate) struct Talk {
    socket: Socket,
    /// Of the newest request.
    sequence: u32,
    space: Vec<u8>,
}

/// One of several requests.
pub(crate) struct Request<Q> {
    pub(crate) question: Q,
    pub(crate) flags: u16,
    /// What is tried: an error's context, from the inside out.
    pub(crate) tried: Vec<String>,
}

impl Talk {
    pub(crate) fn open(of: &Namespace, protocol: isize) -> Result<Self> {
        of.inside(|| Self::here(protocol))
    }

    /// In the namespace that this thread is in.
    pub(crate) fn here(protocol: isize) -> Result<Self> {
        let socket = Socket::new(protocol)
            .with_context(|| format!("open netlink protocol {protocol}"))?;
        // Binds it, too.
        socket.connect(&SocketAddr::new(0, 0)).context("connect to netlink")?;
        socket.set_ext_ack(true).context("NETLINK_EXT_ACK")?;
        socket.set_cap_ack(true).context("NETLINK_CAP_ACK")?;
        let space = Vec::with_capacity(LONGEST);
        Ok(Talk { socket, sequence: 0, space })
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
        // Both bits: one alone is NLM_F_EXCL or NLM_F_REPLACE. A dump ends
        // with a message of its own.
        let dump = flags & NLM_F_DUMP == NLM_F_DUMP;
        let ack = if dump { 0 } else { NLM_F_ACK };
        let mut datagram = Vec::new();
        self.append(&mut datagram, question, ack | flags);
        self.send(&datagram)?;
        let mut answers = Vec::new();
        let first = self.sequence;
        while !self.collect(first, &mut answers).map_err(|(_, why)| why)? {}
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }

    /// Asks for all of it, as few times as it goes; none of it may be a dump.
    /// Answers come with their request's index. The kernel acknowledges the
    /// last one and what it refuses; what it refused first is the error.
    pub(crate) fn ask_all<Q, A>(
        &mut self,
        requests: Vec<Request<Q>>,
    ) -> Result<Vec<(usize, A)>>
    where
        Q: NetlinkSerializable,
        A: NetlinkDeserializable,
    {
        let mut answers = Vec::new();
        let mut requests = requests.into_iter().peekable();
        let first = self.sequence + 1;
        while requests.peek().is_some() {
            let mut datagram = Vec::new();
            let mut tried = Vec::new();
            let begin = self.sequence + 1;
            for n in 1..=AT_ONCE {
                let Some(request) = requests.next() else { break };
                let last = n == AT_ONCE || requests.peek().is_none();
                let ack = if last { NLM_F_ACK } else { 0 };
                let flags = request.flags | ack;
                self.append(&mut datagram, request.question, flags);
                tried.push(request.tried);
            }
            self.send(&datagram)?;
            loop {
                match self.collect(first, &mut answers) {
                    Ok(true) => break,
                    Ok(false) => {}
                    Err((sequence, why)) => {
                        let which = sequence.wrapping_sub(begin) as usize;
                        let tried = tried.into_iter().nth(which);
                        let tried = tried.into_iter().flatten();
                        return Err(tried.fold(why, anyhow::Error::context));
                    }
                }
            }
        }
        Ok(answers)
    }

    fn append<Q>(&mut self, datagram: &mut Vec<u8>, question: Q, flags: u16)
    where
        Q: NetlinkSerializable,
    {
        self.sequence += 1;
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | flags;
        header.sequence_number = self.sequence;
        let payload = NetlinkPayload::InnerMessage(question);
        let mut message = NetlinkMessage::new(header, payload);
        message.finalize();
        let (start, length) = (datagram.len(), message.buffer_len());
        // The next one begins at a multiple of 4.
        datagram.resize(start + length.next_multiple_of(4), 0);
        message.serialize(&mut datagram[start..start + length]);
    }

    fn send(&self, datagram: &[u8]) -> Result<()> {
        self.socket.send(datagram, 0).context("send to netlink")?;
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
        self.send(&bytes)?;
        let first = self.sequence;
        let mut unread = Vec::<(usize, Unread)>::new();
        while !self.collect(first, &mut unread).map_err(|(_, why)| why)? {}
        Ok(())
    }

    /// Reads one datagram; true when it was the last one. An answer comes with
    /// its distance from the first request, an error with its sequence number.
    fn collect<A>(
        &mut self,
        first: u32,
        answers: &mut Vec<(usize, A)>,
    ) -> Result<bool, (u32, anyhow::Error)>
    where
        A: NetlinkDeserializable,
    {
        let newest = self.sequence;
        self.receive().map_err(|why| (newest, why))?;
        let mut rest = &self.space[..];
        while !rest.is_empty() {
            let message = NetlinkMessage::<A>::deserialize(rest)
                .context("netlink answered what we can't read")
                .map_err(|why| (newest, why))?;
            let length = message.header.length as usize;
            rest = &rest[length.next_multiple_of(4).min(rest.len())..];
            let sequence = message.header.sequence_number;
            if !(first..=newest).contains(&sequence) {
                continue;
            }
            let why = match message.payload {
                NetlinkPayload::InnerMessage(answer) => {
                    answers.push(((sequence - first) as usize, answer));
                    continue;
                }
                NetlinkPayload::Error(e) if e.code.is_none() => {
                    return Ok(true);
                }
                NetlinkPayload::Error(e) => refusal(&e),
                NetlinkPayload::Done(done) if done.code < 0 => {
                    let e = std::io::Error::from_raw_os_error(-done.code);
                    anyhow!("the kernel broke off: {e}")
                }
                NetlinkPayload::Done(_) => return Ok(true),
                _ => continue,
            };
            return Err((sequence, why));
        }
        Ok(false)
    }

    fn receive(&mut self) -> Result<()> {
        // The kernel answers inside send() and continues a dump inside
        // recv(), so an empty queue is an answer that will never come.
        let flags = libc::MSG_DONTWAIT | libc::MSG_TRUNC;
        self.space.clear();
        let length = self
            .socket
            .recv(&mut self.space, flags)
            .context("netlink did not answer")?;
        ensure!(
            length == self.space.len(),
            "a netlink answer of {length} bytes was cut"
        );
        Ok(())
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
