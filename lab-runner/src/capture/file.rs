//! A pcap or pcapng file -> its frames.

use std::path::Path;

use anyhow::{Context, Result, bail};
use pcap::{Capture, Linktype, Precision};

/// One captured Ethernet frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// CLOCK_REALTIME, nanoseconds.
    pub(crate) at: i64,
    pub(crate) bytes: Vec<u8>,
    /// Length on the wire.
    pub(crate) len: u32,
}

/// Reads all frames of a capture of Ethernet frames.
///
/// # Errors
/// Not a capture, truncated, or of another link type.
pub(crate) fn read(path: &Path) -> Result<Vec<Frame>> {
    // Of a descriptor in /proc: the file that it is open on.
    let named = std::fs::read_link(path).unwrap_or(path.into());
    let shown = named.display();
    let mut capture = Capture::from_file_with_precision(path, Precision::Nano)
        .with_context(|| format!("{shown} can't be read as a capture"))?;
    let kind = capture.get_datalink();
    if kind != Linktype::ETHERNET {
        let name = kind.get_name().unwrap_or_else(|_| kind.0.to_string());
        bail!("{shown} is a capture of {name}, not of Ethernet frames");
    }
    let mut frames = Vec::new();
    loop {
        match capture.next_packet() {
            Ok(packet) => {
                let ts = packet.header.ts;
                // With Precision::Nano libpcap keeps ns in tv_usec.
                let ns = ts.tv_sec.checked_mul(1_000_000_000);
                let at = ns.and_then(|ns| ns.checked_add(ts.tv_usec));
                let at = at.filter(|at| *at >= 0);
                frames.push(Frame {
                    at: at.with_context(|| {
                        format!(
                            "{shown}: frame {} was captured {} s after 1970, \
                             which is no time of ours",
                            frames.len() + 1,
                            ts.tv_sec
                        )
                    })?,
                    bytes: packet.data.into(),
                    len: packet.header.len,
                });
            }
            Err(pcap::Error::NoMorePackets) => return Ok(frames),
            Err(error) => bail!(
                "{shown} breaks off after {} frames: {error}",
                frames.len()
            ),
        }
    }
}
