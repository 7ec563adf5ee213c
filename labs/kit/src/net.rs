//! All that a host's program may ask while it runs.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs::File;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{BorrowedFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sched::{CloneFlags, setns};
use nix::time::{ClockId, clock_gettime};

use crate::channel::Channel;
use crate::evidence::{Device, Socket};
use crate::knob::truth;
use crate::patience::patient;
use crate::protocol::{Hello, Reply, Request};
use crate::raw::Raw;

/// How long a program waits for what never comes.
const VAIN: Duration = Duration::from_secs(8);

/// The network as one host's program, or the script of all hosts, sees it.
pub struct Net {
    channel: Channel,
    hello: Hello,
    /// The host that we are just now: the program's own, or inside `on`.
    here: RefCell<String>,
    home: File,
    kept: RefCell<Vec<OwnedFd>>,
    /// An answer has been waited for in vain ([`Net::still`]).
    pub(crate) restless: Cell<bool>,
}

impl Net {
    pub(crate) fn open(stream: UnixStream, fds: Vec<OwnedFd>) -> Result<Net> {
        let (channel, hello) = Channel::open(stream, fds)?;
        let here = RefCell::new(hello.role.clone());
        let home = File::open("/proc/thread-self/ns/net")
            .context("/proc is not mounted, so no namespace can be entered")?;
        let (kept, restless) = (RefCell::default(), Cell::default());
        Ok(Net { channel, hello, here, home, kept, restless })
    }

    /// The channel to the runner, for who tests the runner.
    #[doc(hidden)]
    pub fn channel(&self) -> RawFd {
        self.channel.fd()
    }

    /// This host's own address.
    pub fn here(&self, port: u16) -> SocketAddr {
        let here = self.here.borrow().clone();
        self.at(&here, port)
    }

    /// Another host's address, as this host reaches it.
    ///
    /// # Panics
    /// If no link joins the two; the plan is checked before anything starts.
    pub fn at(&self, host: &str, port: u16) -> SocketAddr {
        let here = self.here.borrow();
        let known = &self.hello.addresses;
        let from = known.get(here.as_str()).or_else(|| known.get(host));
        let address = from.and_then(|there| there.get(host));
        let Some(address) = address else {
            panic!("no link joins {here} to a host named {host:?}")
        };
        let ip: IpAddr = address.parse().expect("the runner sends addresses");
        SocketAddr::new(ip, port)
    }

    /// Whether an option is switched on: `nodelay` of this host, or
    /// `server:nodelay` of any.
    pub fn knob(&self, key: &str) -> bool {
        self.value(key).is_some_and(|v| truth(v) != "0")
    }

    /// An option as a number.
    ///
    /// # Errors
    /// If it isn't declared or isn't a number.
    pub fn number(&self, key: &str) -> Result<u64> {
        let value = self.value(key).with_context(|| {
            format!("no option {key:?}: declare it with Experiment::option")
        })?;
        value.parse().with_context(|| format!("option {key}={value}: a number"))
    }

    /// An option as it was written.
    pub fn value(&self, key: &str) -> Option<String> {
        let options = &self.hello.options;
        let own = format!("{}:{key}", self.here.borrow());
        options.get(key).or_else(|| options.get(&own)).cloned()
    }

    /// Announces a fact; others await it with [`wait_for`](Net::wait_for).
    pub fn mark(&self, name: &str) -> Result<()> {
        self.channel.tell(&Request::Mark { name: name.into(), at: now() })
    }

    /// Waits until somebody has announced this.
    ///
    /// # Errors
    /// If everybody who could announce it has ended.
    pub fn wait_for(&self, name: &str) -> Result<()> {
        self.channel.ask(&Request::WaitFor { name: name.into() }).map(drop)
    }

    /// Keeps a value as evidence: an errno, a byte count.
    pub fn observe(
        &self,
        key: &str,
        value: impl std::fmt::Display,
    ) -> Result<()> {
        self.keep_value(key, value.to_string(), false)
    }

    /// Keeps a value that differs from run to run, for claims and figures: no
    /// snapshot and no ladder shows it.
    pub fn measure(
        &self,
        key: &str,
        value: impl std::fmt::Display,
    ) -> Result<()> {
        self.keep_value(key, value.to_string(), true)
    }

    fn keep_value(
        &self,
        key: &str,
        value: String,
        measured: bool,
    ) -> Result<()> {
        let (host, key) = (self.here.borrow().clone(), key.into());
        let at = now();
        self.channel.tell(&Request::Observe { host, key, value, at, measured })
    }

    /// Pauses, because the pause is the experiment; it shows in the ladder
    /// with its reason.
    pub fn quiet(&self, pause: Duration, reason: &str) -> Result<()> {
        self.channel.tell(&Request::Quiet {
            reason: reason.into(),
            ns: pause.as_nanos() as u64,
            at: now(),
        })?;
        rest(pause);
        Ok(())
    }

    /// Waits until a condition holds, looking 5,000 times a second at first and
    /// less often the longer it takes.
    ///
    /// # Errors
    /// After 8 seconds, or [`patient`] ones; `what` says what never came.
    pub fn until(
        &self,
        what: &str,
        mut holds: impl FnMut() -> Result<bool>,
    ) -> Result<()> {
        let (start, longest) = (Instant::now(), patient(VAIN));
        while !holds()? {
            if start.elapsed() > longest {
                let s = longest.as_secs();
                bail!("waited {s} s in vain until {what}");
            }
            rest(pace(start.elapsed()));
        }
        Ok(())
    }

    /// Waits until a host has a TCP socket in this state (`TIME-WAIT`).
    pub fn until_state(&self, host: &str, state: &str) -> Result<()> {
        self.until(&format!("{host} is in {state}"), || {
            Ok(self.sockets(host)?.iter().any(|s| s.state == state))
        })
    }

    /// A host's TCP sockets, as sock_diag lists them.
    pub fn sockets(&self, host: &str) -> Result<Vec<Socket>> {
        match self.channel.ask(&Request::Sockets { host: host.into() })? {
            Reply::Sockets { sockets } => Ok(sockets),
            other => bail!("asked for sockets, was told {other:?}"),
        }
    }

    /// A host's interface (`lo`, `eth0`), as it is just now.
    pub fn device(&self, host: &str, device: &str) -> Result<Device> {
        let (host, device) = (host.into(), device.into());
        match self.channel.ask(&Request::Device { host, device })? {
            Reply::Device { device } => Ok(device),
            other => bail!("asked for an interface, was told {other:?}"),
        }
    }

    /// From now on a host's netfilter drops every packet at this hook
    /// (`prerouting`, `input`, `forward`, `output`, `postrouting`), as `nft`
    /// would; `None`: it drops no more.
    pub fn drop_at(&self, host: &str, hook: Option<&str>) -> Result<()> {
        let (host, hook) = (host.into(), hook.map(Into::into));
        self.channel.ask(&Request::DropAt { host, hook }).map(drop)
    }

    /// How much a kernel counter of a host grew since the start of the run.
    pub fn counter(&self, host: &str, name: &str) -> Result<i64> {
        let (host, name) = (host.into(), name.into());
        match self.channel.ask(&Request::Counter { host, name })? {
            Reply::Counter { value } => Ok(value),
            other => bail!("asked for a counter, was told {other:?}"),
        }
    }

    /// Records the states of all hosts' sockets; they show in the ladder.
    pub fn step(&self, label: &str) -> Result<()> {
        self.channel.ask(&Request::Step { label: label.into() }).map(drop)
    }

    /// For a script: does something as this host. A socket made inside keeps
    /// this host's namespace for good.
    ///
    /// # Panics
    /// If the namespace can't be entered: the script can't go on.
    pub fn on<T>(&self, host: &str, act: impl FnOnce() -> T) -> T {
        let fd = self.hello.namespaces.get(host);
        let fd = *fd.unwrap_or_else(|| panic!("no host named {host:?}"));
        // SAFETY: the runner left this descriptor open for our lifetime.
        let namespace = unsafe { BorrowedFd::borrow_raw(fd) };
        let before = self.here.replace(host.into());
        setns(namespace, CloneFlags::CLONE_NEWNET).expect("enter a namespace");
        let result = act();
        self.back_to(&before);
        self.here.replace(before);
        result
    }

    /// Into the host that `on` was called from, or home.
    fn back_to(&self, before: &str) {
        let left = match self.hello.namespaces.get(before) {
            Some(&fd) => {
                // SAFETY: as in `on`.
                let outer = unsafe { BorrowedFd::borrow_raw(fd) };
                setns(outer, CloneFlags::CLONE_NEWNET)
            }
            None => setns(&self.home, CloneFlags::CLONE_NEWNET),
        };
        left.expect("leave a namespace");
    }

    /// Keeps a socket open until the run has ended: dropped at the end of its
    /// function it would send a FIN, or a RST.
    pub fn keep(&self, socket: impl Into<OwnedFd>) {
        self.kept.borrow_mut().push(socket.into());
    }

    /// Waits until the wire holds a frame from this host, and tells its flags
    /// and payload length: `("S", 0)`.
    pub fn held(&self, from: &str) -> Result<(String, u32)> {
        match self.channel.ask(&Request::Held { from: from.into() })? {
            Reply::Frame { flags, len } => Ok((flags, len)),
            other => bail!("asked for a frame, was told {other:?}"),
        }
    }

    /// Waits for a held frame from this host and delivers it; when this
    /// returns, the other kernel has processed it.
    pub fn deliver(&self, from: &str) -> Result<()> {
        self.held(from)?;
        self.channel.ask(&Request::Deliver { from: from.into() }).map(drop)
    }

    /// Waits for a held frame from this host and loses it.
    pub fn lose(&self, from: &str) -> Result<()> {
        self.held(from)?;
        self.channel.ask(&Request::Lose { from: from.into() }).map(drop)
    }

    /// From now on the wire holds every frame.
    pub fn hold(&self) -> Result<()> {
        self.channel.ask(&Request::Hold).map(drop)
    }

    /// Delivers all that the wire holds, and lets later frames through.
    pub fn release(&self) -> Result<()> {
        self.channel.ask(&Request::Release).map(drop)
    }

    /// Starts the answer to an exercise in this host and tells it these
    /// words, usually where its peer is. The answer's number is returned.
    ///
    /// # Errors
    /// If the exercise didn't declare the host with
    /// `Experiment::answered_by`, or nobody gave an answer.
    pub fn answer(&self, arguments: &[&str]) -> Result<usize> {
        let arguments = arguments.iter().map(ToString::to_string).collect();
        let host = self.here.borrow().clone();
        match self.channel.ask(&Request::Answer { host, arguments })? {
            Reply::Started { n } => Ok(n),
            other => bail!("asked to start an answer, was told {other:?}"),
        }
    }

    /// Waits until an answer has ended, and tells how: `exit 0`, `SIGKILL`.
    pub fn answered(&self, n: usize) -> Result<String> {
        match self.channel.ask(&Request::Answered { n })? {
            Reply::Ended { how } => Ok(how),
            other => bail!("waited for an answer, was told {other:?}"),
        }
    }

    /// Kills an answer that still runs, and waits for its end.
    pub fn stop_answer(&self, n: usize) -> Result<String> {
        self.channel.ask(&Request::StopAnswer { n })?;
        self.answered(n)
    }

    /// A raw peer: a host without an IP stack, whose segments we build.
    ///
    /// # Errors
    /// If the experiment didn't declare the host with `Experiment::raw` or
    /// `Experiment::forges`.
    pub fn raw(&self, host: &str) -> Result<Raw> {
        let end = self.hello.raw.get(host).with_context(|| {
            format!("{host} is no raw peer: declare it with Experiment::raw or ::forges")
        })?;
        Raw::new(end)
    }

    /// The hosts that a script plays.
    pub(crate) fn script_hosts(&self) -> Vec<String> {
        self.hello.namespaces.keys().cloned().collect()
    }

    pub(crate) fn done(&self) -> Result<()> {
        self.channel.ask(&Request::Done).map(drop)
    }

    /// Every option in force, `host:key -> value`.
    pub fn options(&self) -> &BTreeMap<String, String> {
        &self.hello.options
    }
}

/// The one clock that packets and marks share, in nanoseconds.
pub(crate) fn now() -> i64 {
    let t = clock_gettime(ClockId::CLOCK_REALTIME).expect("it has a clock");
    t.tv_sec() * 1_000_000_000 + t.tv_nsec()
}

pub(crate) fn rest(pause: Duration) {
    let until = Instant::now() + pause;
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        let wait = nix::sys::time::TimeSpec::from_duration(left);
        // pause: the only place where a program sleeps
        let _ = nix::poll::ppoll(&mut [], Some(wait), None);
    }
}

/// How soon to look again. Who looks thousands of times in vain waits
/// thousands of times for a CPU, and would seem to have been kept from it.
fn pace(waited: Duration) -> Duration {
    (waited / 20).clamp(Duration::from_micros(200), Duration::from_millis(50))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_long_looks_seldom() {
        let ms = Duration::from_millis;
        let micros = Duration::from_micros;
        let all = [0, 4, 40, 1000, 8000].map(|waited| pace(ms(waited)));
        assert_eq!(all, [micros(200), micros(200), ms(2), ms(50), ms(50)]);
    }
}
