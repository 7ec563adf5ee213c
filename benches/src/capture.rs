//! A number -> a capture of so many packets, the same each time: connections
//! that begin, send, acknowledge and end, many at once.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};

/// Connections that are open at the same time.
const AT_ONCE: u64 = 50;
/// Packets of each.
const EACH: u64 = 40;
const SEGMENT: usize = 1448;

/// Writes it whole or not at all.
pub(crate) fn write(path: &Path, frames: u64) -> Result<()> {
    let beside = path.with_extension("part");
    let file = File::create(&beside)
        .with_context(|| format!("make {}", beside.display()))?;
    let mut file = BufWriter::with_capacity(1 << 20, file);
    file.write_all(&header())?;
    for n in 0..frames {
        file.write_all(&packet(n))?;
    }
    file.flush()?;
    std::fs::rename(beside, path)?;
    Ok(())
}

fn header() -> Vec<u8> {
    let mut bytes = 0xa1b2_3c4d_u32.to_le_bytes().to_vec();
    bytes.extend([2, 0, 4, 0]);
    bytes.extend([0; 8]);
    bytes.extend(65_535_u32.to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    bytes
}

/// The `n`th packet, and pcap's words before it.
fn packet(n: u64) -> Vec<u8> {
    let (group, within) = (n / (AT_ONCE * EACH), n % (AT_ONCE * EACH));
    let (step, lane) = (within / AT_ONCE, within % AT_ONCE);
    let frame = frame(group * AT_ONCE + lane, step);
    let at = 1_700_000_000_000_000_000 + n * 10_000;
    let mut bytes = Vec::with_capacity(16 + frame.len());
    let words = [at / 1_000_000_000, at % 1_000_000_000];
    let size = frame.len() as u64;
    for word in words.into_iter().chain([size, size]) {
        bytes.extend((word as u32).to_le_bytes());
    }
    bytes.extend(frame);
    bytes
}

/// A step of a connection: SYN, SYN ACK, ACK, data and its ACK by turns, FINs.
fn frame(connection: u64, step: u64) -> Vec<u8> {
    let sent = (step.saturating_sub(3) / 2).min((EACH - 6) / 2) as u32;
    let sent = sent * SEGMENT as u32;
    let last = EACH - 3;
    let (client, flags, seq, ack, size) = match step {
        0 => (true, 0x02, 0, 0, 0),
        1 => (false, 0x12, 0, 1, 0),
        2 => (true, 0x10, 1, 1, 0),
        _ if step == last => (true, 0x11, 1 + sent, 1, 0),
        _ if step == last + 1 => (false, 0x11, 1, 2 + sent, 0),
        _ if step > last + 1 => (true, 0x10, 2 + sent, 2, 0),
        _ if step % 2 == 1 => (true, 0x18, 1 + sent, 1, SEGMENT),
        _ => (false, 0x10, 1, 1 + sent + SEGMENT as u32, 0),
    };
    let start = (connection as u32).wrapping_mul(2_654_435_761);
    let port = 40_000 + (connection % 10_000) as u16;
    let host = [198, 51, 100, 1 + (connection / 10_000 % 200) as u8];
    let server = [192, 0, 2, 1];
    let (from, to) = if client { (host, server) } else { (server, host) };
    let ports = if client { (port, 80) } else { (80, port) };
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0];
    frame.extend(ip(from, to, 20 + size));
    let at = frame.len();
    frame.extend(u16::to_be_bytes(ports.0));
    frame.extend(u16::to_be_bytes(ports.1));
    frame.extend(start.wrapping_add(seq).to_be_bytes());
    frame.extend(start.wrapping_add(ack).to_be_bytes());
    frame.extend([0x50, flags, 0xfa, 0xf0, 0, 0, 0, 0]);
    frame.resize(frame.len() + size, b'x');
    let sum = sum_of(from, to, &frame[at..]);
    frame[at + 16..at + 18].copy_from_slice(&sum.to_be_bytes());
    frame
}

fn ip(from: [u8; 4], to: [u8; 4], size: usize) -> [u8; 20] {
    let mut ip = [0; 20];
    ip[..9].copy_from_slice(&[0x45, 0, 0, 0, 0, 0, 0x40, 0, 64]);
    ip[2..4].copy_from_slice(&(20 + size as u16).to_be_bytes());
    ip[9] = 6;
    ip[12..16].copy_from_slice(&from);
    ip[16..].copy_from_slice(&to);
    let sum = checksum(words(&ip));
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
    ip
}

fn sum_of(from: [u8; 4], to: [u8; 4], segment: &[u8]) -> u16 {
    let of = words(&from) + words(&to) + words(segment);
    checksum(of + 6 + segment.len() as u64)
}

fn words(bytes: &[u8]) -> u64 {
    let pairs = bytes.chunks(2).map(|pair| {
        let low = pair.get(1).copied().unwrap_or(0);
        u64::from(u16::from_be_bytes([pair[0], low]))
    });
    pairs.sum()
}

fn checksum(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_add_up_and_sizes_agree() {
        for step in 0..EACH {
            let frame = frame(7, step);
            let (ip, segment) = (&frame[14..34], &frame[34..]);
            assert_eq!(checksum(words(ip)), 0, "step {step}");
            let from = ip[12..16].try_into().unwrap();
            let to = ip[16..20].try_into().unwrap();
            assert_eq!(sum_of(from, to, segment), 0, "step {step}");
            let size = u16::from_be_bytes([ip[2], ip[3]]) as usize;
            assert_eq!(size + 14, frame.len());
        }
    }

    #[test]
    fn each_connection_has_two_fins_and_one_syn() {
        let flags = (0..EACH).map(|step| frame(3, step)[14 + 20 + 13]);
        let flags: Vec<u8> = flags.collect();
        assert_eq!(flags.iter().filter(|f| **f & 1 != 0).count(), 2);
        assert_eq!(flags.iter().filter(|f| **f == 2).count(), 1);
    }
}
