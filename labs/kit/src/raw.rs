//! A raw peer: segments built by hand with pnet, sent as frames.

use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;

use anyhow::{Context, Result, bail};
use nix::poll::{PollFd, PollFlags, PollTimeout};
use pnet_packet::Packet;
use pnet_packet::ethernet::{
    EtherTypes, EthernetPacket, MutableEthernetPacket,
};
use pnet_packet::ip::IpNextHeaderProtocols;
use pnet_packet::ipv4::{Ipv4Flags, Ipv4Packet, MutableIpv4Packet};
use pnet_packet::tcp::{MutableTcpPacket, TcpOption, TcpPacket};

use crate::protocol::RawEnd;
use crate::tcp::borrow;
use crate::trace::Flags;

/// A host without an IP stack.
pub struct Raw {
    end: RawEnd,
    own: Ipv4Addr,
    peer: Ipv4Addr,
}

/// A TCP segment to build, or one that came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tcp {
    /// Sender's port.
    pub source: u16,
    /// Receiver's port.
    pub destination: u16,
    /// packetdrill's letters: `S`, `P.`.
    pub flags: String,
    /// Absolute sequence number.
    pub seq: u32,
    /// Absolute acknowledgement number.
    pub ack: u32,
    /// Advertised window, unscaled.
    pub window: u16,
    /// Sent as an MSS option if not 0; received options are not parsed.
    pub mss: u16,
    /// Payload.
    pub payload: Vec<u8>,
    /// Spoil the checksum.
    pub bad_checksum: bool,
}

impl Raw {
    pub(crate) fn new(end: &RawEnd) -> Result<Raw> {
        Ok(Raw {
            own: end.address.parse().context("own address")?,
            peer: end.peer_address.parse().context("peer's address")?,
            end: end.clone(),
        })
    }

    /// Builds the segment and puts it on the link.
    pub fn send(&self, tcp: &Tcp) -> Result<()> {
        self.inject(&self.frame(tcp)?)
    }

    /// Puts a whole Ethernet frame on the link as it is.
    pub fn inject(&self, frame: &[u8]) -> Result<()> {
        let sent = nix::unistd::write(borrow(self.end.fd), frame)
            .context("put a frame on the link")?;
        if sent != frame.len() {
            bail!("the link took {sent} of {} bytes", frame.len());
        }
        Ok(())
    }

    /// Waits for the next TCP segment from the other end.
    ///
    /// # Errors
    /// If none comes within two seconds.
    pub fn recv(&self) -> Result<Tcp> {
        let mut buffer = vec![0; 65_600];
        loop {
            let fd = borrow(self.end.fd);
            let mut fds = [PollFd::new(fd, PollFlags::POLLIN)];
            if nix::poll::poll(&mut fds, PollTimeout::from(2000u16))? == 0 {
                bail!("waited 2 s in vain for a segment");
            }
            let n = nix::unistd::read(fd, &mut buffer)?;
            if let Some(tcp) = self.parse(&buffer[..n]) {
                return Ok(tcp);
            }
        }
    }

    fn parse(&self, frame: &[u8]) -> Option<Tcp> {
        let ethernet = EthernetPacket::new(frame)?;
        let to_us = ethernet.get_destination().octets() == self.end.mac;
        if !to_us || ethernet.get_ethertype() != EtherTypes::Ipv4 {
            return None;
        }
        let ip = Ipv4Packet::new(ethernet.payload())?;
        if ip.get_next_level_protocol() != IpNextHeaderProtocols::Tcp {
            return None;
        }
        let tcp = TcpPacket::new(ip.payload())?;
        Some(Tcp {
            source: tcp.get_source(),
            destination: tcp.get_destination(),
            flags: Flags::from_bits(tcp.get_flags().into()).0,
            seq: tcp.get_sequence(),
            ack: tcp.get_acknowledgement(),
            window: tcp.get_window(),
            mss: 0,
            payload: tcp.payload().to_vec(),
            bad_checksum: false,
        })
    }

    /// The segment as a frame, ready for [`inject`](Raw::inject).
    pub fn frame(&self, tcp: &Tcp) -> Result<Vec<u8>> {
        let options = if tcp.mss == 0 { 0 } else { 4 };
        let tcp_len = 20 + options + tcp.payload.len();
        let mut frame = vec![0u8; 14 + 20 + tcp_len];
        let mut ethernet =
            MutableEthernetPacket::new(&mut frame).context("room")?;
        ethernet.set_source(self.end.mac.into());
        ethernet.set_destination(self.end.peer_mac.into());
        ethernet.set_ethertype(EtherTypes::Ipv4);

        let mut ip =
            MutableIpv4Packet::new(&mut frame[14..]).context("room")?;
        ip.set_version(4);
        ip.set_header_length(5);
        ip.set_total_length((20 + tcp_len) as u16);
        ip.set_flags(Ipv4Flags::DontFragment);
        ip.set_ttl(64);
        ip.set_next_level_protocol(IpNextHeaderProtocols::Tcp);
        ip.set_source(self.own);
        ip.set_destination(self.peer);
        ip.set_checksum(pnet_packet::ipv4::checksum(&ip.to_immutable()));

        let mut out =
            MutableTcpPacket::new(&mut frame[34..]).context("room")?;
        out.set_source(tcp.source);
        out.set_destination(tcp.destination);
        out.set_sequence(tcp.seq);
        out.set_acknowledgement(tcp.ack);
        out.set_data_offset((5 + options / 4) as u8);
        out.set_flags(bits(&tcp.flags)?);
        out.set_window(tcp.window);
        if tcp.mss != 0 {
            out.set_options(&[TcpOption::mss(tcp.mss)]);
        }
        out.set_payload(&tcp.payload);
        let sum = pnet_packet::tcp::ipv4_checksum(
            &out.to_immutable(),
            &self.own,
            &self.peer,
        );
        out.set_checksum(if tcp.bad_checksum { sum ^ 0x5555 } else { sum });
        Ok(frame)
    }

    /// The descriptor of the packet socket, for poll.
    pub fn as_raw_fd(&self) -> i32 {
        borrow(self.end.fd).as_raw_fd()
    }
}

fn bits(letters: &str) -> Result<u8> {
    letters.chars().try_fold(0, |bits, letter| {
        let all = (0..8).map(|n| 1u16 << n);
        let mut bit = all.filter(|&b| Flags::from_bits(b).has(letter));
        match bit.next() {
            Some(bit) => Ok(bits | bit as u8),
            None => bail!("no TCP flag has the letter {letter:?}"),
        }
    })
}
