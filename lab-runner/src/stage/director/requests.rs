//! What programs ask of the director, and what it answers.

use std::collections::BTreeMap;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use lab_kit::protocol::{Reply, Request};
use lab_kit::{MarkSeen, Observation, QuietSeen, Socket, Step, patient};

use super::{Awaited, Director, now};
use crate::kernel::counters;
use crate::stage::answer::Answer;
use crate::stage::teller::Told;
use crate::stage::wire::Wire;
use crate::topology::netfilter;

const MOST_SOCKETS: usize = 1000;

impl Director {
    /// Sees to one request of a player.
    pub(super) fn answer(&mut self, n: usize, request: Request) -> Result<()> {
        let role = self.players[n].role.clone();
        let start = self.start;
        let reply = match request {
            Request::Mark { name, at } => {
                for wire in &mut self.wires {
                    wire.mark(&name)?;
                }
                let mark = MarkSeen { role, name, at: at - start };
                self.teller.tell(|| Told::Mark(mark.clone()));
                self.marks.push(mark);
                return Ok(());
            }
            Request::Observe { host, key, value, at, measured } => {
                let at = at - start;
                let saw = Observation { host, key, value, at, measured };
                self.teller.tell(|| Told::Saw(saw.clone()));
                self.observations.push(saw);
                return Ok(());
            }
            Request::Quiet { reason, ns, at } => {
                let at = at - start;
                let quiet = QuietSeen { role, reason, ns, at };
                self.teller.tell(|| Told::Quiet(quiet.clone()));
                self.quiets.push(quiet);
                return Ok(());
            }
            Request::WaitFor { name } => {
                self.waiting.push((n, Awaited::Mark(name)));
                return Ok(());
            }
            Request::Held { from } => {
                self.waiting.push((n, Awaited::Held(from)));
                return Ok(());
            }
            Request::Answered { n: which } => {
                if which >= self.answers.len() {
                    bail!("{role} waits for an answer that was not started");
                }
                self.waiting.push((n, Awaited::Answer(which)));
                return Ok(());
            }
            Request::Answer { host, arguments } => {
                self.start_answer(&host, &arguments)
            }
            Request::StopAnswer { n } => {
                if let Some(answer) = self.answers.get_mut(n) {
                    answer.stop();
                }
                Ok(Reply::Ok)
            }
            Request::Step { label } => self.step(label),
            Request::Sockets { host } => self.sockets(&host),
            Request::Device { host, device } => self.device(&host, &device),
            Request::DropAt { host, hook } => self.drop_at(&host, hook),
            Request::Counter { host, name } => self.counter(&host, &name),
            Request::Deliver { from } => self.deliver(&from),
            Request::Lose { from } => self.on_wire(&from, Wire::lose),
            Request::Hold => self.each_wire(|wire| {
                wire.hold();
                Ok(())
            }),
            Request::Release => self.each_wire(Wire::release),
            Request::Done => self.done(n),
        };
        let reply = reply.unwrap_or_else(|error| Reply::Error {
            message: format!("{error:#}"),
        });
        self.players[n].reply(&reply)
    }

    fn start_answer(
        &mut self,
        host: &str,
        arguments: &[String],
    ) -> Result<Reply> {
        if !self.job.plan.answers.iter().any(|declared| declared == host) {
            bail!(
                "no answer runs in {host}: Experiment::answered_by({host:?})"
            );
        }
        let n = self.index_of(host)?;
        let namespace = self.network.hosts[n].namespace.fd().as_raw_fd();
        let program = self.job.answer.clone().unwrap_or_default();
        let answer = Answer::start(&program, host, arguments, namespace)?;
        self.answers.push(answer);
        Ok(Reply::Started { n: self.answers.len() - 1 })
    }

    fn done(&mut self, n: usize) -> Result<Reply> {
        self.players[n].done = true;
        if self.job.plan.ends_with_script {
            self.finish_capture()?;
            self.last_words = Some(self.hear_last_words()?);
        }
        Ok(Reply::Ok)
    }

    /// Answers those who wait for what has meanwhile happened.
    pub(super) fn answer_waiting(&mut self) -> Result<()> {
        let mut still = Vec::new();
        for (n, awaited) in std::mem::take(&mut self.waiting) {
            match self.reply_for(&awaited) {
                Some(reply) => self.players[n].reply(&reply)?,
                None => still.push((n, awaited)),
            }
        }
        self.waiting = still;
        self.check_that_somebody_moves()
    }

    fn reply_for(&self, awaited: &Awaited) -> Option<Reply> {
        match awaited {
            Awaited::Mark(name) => {
                let seen = self.marks.iter().any(|mark| mark.name == *name);
                seen.then_some(Reply::Ok)
            }
            Awaited::Answer(n) => {
                Some(Reply::Ended { how: self.answers.get(*n)?.how()? })
            }
            Awaited::Held(from) => {
                let held = self.wires.iter().find_map(|wire| {
                    wire.lane_of(from).and_then(|lane| wire.held(lane))
                });
                let frame = held?;
                let (flags, len) = (frame.flags.0, frame.len);
                Some(Reply::Frame { flags, len })
            }
        }
    }

    /// If all who still run wait for marks, nobody can announce one.
    fn check_that_somebody_moves(&self) -> Result<()> {
        let running: Vec<_> = (0..self.players.len())
            .filter(|&n| self.players[n].ended.is_none())
            .collect();
        let stuck = |n: &usize| {
            self.waiting.iter().any(|(who, awaited)| {
                who == n && matches!(awaited, Awaited::Mark(_))
            })
        };
        if running.is_empty() || !running.iter().all(stuck) {
            return Ok(());
        }
        let waits: Vec<String> = self
            .waiting
            .iter()
            .filter_map(|(n, awaited)| match awaited {
                Awaited::Mark(mark) => {
                    Some(format!("{} for {mark:?}", self.players[*n].role))
                }
                Awaited::Held(_) | Awaited::Answer(_) => None,
            })
            .collect();
        let marks: Vec<_> =
            self.marks.iter().map(|m| m.name.as_str()).collect();
        bail!(
            "everybody waits for a mark that nobody can announce any more: \
             {}; marks so far: {}",
            waits.join(", "),
            if marks.is_empty() { "none".into() } else { marks.join(", ") },
        )
    }

    fn index_of(&self, host: &str) -> Result<usize> {
        let hosts = &self.network.hosts;
        match hosts.iter().position(|h| h.name == host) {
            Some(n) => Ok(n),
            None => bail!("no host is named {host:?}"),
        }
    }

    pub(in crate::stage) fn sockets_of(
        &mut self,
        n: usize,
    ) -> Result<Vec<Socket>> {
        self.diags[n].sockets()
    }

    /// As [`Director::sockets_of`], but without listeners: much faster.
    pub(in crate::stage) fn connections_of(
        &mut self,
        n: usize,
    ) -> Result<Vec<Socket>> {
        self.diags[n].connections()
    }

    fn sockets(&mut self, host: &str) -> Result<Reply> {
        let n = self.index_of(host)?;
        let mut sockets = self.sockets_of(n)?;
        // An answer may open thousands: a reply has to fit into its channel.
        sockets.truncate(MOST_SOCKETS);
        Ok(Reply::Sockets { sockets })
    }

    fn counter(&mut self, host: &str, name: &str) -> Result<Reply> {
        let n = self.index_of(host)?;
        let all = counters(&self.network.hosts[n].namespace)?;
        let Some(after) = all.get(name) else {
            bail!("the kernel has no counter {name:?}")
        };
        let before = self.before[n].get(name).unwrap_or(0);
        Ok(Reply::Counter { value: after - before })
    }

    fn device(&mut self, host: &str, device: &str) -> Result<Reply> {
        let n = self.index_of(host)?;
        let namespace = &self.network.hosts[n].namespace;
        let device = namespace.routing(|routing| routing.device(device))?;
        Ok(Reply::Device { device })
    }

    fn drop_at(&mut self, host: &str, hook: Option<String>) -> Result<Reply> {
        let n = self.index_of(host)?;
        let namespace = &self.network.hosts[n].namespace;
        match hook {
            Some(hook) => netfilter::drop_at(namespace, &hook)?,
            None => netfilter::drop_no_more(namespace)?,
        }
        Ok(Reply::Ok)
    }

    fn step(&mut self, label: String) -> Result<Reply> {
        let at = now() - self.start;
        let mut states = BTreeMap::new();
        let mut sockets = BTreeMap::new();
        for n in 0..self.network.hosts.len() {
            let host = self.network.hosts[n].name.clone();
            let mut open = self.sockets_of(n)?;
            open.retain(|socket| socket.state != "LISTEN");
            let mut names: Vec<String> =
                open.iter().map(|socket| socket.state.clone()).collect();
            names.sort();
            states.insert(host.clone(), names);
            sockets.insert(host, open);
        }
        self.teller.tell(|| Told::Step {
            label: label.clone(),
            at,
            states: states.clone(),
        });
        self.steps.push(Step { label, at, states, sockets });
        Ok(Reply::Ok)
    }

    fn on_wire(
        &mut self,
        from: &str,
        act: impl Fn(&mut Wire, usize),
    ) -> Result<Reply> {
        for wire in &mut self.wires {
            if let Some(lane) = wire.lane_of(from) {
                act(wire, lane);
                return Ok(Reply::Ok);
            }
        }
        bail!("no wire leads from {from}: use link(wire(..)), not a cable")
    }

    fn each_wire(
        &mut self,
        act: impl Fn(&mut Wire) -> Result<()>,
    ) -> Result<Reply> {
        if self.wires.is_empty() {
            bail!("there is no wire: use link(wire(..)), not a cable");
        }
        self.wires.iter_mut().try_for_each(act)?;
        Ok(Reply::Ok)
    }

    /// Delivers one frame, and returns when the other kernel is through with
    /// it: a fence sent behind it on the same CPU has come out of the capture
    /// at the receiving end.
    fn deliver(&mut self, from: &str) -> Result<Reply> {
        let found = self
            .wires
            .iter()
            .enumerate()
            .find_map(|(w, wire)| wire.lane_of(from).map(|lane| (w, lane)));
        let Some((w, lane)) = found else {
            bail!("no wire leads from {from}: use link(wire(..)), not a cable")
        };
        let (number, frame) = self.fences.next_frame();
        let receiver = self.wires[w].ends[1 - lane].clone();
        let camera = self.camera_of(&receiver)?;
        crate::stage::drain::on_one_cpu(|| {
            self.wires[w].deliver(lane, &frame)
        })?;
        let longest = Instant::now() + patient(Duration::from_secs(5));
        while !self.cameras[camera].has_seen(number) {
            if Instant::now() > longest {
                bail!("a fence to {receiver} did not arrive in time");
            }
            let fd = self.cameras[camera].fd();
            crate::stage::poller::readable(&[fd], Duration::from_millis(50))?;
            self.cameras[camera].read()?;
        }
        Ok(Reply::Ok)
    }

    fn camera_of(&self, host: &str) -> Result<usize> {
        let taps = crate::stage::job::taps_of(&self.job.plan);
        match taps.iter().position(|tap| tap.host == host) {
            Some(n) => Ok(n),
            None => bail!("nothing is captured at {host}"),
        }
    }
}
