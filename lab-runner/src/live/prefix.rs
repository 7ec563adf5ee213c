//! A capture that still grows -> the frames that are whole so far.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;

use lab_trace::Frame;
use lab_trace::reader::frames;

use crate::stage::SHOWN;

/// Of a pcap file.
const HEADER: usize = 24;
/// Of each of its frames.
const FRAME_HEADER: usize = 16;

/// What has been read of one capture.
#[derive(Default)]
pub(super) struct Prefix {
    pub(super) frames: Vec<Frame>,
    /// Where the next frame begins.
    next: u64,
}

/// Reads on from a place, and leaves the file's own place alone: others have
/// the same file open.
struct Onwards<'a> {
    file: &'a File,
    at: u64,
}

impl Read for Onwards<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Prefix {
    /// Reads what has come; whether there is more than is shown.
    pub(super) fn read(&mut self, file: &File) -> bool {
        let mut header = [0; HEADER];
        if file.read_exact_at(&mut header, 0).is_err() {
            return false;
        }
        self.next = self.next.max(HEADER as u64);
        let rest = Onwards { file, at: self.next };
        let mut full = false;
        // The last frame may be half there: it is read next time.
        let _ = frames(header.as_slice().chain(rest), &mut |frame| {
            full |= self.frames.len() as u64 >= SHOWN;
            if full {
                anyhow::bail!("enough");
            }
            self.next += (FRAME_HEADER + frame.bytes.len()) as u64;
            let (at, bytes, len) = (frame.at, frame.bytes.to_vec(), frame.len);
            self.frames.push(Frame { at, bytes, len });
            Ok(())
        });
        full
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn frame(second: u32, len: usize) -> Vec<u8> {
        let head = [second, 0, len as u32, len as u32].map(u32::to_le_bytes);
        [head.concat(), vec![second as u8; len]].concat()
    }

    #[test]
    fn a_capture_that_grows_is_read_on_from_its_last_whole_frame() {
        let mut file = tempfile::tempfile().unwrap();
        let mut header = 0xa1b2_3c4d_u32.to_le_bytes().to_vec();
        header.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
        header.extend([1, 0, 0, 0]);
        let mut prefix = Prefix::default();
        file.write_all(&header[..20]).unwrap();
        prefix.read(&file);
        assert!(prefix.frames.is_empty());
        let (first, second) = (frame(1, 60), frame(2, 70));
        file.write_all(&header[20..]).unwrap();
        file.write_all(&first).unwrap();
        file.write_all(&second[..33]).unwrap();
        prefix.read(&file);
        assert_eq!(prefix.frames.len(), 1);
        prefix.read(&file);
        file.write_all(&second[33..]).unwrap();
        prefix.read(&file);
        let lens: Vec<_> = prefix.frames.iter().map(|f| f.len).collect();
        assert_eq!(lens, [60, 70]);
        assert_eq!(prefix.frames[1].at, 2_000_000_000);
    }
}
