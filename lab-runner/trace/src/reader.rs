//! Bytes of a pcap or pcapng file -> its frames, one after the other: a file
//! of any length takes the memory of its longest block.

use std::io::Read;

use anyhow::{Result, bail};
use pcap_parser::traits::{PcapNGPacketBlock, PcapReaderIterator};
use pcap_parser::{
    Block, InterfaceDescriptionBlock, Linktype, PcapBlockOwned, PcapError,
    create_reader,
};

/// What a core keeps near: read, it is decoded before it is gone.
const AT_ONCE: usize = 256 << 10;
/// Room beside a short file, to see that it ends.
const LEAST: usize = 4 << 10;
/// Longer than any block that a capture of packets has.
const LONGEST: usize = 64 << 20;

/// A frame while it is read.
#[derive(Debug, Clone, Copy)]
pub struct Captured<'a> {
    /// CLOCK_REALTIME of whoever captured it, nanoseconds; 0 where the format
    /// has none (a simple packet block).
    pub at: i64,
    /// LINKTYPE_ of its interface (<https://www.tcpdump.org/linktypes.html>).
    pub link: u32,
    /// Which of the file's interfaces, from 0.
    pub interface: u32,
    /// What was kept of it.
    pub bytes: &'a [u8],
    /// Length on the wire.
    pub len: u32,
}

/// How the reading ended, if no frame's taker ended it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// With the last frame.
    Whole,
    /// In the middle of one, or with bytes that are none.
    BreaksOff(String),
}

/// Gives each frame to `take`, in the file's order.
///
/// # Errors
/// Not a capture, can't be read, or what `take` says.
pub fn frames(
    source: impl Read + Send,
    take: &mut dyn FnMut(Captured) -> Result<()>,
) -> Result<Ended> {
    frames_in(AT_ONCE, source, take)
}

/// The same for a file of about this length: a run's capture is short, and a
/// room for all of it is soon swept.
pub(crate) fn frames_of(
    length: u64,
    source: impl Read + Send,
    take: &mut dyn FnMut(Captured) -> Result<()>,
) -> Result<Ended> {
    let length = usize::try_from(length).unwrap_or(AT_ONCE);
    let room = length.saturating_add(LEAST).min(AT_ONCE);
    frames_in(room, source, take)
}

fn frames_in(
    mut room: usize,
    source: impl Read + Send,
    take: &mut dyn FnMut(Captured) -> Result<()>,
) -> Result<Ended> {
    let mut reader = match create_reader(room, source) {
        Ok(reader) => reader,
        Err(why) => bail!("it does not begin as one: {}", said(&why)),
    };
    let mut file = File::default();
    let mut waited_for = None;
    loop {
        let at = reader.consumed();
        match reader.next() {
            Ok((offset, block)) => {
                let frame = file.frame(block);
                let frame = match frame {
                    Ok(frame) => frame,
                    Err(why) => return Ok(Ended::BreaksOff(why)),
                };
                if let Some(frame) = frame {
                    take(frame)?;
                }
                reader.consume_noshift(offset);
            }
            Err(PcapError::Eof) => return Ok(Ended::Whole),
            Err(PcapError::Incomplete(_)) => {
                if waited_for == Some(at) && reader.reader_exhausted() {
                    let why = "the last block is cut".into();
                    return Ok(Ended::BreaksOff(why));
                }
                waited_for = Some(at);
                refill(&mut *reader)?;
            }
            Err(PcapError::BufferTooSmall) if room < LONGEST => {
                room *= 2;
                reader.grow(room);
                refill(&mut *reader)?;
            }
            Err(why) => return Ok(Ended::BreaksOff(said(&why))),
        }
    }
}

fn refill(reader: &mut (dyn PcapReaderIterator + Send)) -> Result<()> {
    match reader.refill() {
        Ok(()) => Ok(()),
        Err(_) => bail!("it can't be read any further"),
    }
}

fn said<I>(why: &PcapError<I>) -> String {
    match why {
        PcapError::Eof => "it is empty".into(),
        PcapError::BufferTooSmall => {
            format!("a block is longer than {} MB", LONGEST >> 20)
        }
        PcapError::UnexpectedEof | PcapError::Incomplete(_) => {
            "the last block is cut".into()
        }
        PcapError::ReadError => "it can't be read".into(),
        PcapError::HeaderNotRecognized => {
            "neither pcap nor pcapng starts so".into()
        }
        PcapError::NomError(..) | PcapError::OwnedNomError(..) => {
            "a block contradicts itself".into()
        }
    }
}

/// What the blocks so far say of those to come.
#[derive(Default)]
struct File {
    interfaces: Vec<Interface>,
    /// A pcap file's stamps count nanoseconds, not microseconds.
    nanoseconds: bool,
}

#[derive(Clone, Copy)]
struct Interface {
    link: u32,
    /// Units of a stamp in a second.
    resolution: u128,
    /// Seconds to add.
    offset: i64,
}

impl File {
    fn frame<'a>(
        &mut self,
        block: PcapBlockOwned<'a>,
    ) -> Result<Option<Captured<'a>>, String> {
        match block {
            PcapBlockOwned::LegacyHeader(header) => {
                self.nanoseconds = header.is_nanosecond_precision();
                self.interfaces = vec![Interface::of(header.network)];
            }
            PcapBlockOwned::Legacy(block) => {
                let unit = if self.nanoseconds { 1 } else { 1000 };
                let at = i64::from(block.ts_sec) * 1_000_000_000
                    + i64::from(block.ts_usec) * unit;
                let link = self.interfaces.first().map_or(0, |i| i.link);
                let (bytes, len) = (block.data, block.origlen);
                return Ok(Some(Captured {
                    at,
                    link,
                    interface: 0,
                    bytes,
                    len,
                }));
            }
            PcapBlockOwned::NG(block) => return self.block(block),
        }
        Ok(None)
    }

    fn block<'a>(
        &mut self,
        block: Block<'a>,
    ) -> Result<Option<Captured<'a>>, String> {
        match block {
            Block::SectionHeader(_) => self.interfaces.clear(),
            Block::InterfaceDescription(described) => {
                self.interfaces.push(Interface::described(&described)?);
            }
            Block::EnhancedPacket(block) => {
                let number = block.if_id as usize;
                let Some(from) = self.interfaces.get(number) else {
                    return Err(format!(
                        "a frame is of interface {number}, which nobody has \
                         described"
                    ));
                };
                let high = u64::from(block.ts_high) << 32;
                let at = from.nanoseconds(high | u64::from(block.ts_low));
                let kept = block.data.len().min(block.caplen as usize);
                let bytes = &block.data[..kept];
                let (link, len) = (from.link, block.origlen);
                let interface = block.if_id;
                return Ok(Some(Captured { at, link, interface, bytes, len }));
            }
            Block::SimplePacket(block) => {
                let Some(from) = self.interfaces.first() else {
                    return Err("a frame is of no interface".into());
                };
                let len = block.orig_len();
                let kept = block.data.len().min(len as usize);
                let bytes = &block.data[..kept];
                return Ok(Some(Captured {
                    at: 0,
                    link: from.link,
                    interface: 0,
                    bytes,
                    len,
                }));
            }
            _ => {}
        }
        Ok(None)
    }
}

impl Interface {
    fn of(link: Linktype) -> Interface {
        // The upper bits of a pcap's field tell of a frame check sequence.
        let link = link.0 as u32 & 0xffff;
        Interface { link, resolution: 1_000_000, offset: 0 }
    }

    fn described(d: &InterfaceDescriptionBlock) -> Result<Interface, String> {
        let exponent = u32::from(d.if_tsresol & 0x7f);
        let base = if d.if_tsresol & 0x80 == 0 { 10u128 } else { 2 };
        let resolution = match (base, exponent) {
            (10, 0..=19) | (2, 0..=63) => base.pow(exponent),
            _ => {
                return Err(format!(
                    "an interface's clock ticks {base}^{exponent} times a \
                     second, which is none that we know"
                ));
            }
        };
        let link = d.linktype.0 as u32 & 0xffff;
        Ok(Interface { link, resolution, offset: d.if_tsoffset })
    }

    fn nanoseconds(&self, stamp: u64) -> i64 {
        let ns = u128::from(stamp) * 1_000_000_000 / self.resolution;
        let ns = i128::from(self.offset) * 1_000_000_000 + ns as i128;
        i64::try_from(ns).unwrap_or(if ns < 0 { i64::MIN } else { i64::MAX })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When, link, kept, length.
    type Read = (i64, u32, usize, u32);

    fn read(bytes: &[u8]) -> Result<(Vec<Read>, Ended)> {
        let mut seen = Vec::new();
        let ended = frames(bytes, &mut |f| {
            seen.push((f.at, f.link, f.bytes.len(), f.len));
            Ok(())
        })?;
        Ok((seen, ended))
    }

    fn pcap(
        magic: u32,
        big: bool,
        link: u32,
        frames: &[(u32, u32, usize)],
    ) -> Vec<u8> {
        let four = |n: u32| match big {
            true => n.to_be_bytes(),
            false => n.to_le_bytes(),
        };
        let version = if big { [0, 2, 0, 4] } else { [2, 0, 4, 0] };
        let mut file =
            [four(magic), version, four(0), four(0), four(65535)].concat();
        file.extend(four(link));
        for &(s, fraction, len) in frames {
            let head = [s, fraction, len as u32, 1500].map(four).concat();
            file.extend(head);
            file.extend(vec![7; len]);
        }
        file
    }

    #[test]
    fn both_ends_of_words_and_both_clocks() {
        let frames = [(1, 2, 60), (1, 3, 61)];
        for (magic, unit) in [(0xa1b2_c3d4, 1000), (0xa1b2_3c4d, 1)] {
            for big in [false, true] {
                let (seen, ended) =
                    read(&pcap(magic, big, 101, &frames)).unwrap();
                let second = 1_000_000_000;
                assert_eq!(seen[0], (second + 2 * unit, 101, 60, 1500));
                assert_eq!(seen[1], (second + 3 * unit, 101, 61, 1500));
                assert_eq!(ended, Ended::Whole);
            }
        }
    }

    #[test]
    fn what_was_there_before_the_cut_is_given() {
        let file = pcap(0xa1b2_c3d4, false, 1, &[(1, 2, 60), (1, 3, 61)]);
        let whole = file.len();
        for cut in whole - 76..whole {
            let (seen, ended) = read(&file[..cut]).unwrap();
            assert_eq!(seen.len(), 1, "{cut}");
            match cut == whole - 77 {
                true => assert_eq!(ended, Ended::Whole),
                false => assert!(matches!(ended, Ended::BreaksOff(_)), "{cut}"),
            }
        }
    }

    #[test]
    fn a_files_length_may_be_another_by_now() {
        let file = pcap(0xa1b2_c3d4, false, 1, &[(1, 2, 9000), (1, 3, 61)]);
        for length in [0, 60, file.len() as u64, u64::MAX] {
            let mut seen = 0;
            let count = &mut |_: Captured| {
                seen += 1;
                Ok(())
            };
            let ended = frames_of(length, &*file, count).unwrap();
            assert_eq!((seen, ended), (2, Ended::Whole), "{length}");
        }
    }

    #[test]
    fn what_is_no_capture_says_so() {
        for bytes in
            [&b""[..], b"lorem ipsum dolor sit amet", &[0xd4, 0xc3, 0xb2, 0xa1]]
        {
            assert!(read(bytes).is_err());
        }
    }

    #[test]
    fn a_block_longer_than_the_buffer_is_read() {
        let file = pcap(0xa1b2_c3d4, false, 1, &[(1, 2, 3 << 20), (1, 3, 61)]);
        let (seen, ended) = read(&file).unwrap();
        assert_eq!((seen.len(), ended), (2, Ended::Whole));
    }
}
