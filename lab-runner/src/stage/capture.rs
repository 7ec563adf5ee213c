//! A host's interface -> frames in a pcap in memory, live when [`live`] returns.
//!
//! libpcap in immediate mode has fixed slots sized by the snap length, so that
//! is kept near the MTU; its `timeout` doesn't return on a quiet link, so the
//! handle is non-blocking and the director polls.

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, RawFd};

use anyhow::{Context, Result, bail};
use nix::sched::{CloneFlags, setns};
use pcap::{Active, Capture, Precision, Savefile};

use super::fence;
use super::teller::SHOWN;
use crate::kernel::interface_packets;
use crate::topology::Namespace;

/// Frames that an answer may cause: a run with more is ended.
pub(super) const FLOOD: u64 = 20_000;
/// Beyond them nothing is judged, so nothing is kept.
const KEPT: u64 = 2_000_000;
const AT_ONCE: usize = 4096;
const LEAST_SLOTS: u64 = 128;
const MOST_ROOM: u64 = 64 << 20;

pub(super) struct Camera {
    capture: Capture<Active>,
    save: Savefile,
    namespace: Namespace,
    device: String,
    /// Interface counters when the capture went live.
    before: u64,
    read: u64,
    /// Of those, as many as a watcher has been shown.
    shown: u64,
    /// The newest fence of each number that has come by.
    fences: Vec<u64>,
    /// The fence that ends the run.
    end: Option<u64>,
    ended: bool,
}

/// A capture that is live, or why there is none. It waits for the kernel, not
/// for a CPU (a ring buffer costs an RCU grace period): call it in a thread of
/// its own, which stays in the namespace and ends.
pub(super) fn live(
    namespace: impl AsFd,
    device: &str,
    mtu: u32,
    room: u64,
) -> Result<Capture<Active>> {
    // A slot takes the longest frame: few fit into a little, on lo.
    let least = u64::from(mtu) * LEAST_SLOTS;
    let room = room.clamp(least, MOST_ROOM);
    let open = || -> Result<Capture<Active>> {
        setns(namespace, CloneFlags::CLONE_NEWNET)?;
        let capture = Capture::from_device(device)?
            .immediate_mode(true)
            .snaplen(mtu as i32 + 100)
            .buffer_size(room as i32)
            .precision(Precision::Nano)
            .open()?;
        Ok(capture.setnonblock()?)
    };
    open().with_context(|| format!("capture on {device} with libpcap"))
}

impl Camera {
    /// Of a capture that is live, while nothing moves on the interface.
    pub(super) fn new(
        capture: Capture<Active>,
        namespace: &Namespace,
        device: &str,
        file: &File,
    ) -> Result<Camera> {
        let before = interface_packets(namespace, device)?;
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        let save = capture.savefile(path).context("a pcap in memory")?;
        Ok(Camera {
            capture,
            save,
            namespace: namespace.clone(),
            device: device.into(),
            before,
            read: 0,
            shown: 0,
            fences: Vec::new(),
            end: None,
            ended: false,
        })
    }

    pub(super) fn fd(&self) -> RawFd {
        self.capture.as_fd().as_raw_fd()
    }

    /// Frames that have passed.
    pub(super) fn count(&self) -> u64 {
        self.read
    }

    /// Whether a watcher of the run has not been shown all; the beginning of a
    /// long run is enough.
    pub(super) fn has_news(&self) -> bool {
        self.read > self.shown && self.shown < SHOWN
    }

    /// Puts what was read where a watcher finds it: libpcap keeps some back.
    pub(super) fn show(&mut self) {
        self.shown = self.read;
        let _ = self.save.flush();
    }

    /// Reads what is there; not all of a flood, during which others have to
    /// be heard too.
    pub(super) fn read(&mut self) -> Result<()> {
        for _ in 0..AT_ONCE {
            match self.capture.next_packet() {
                Ok(packet) => {
                    self.read += 1;
                    let keeps = self.read <= KEPT;
                    match fence::number(packet.data) {
                        Some(number) => {
                            self.ended |= self.end == Some(number);
                            self.fences.push(number);
                        }
                        None if self.ended => {}
                        None if keeps => self.save.write(&packet),
                        None => {}
                    }
                }
                Err(pcap::Error::TimeoutExpired) => return Ok(()),
                Err(error) => bail!("read from {}: {error}", self.device),
            }
        }
        Ok(())
    }

    /// The run ends with this fence: what passes later is counted, and is not
    /// part of it. The first end holds.
    pub(super) fn ends_with(&mut self, fence: u64) {
        self.end.get_or_insert(fence);
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.device == "lo"
    }

    pub(super) fn has_seen(&self, fence: u64) -> bool {
        self.fences.contains(&fence)
    }

    /// Everything is read: is it also everything that passed?
    pub(super) fn complete(&mut self) -> Result<Option<String>> {
        self.save.flush().context("finish the pcap")?;
        let stats = self.capture.stats()?;
        let lost = stats.dropped + stats.if_dropped;
        if lost > 0 {
            return Ok(Some(format!("libpcap lost {lost} frames")));
        }
        let passed = interface_packets(&self.namespace, &self.device)?;
        // On lo each packet is counted as sent and as received.
        let once = if self.is_loopback() { 2 } else { 1 };
        let passed = (passed - self.before) / once;
        Ok((passed != self.read).then(|| {
            format!(
                "{} counted {passed} frames, libpcap gave {}",
                self.device, self.read
            )
        }))
    }
}
