//! The wire: frames in at one port, out at the other, unless a rule says
//! otherwise. It sees every frame exactly once.

mod frame;
mod rules;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use anyhow::Result;
use lab_kit::Link;
use nix::errno::Errno;

pub(crate) use frame::Summary;
use rules::{Fate, Rules};

use super::fence;

const AT_ONCE: usize = 4096;

pub(super) struct Wire {
    pub(super) ends: [String; 2],
    ports: [OwnedFd; 2],
    rules: Rules,
    lanes: [Lane; 2],
    delay: Duration,
    rate_bps: u64,
    serial: u64,
    lost: u64,
}

/// One direction: `lanes[0]` carries what came in at `ports[0]`.
#[derive(Default)]
struct Lane {
    due: BinaryHeap<Reverse<(Instant, u64, Vec<u8>)>>,
    held: VecDeque<Vec<u8>>,
    /// Frames that wait to be overtaken, and by how many more.
    overtaken: Vec<(u32, Vec<u8>)>,
    busy_until: Option<Instant>,
    fences: Vec<u64>,
}

impl Wire {
    pub(super) fn new(link: &Link, ports: [OwnedFd; 2]) -> Wire {
        Wire {
            ends: link.ends.clone(),
            ports,
            rules: Rules::new(link),
            lanes: Default::default(),
            delay: Duration::from_nanos(link.delay_ns),
            rate_bps: link.rate_bps,
            serial: 0,
            lost: 0,
        }
    }

    pub(super) fn fds(&self) -> [RawFd; 2] {
        [self.ports[0].as_raw_fd(), self.ports[1].as_raw_fd()]
    }

    /// Which lane carries what this host sends.
    pub(super) fn lane_of(&self, host: &str) -> Option<usize> {
        self.ends.iter().position(|end| end == host)
    }

    /// Reads what has come in, and sends what is due. During a flood there is
    /// always more: others want to be heard, too.
    pub(super) fn work(&mut self) -> Result<()> {
        let mut buffer = [0u8; 65_600];
        for lane in 0..2 {
            for _ in 0..AT_ONCE {
                match nix::unistd::read(&self.ports[lane], &mut buffer) {
                    Ok(n) => self.take(lane, &buffer[..n])?,
                    Err(Errno::EAGAIN) => break,
                    // The link goes down when its host goes.
                    Err(Errno::ENETDOWN) => break,
                    Err(errno) => return Err(errno.into()),
                }
            }
        }
        self.send_due()
    }

    /// Frames that came faster than they were read, and for which the kernel
    /// had no room: no rule asked for that.
    pub(super) fn lost(&mut self) -> Result<u64> {
        for port in &self.ports {
            self.lost += fence::dropped(port)?;
        }
        Ok(self.lost)
    }

    fn take(&mut self, lane: usize, frame: &[u8]) -> Result<()> {
        if let Some(number) = fence::number(frame) {
            self.lanes[lane].fences.push(number);
            return Ok(());
        }
        let overtaking = self.lanes[lane].pass_by();
        match self.rules.fate(lane, &Summary::of(frame)) {
            Fate::Pass => self.schedule(lane, frame.to_vec(), Duration::ZERO),
            Fate::Drop => {}
            Fate::Delay(by) => self.schedule(lane, frame.to_vec(), by),
            Fate::Duplicate => {
                self.schedule(lane, frame.to_vec(), Duration::ZERO);
                self.schedule(lane, frame.to_vec(), Duration::ZERO);
            }
            Fate::Corrupt => {
                let mut spoiled = frame.to_vec();
                frame::flip_a_bit(&mut spoiled);
                self.schedule(lane, spoiled, Duration::ZERO);
            }
            Fate::Reorder(by) => {
                self.lanes[lane].overtaken.push((by, frame.to_vec()));
            }
            Fate::Hold => self.lanes[lane].held.push_back(frame.to_vec()),
        }
        for late in overtaking {
            self.schedule(lane, late, Duration::ZERO);
        }
        Ok(())
    }

    fn schedule(&mut self, lane: usize, frame: Vec<u8>, extra: Duration) {
        let now = Instant::now();
        let mut start = now;
        let bits = frame.len() as u64 * 8;
        let ns = (bits * 1_000_000_000).checked_div(self.rate_bps);
        if let Some(takes) = ns.map(Duration::from_nanos) {
            let busy = self.lanes[lane].busy_until.unwrap_or(now).max(now);
            start = busy + takes;
            self.lanes[lane].busy_until = Some(start);
        }
        self.serial += 1;
        let due = start + self.delay + extra;
        self.lanes[lane].due.push(Reverse((due, self.serial, frame)));
    }

    fn send_due(&mut self) -> Result<()> {
        let now = Instant::now();
        for lane in 0..2 {
            while let Some(Reverse((due, ..))) = self.lanes[lane].due.peek()
                && *due <= now
            {
                let Some(Reverse((.., frame))) = self.lanes[lane].due.pop()
                else {
                    break;
                };
                fence::put(&self.ports[1 - lane], &frame)?;
            }
        }
        Ok(())
    }

    /// How long until a frame is due.
    pub(super) fn next_due(&self) -> Option<Duration> {
        let due = self.lanes.iter().filter_map(|lane| lane.due.peek());
        let next = due.map(|Reverse((due, ..))| *due).min()?;
        Some(next.saturating_duration_since(Instant::now()))
    }

    pub(super) fn is_idle(&self) -> bool {
        self.lanes.iter().all(|lane| lane.due.is_empty())
    }

    pub(super) fn has_seen(&self, lane: usize, fence: u64) -> bool {
        self.lanes[lane].fences.contains(&fence)
    }

    /// The oldest held frame of a lane.
    pub(super) fn held(&self, lane: usize) -> Option<Summary> {
        self.lanes[lane].held.front().map(|frame| Summary::of(frame))
    }

    /// Takes the oldest held frame off, to be lost.
    pub(super) fn lose(&mut self, lane: usize) {
        self.lanes[lane].held.pop_front();
    }

    /// Delivers the oldest held frame, and a fence behind it.
    pub(super) fn deliver(&mut self, lane: usize, fence: &[u8]) -> Result<()> {
        if let Some(frame) = self.lanes[lane].held.pop_front() {
            fence::put(&self.ports[1 - lane], &frame)?;
        }
        fence::put(&self.ports[1 - lane], fence)
    }

    /// Sends a fence out at both ports.
    pub(super) fn fence(&self, fence: &[u8]) -> Result<()> {
        self.ports.iter().try_for_each(|port| fence::put(port, fence))
    }

    pub(super) fn hold(&mut self) {
        self.rules.hold_all(true);
    }

    /// Lets all held frames go, in order, and holds no more.
    pub(super) fn release(&mut self) -> Result<()> {
        self.rules.hold_all(false);
        self.let_go()
    }

    /// A mark was announced: rules begin and end with it.
    pub(super) fn mark(&mut self, name: &str) -> Result<()> {
        if self.rules.mark(name) {
            self.let_go()?;
        }
        Ok(())
    }

    /// The programs have ended: nobody is left to overtake what waits for it.
    pub(super) fn stop_reordering(&mut self) {
        for lane in 0..2 {
            for (_, late) in std::mem::take(&mut self.lanes[lane].overtaken) {
                self.schedule(lane, late, Duration::ZERO);
            }
        }
    }

    fn let_go(&mut self) -> Result<()> {
        for lane in 0..2 {
            while let Some(frame) = self.lanes[lane].held.pop_front() {
                self.schedule(lane, frame, Duration::ZERO);
            }
        }
        self.send_due()
    }
}

impl Lane {
    /// A frame passes: which of the overtaken have let enough by?
    fn pass_by(&mut self) -> Vec<Vec<u8>> {
        for (left, _) in &mut self.overtaken {
            *left = left.saturating_sub(1);
        }
        let (done, waiting) =
            self.overtaken.drain(..).partition(|(left, _)| *left == 0);
        self.overtaken = waiting;
        let done: Vec<(u32, Vec<u8>)> = done;
        done.into_iter().map(|(_, frame)| frame).collect()
    }
}
