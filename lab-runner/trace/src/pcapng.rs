//! Frames of several taps and marks -> a pcapng file, marks as comments.
//!
//! libpcap reads pcapng but can't write it. The blocks are those of
//! draft-ietf-opsawg-pcapng: section header, one interface description per
//! tap with nanosecond stamps, enhanced packets with an opt_comment.

use std::io::{Result, Write};

use super::file::Frame;

const OPT_COMMENT: u16 = 1;
const IF_NAME: u16 = 2;
const IF_TSRESOL: u16 = 9;

/// Writes taps' frames in order of time. `comments` is sorted by time; each
/// goes onto the first frame at or after its moment, the rest onto the last.
///
/// # Errors
/// What `out` says.
pub fn write(
    out: &mut impl Write,
    taps: &[(String, Vec<Frame>)],
    comments: &[(i64, String)],
) -> Result<()> {
    let mut header = Vec::new();
    header.extend(0x1A2B_3C4Du32.to_le_bytes());
    header.extend([1, 0, 0, 0]);
    header.extend(u64::MAX.to_le_bytes());
    block(out, 0x0A0D_0D0A, &header, &[])?;
    for (name, _) in taps {
        let ethernet_any_length = [1, 0, 0, 0, 0, 0, 0, 0];
        let options =
            [(IF_NAME, name.as_bytes().to_vec()), (IF_TSRESOL, vec![9])];
        block(out, 1, &ethernet_any_length, &options)?;
    }
    let mut frames: Vec<(u32, &Frame)> = taps
        .iter()
        .enumerate()
        .flat_map(|(n, (_, frames))| frames.iter().map(move |f| (n as u32, f)))
        .collect();
    frames.sort_by_key(|(_, frame)| frame.at);
    let mut rest = comments.iter().peekable();
    for (n, (tap, frame)) in frames.iter().enumerate() {
        let last = n + 1 == frames.len();
        let mut options = Vec::new();
        while let Some((_, text)) =
            rest.next_if(|(at, _)| last || *at <= frame.at)
        {
            options.push((OPT_COMMENT, text.as_bytes().to_vec()));
        }
        let stamp = frame.at as u64;
        let mut body = Vec::new();
        body.extend(tap.to_le_bytes());
        body.extend(((stamp >> 32) as u32).to_le_bytes());
        body.extend((stamp as u32).to_le_bytes());
        body.extend((frame.bytes.len() as u32).to_le_bytes());
        body.extend(frame.len.to_le_bytes());
        body.extend(&frame.bytes);
        pad(&mut body);
        block(out, 6, &body, &options)?;
    }
    out.flush()
}

fn block(
    out: &mut impl Write,
    kind: u32,
    body: &[u8],
    options: &[(u16, Vec<u8>)],
) -> Result<()> {
    let mut tail = Vec::new();
    for (code, value) in options {
        let value = &value[..value.len().min(60_000)];
        tail.extend(code.to_le_bytes());
        tail.extend((value.len() as u16).to_le_bytes());
        tail.extend(value);
        pad(&mut tail);
    }
    if !options.is_empty() {
        tail.extend([0; 4]);
    }
    let len = (12 + body.len() + tail.len()) as u32;
    out.write_all(&kind.to_le_bytes())?;
    out.write_all(&len.to_le_bytes())?;
    out.write_all(body)?;
    out.write_all(&tail)?;
    out.write_all(&len.to_le_bytes())
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libpcap_reads_what_we_write() {
        let frame = |at, byte| Frame { at, bytes: vec![byte; 61], len: 61 };
        let taps = [
            ("client".to_string(), vec![frame(5, 1), frame(9, 2)]),
            ("server".to_string(), vec![frame(7, 3)]),
        ];
        let comments = [(6, "listening".into()), (99, "the end".into())];
        let mut bytes = Vec::new();
        write(&mut bytes, &taps, &comments).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        let frames = super::super::read(file.path()).unwrap();
        let order: Vec<_> = frames.iter().map(|f| (f.at, f.bytes[0])).collect();
        assert_eq!(order, [(5, 1), (7, 3), (9, 2)]);
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("listening") && text.contains("the end"));
    }
}
