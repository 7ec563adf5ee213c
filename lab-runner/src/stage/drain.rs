//! The end of a run: no socket owes a segment, no frame is under way, every
//! capture is complete -> notes.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use lab_kit::patient;
use nix::sched::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};
use nix::unistd::Pid;

use super::capture::Camera;
use super::director::Director;
use super::fence::{self, packet_socket};
use super::wire::Wire;
use crate::topology::Network;
use lab_trace::Tap;

/// States in which a kernel still owes its peer a segment.
const OWES: [&str; 5] =
    ["SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "LAST-ACK", "CLOSING"];

/// How long kernels may take to settle after the last program has ended.
const SETTLING: Duration = Duration::from_secs(4);

/// How often a count that does not agree is taken again: frames that are lost
/// stay lost.
const RECOUNTS: u32 = 3;

/// Sockets that can send a fence past every capture point.
pub(super) struct Fences {
    next: u64,
    /// At the tapped host itself, for what it sent.
    out: Vec<OwnedFd>,
    /// At the other end of a cable, for what it was sent.
    into: Vec<OwnedFd>,
}

impl Fences {
    pub(super) fn open(network: &Network, taps: &[Tap]) -> Result<Fences> {
        let mut fences = Fences { next: 0, out: Vec::new(), into: Vec::new() };
        for tap in taps {
            let Some((host, end)) = network.end(&tap.host, tap.link) else {
                continue;
            };
            let socket = packet_socket(&host.namespace, end.ifindex, false)?;
            fences.out.push(socket);
            let wired = network.wires.iter().any(|w| w.link == tap.link);
            if !wired && end.device != "lo" {
                let peer = &network.hosts[end.peer];
                let other = network.end(&peer.name, tap.link);
                if let Some((host, end)) = other {
                    let socket =
                        packet_socket(&host.namespace, end.ifindex, false)?;
                    fences.into.push(socket);
                }
            }
        }
        Ok(fences)
    }

    /// A fence that no one has sent yet.
    pub(super) fn next_frame(&mut self) -> (u64, Vec<u8>) {
        self.next += 1;
        // To a group address: taken by any interface, answered by none.
        let to = [0x03, 0, 0, 0, 0, 0];
        (self.next, fence::frame(self.next, [2, 0, 0, 0, 0xff, 0xff], to))
    }
}

/// Runs `act` without moving to another CPU, whose backlog is another queue.
pub(super) fn on_one_cpu<T>(act: impl FnOnce() -> Result<T>) -> Result<T> {
    let me = Pid::from_raw(0);
    let before = sched_getaffinity(me)?;
    let mut here = CpuSet::new();
    here.set(sched_getcpu()?)?;
    sched_setaffinity(me, &here)?;
    let result = act();
    sched_setaffinity(me, &before)?;
    result
}

impl Director {
    /// Waits until no socket owes a segment.
    pub(super) fn settle(&mut self) -> Result<()> {
        if self.is_closed() {
            return Ok(());
        }
        self.wires.iter_mut().for_each(Wire::stop_reordering);
        let longest = Instant::now() + patient(SETTLING);
        loop {
            let owing = self.owing()?;
            if owing.is_empty() && self.wires.iter().all(|w| w.is_idle()) {
                return Ok(());
            }
            if Instant::now() > longest {
                bail!(
                    "the programs have ended, but after {} s kernels still \
                     owe segments: {}. Let the experiment end cleanly, or say \
                     that it ends with its script (Experiment::ends_with_script)",
                    patient(SETTLING).as_secs(),
                    owing.join(", "),
                );
            }
            self.turn(Duration::from_micros(500))?;
        }
    }

    fn owing(&mut self) -> Result<Vec<String>> {
        let mut owing = Vec::new();
        for (n, host) in self.host_names().into_iter().enumerate() {
            for socket in self.connections_of(n)? {
                if OWES.contains(&socket.state.as_str()) || socket.timer == "on"
                {
                    owing.push(format!("{host} in {}", socket.state));
                }
            }
        }
        Ok(owing)
    }

    /// Sends fences past every capture point and reads until they have come.
    pub(super) fn finish_capture(&mut self) -> Result<()> {
        if self.is_closed() {
            return Ok(());
        }
        self.pass_fences()
    }

    fn pass_fences(&mut self) -> Result<()> {
        let longest = Instant::now() + patient(Duration::from_secs(10));
        let on_lo = self.fences.next + 1;
        let loopbacks = self.cameras.iter_mut().filter(|c| c.is_loopback());
        loopbacks.for_each(|camera| camera.ends_with(on_lo));
        let first = self.send_out()?;
        // The wire has read all that was sent to it when it reads the fence.
        while !self.wires_have_seen(first) || !self.wires_are_idle() {
            self.turn_before(longest)?;
        }
        let last = self.fences.next + 1;
        self.cameras.iter_mut().for_each(|camera| camera.ends_with(last));
        let second = self.send_in()?;
        let complete = |camera: &Camera| {
            let both = camera.has_seen(second) || camera.is_loopback();
            both && camera.has_seen(first)
        };
        while !self.cameras.iter().all(complete) {
            self.turn_before(longest)?;
        }
        Ok(())
    }

    fn send_out(&mut self) -> Result<u64> {
        let (number, frame) = self.fences.next_frame();
        for socket in &self.fences.out {
            fence::put(socket, &frame)?;
        }
        Ok(number)
    }

    fn send_in(&mut self) -> Result<u64> {
        let (number, frame) = self.fences.next_frame();
        for socket in &self.fences.into {
            fence::put(socket, &frame)?;
        }
        for wire in &self.wires {
            wire.fence(&frame)?;
        }
        Ok(number)
    }

    fn wires_have_seen(&self, fence: u64) -> bool {
        let both = |w: &Wire| w.has_seen(0, fence) && w.has_seen(1, fence);
        self.wires.iter().all(both)
    }

    fn wires_are_idle(&self) -> bool {
        self.wires.iter().all(|w| w.is_idle())
    }

    fn turn_before(&mut self, longest: Instant) -> Result<()> {
        if Instant::now() > longest {
            bail!("the capture did not come to its end within 10 s");
        }
        self.turn(Duration::from_millis(20))
    }

    /// Every capture's reason to distrust it, if it has one. A frame may pass
    /// between the last fence and a look at the counters, where sockets stay
    /// open: then both are looked at again, behind another fence.
    pub(super) fn incomplete(&mut self) -> Result<Option<String>> {
        let mut why = self.distrust()?;
        for _ in 0..RECOUNTS {
            if why.is_none() {
                break;
            }
            self.pass_fences()?;
            why = self.distrust()?;
        }
        Ok(why)
    }

    fn distrust(&mut self) -> Result<Option<String>> {
        // All of them, since that also finishes their pcaps.
        let each = self.cameras.iter_mut().map(Camera::complete);
        let each = each.collect::<Result<Vec<_>>>()?;
        if let Some(why) = each.into_iter().flatten().next() {
            return Ok(Some(why));
        }
        for wire in &mut self.wires {
            let lost = wire.lost()?;
            if lost > 0 {
                return Ok(Some(format!(
                    "the wire lost {lost} frames that it had no time to read"
                )));
            }
        }
        Ok(None)
    }
}
