//! A run's pcap or pcapng file -> its frames.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::reader::{Captured, Ended, frames_of};

/// LINKTYPE_ETHERNET.
const ETHERNET: u32 = 1;

/// One captured Ethernet frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// CLOCK_REALTIME, nanoseconds.
    pub at: i64,
    /// What was kept of it.
    pub bytes: Vec<u8>,
    /// Length on the wire.
    pub len: u32,
}

/// Reads all frames of a capture of Ethernet frames.
///
/// # Errors
/// Not a capture, truncated, or of another link type.
pub fn read(path: &Path) -> Result<Vec<Frame>> {
    // Of a descriptor in /proc: the file that it is open on.
    let named = std::fs::read_link(path).unwrap_or(path.into());
    let shown = named.display();
    let unreadable = || format!("{shown} can't be read as a capture");
    let file = File::open(path).with_context(unreadable)?;
    let length = file.metadata().with_context(unreadable)?.len();
    let mut all = Vec::new();
    let ended = frames_of(length, file, &mut |frame| {
        all.push(ethernet(&frame, all.len())?);
        Ok(())
    })
    .with_context(unreadable)?;
    match ended {
        Ended::Whole => Ok(all),
        Ended::BreaksOff(why) => {
            bail!("{shown} breaks off after {} frames: {why}", all.len())
        }
    }
}

fn ethernet(frame: &Captured, before: usize) -> Result<Frame> {
    if frame.link != ETHERNET {
        bail!(
            "it is a capture of {}, not of Ethernet frames",
            link_name(frame.link)
        );
    }
    if frame.at < 0 {
        bail!(
            "frame {} was captured {} s before 1970, which is no time of ours",
            before + 1,
            frame.at / -1_000_000_000
        );
    }
    Ok(Frame { at: frame.at, bytes: frame.bytes.into(), len: frame.len })
}

/// As libpcap calls it.
pub fn link_name(link: u32) -> String {
    let name = match link {
        0 => "NULL",
        1 => "ETHERNET",
        101 => "RAW",
        113 => "LINUX_SLL",
        228 => "IPV4",
        229 => "IPV6",
        276 => "LINUX_SLL2",
        other => return format!("link type {other}"),
    };
    name.into()
}
