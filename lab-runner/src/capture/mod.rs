//! pcap files -> frames, and frames -> pcap files.

mod file;
mod pcapng;

pub(crate) use file::{Frame, read};
pub(crate) use pcapng::write as write_pcapng;
