//! The bytes of one packet, for experiments that say
//! [`keeps_bytes`](crate::Experiment::keeps_bytes).

use std::ops::Range;

use super::{Finding, Moment};
use crate::trace::{Proto, Segment};

impl Segment {
    /// The IP header: the packet's first 20 bytes, or more with options.
    pub fn ip_header(&self) -> &[u8] {
        let words = self.bytes.first().map_or(0, |first| first & 15);
        let len = usize::from(words) * 4;
        self.bytes.get(..len).unwrap_or(&self.bytes)
    }

    /// What follows the IP header: a TCP, UDP or ICMP header and its payload.
    pub fn transport(&self) -> &[u8] {
        &self.bytes[self.ip_header().len()..]
    }

    /// The payload of a TCP segment or a UDP datagram.
    pub fn data(&self) -> &[u8] {
        let bytes = self.transport();
        let header = match self.proto {
            Proto::Tcp => bytes.get(12).map_or(0, |b| usize::from(b >> 4) * 4),
            _ => 8,
        };
        bytes.get(header..).unwrap_or(&[])
    }
}

impl Moment<'_> {
    /// The payload is exactly these bytes.
    pub fn data_is(self, bytes: &[u8]) -> Finding {
        let wanted = format!("carries the bytes {}", hex(bytes));
        self.has(&wanted, |s| match kept(s) {
            Ok(s) => (s.data() == bytes, hex(s.data())),
            Err(why) => (false, why),
        })
    }

    /// These bytes of its TCP, UDP or ICMP header, counted from 0, are so.
    pub fn header_has(self, at: Range<usize>, bytes: &[u8]) -> Finding {
        let last = at.end.saturating_sub(1);
        let wanted = match at.len() {
            1 => format!("has {} in byte {last}", hex(bytes)),
            _ => format!("has {} in bytes {}-{last}", hex(bytes), at.start),
        };
        self.has(&wanted, |s| match kept(s) {
            Ok(s) => match s.transport().get(at.clone()) {
                Some(there) => (there == bytes, hex(there)),
                None => (false, "a shorter header".into()),
            },
            Err(why) => (false, why),
        })
    }
}

fn kept(segment: &Segment) -> Result<&Segment, String> {
    match segment.bytes.is_empty() {
        true => Err("no bytes were kept: say Experiment::keeps_bytes".into()),
        false => Ok(segment),
    }
}

/// Bytes as people write them: `1f 90`.
pub fn hex(bytes: &[u8]) -> String {
    let pairs: Vec<_> = bytes.iter().map(|b| format!("{b:02x}")).collect();
    pairs.join(" ")
}
