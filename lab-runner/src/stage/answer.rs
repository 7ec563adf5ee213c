//! Somebody's answer to an exercise as a process: started in its host's
//! namespace, told where its peer is, and nothing else. It has no channel: only
//! the wire speaks for it. A learner's own answer is a plain process, which
//! strace and gdb show; a stranger's is in a box.

use std::os::fd::{BorrowedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use lab_box::{BoxSpec, End, LayerState, Running, Share, Source};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::Pid;

use super::job::{Answered, Boxed, Program};
use super::output::{Output, shortened};
use super::player::Ended;

pub(super) struct Answer {
    host: String,
    pub(super) pid: Pid,
    process: Process,
    /// `exit 0`, `SIGKILL`; nothing while it runs.
    how: Option<String>,
    /// It was told to end.
    stopped: bool,
    /// It was still running when the run had ended.
    ran_on: bool,
}

enum Process {
    Plain(Output),
    Boxed(Running),
    /// What was left of a box.
    Over {
        printed: String,
        layers: Vec<LayerState>,
    },
}

impl Answer {
    /// Starts it: a program and its first arguments, then those of the lab.
    pub(super) fn start(
        program: &Program,
        host: &str,
        arguments: &[String],
        namespace: RawFd,
    ) -> Result<Answer> {
        let (pid, process) = match &program.boxed {
            None => plain(program, arguments, namespace)?,
            Some(limits) => boxed(program, limits, arguments, namespace)?,
        };
        let pid = Pid::from_raw(pid as i32);
        Ok(Answer {
            host: host.into(),
            pid,
            process,
            how: None,
            stopped: false,
            ran_on: false,
        })
    }

    pub(super) fn is_over(&self) -> bool {
        self.how.is_some()
    }

    pub(super) fn fd(&self) -> Option<RawFd> {
        match &self.process {
            Process::Plain(output) if !self.is_over() => Some(output.fd()),
            _ => None,
        }
    }

    /// The run ends, and so must it, if it hasn't.
    pub(super) fn stop_with_the_run(&mut self) {
        self.ran_on = !self.is_over();
        self.stop();
    }

    pub(super) fn hear(&mut self) {
        if let Process::Plain(output) = &mut self.process {
            output.hear();
        }
    }

    pub(super) fn stop(&mut self) {
        if self.is_over() {
            return;
        }
        self.stopped = true;
        match &mut self.process {
            Process::Boxed(running) => running.end(),
            _ => drop(kill(self.pid, Signal::SIGKILL)),
        }
    }

    /// Its process, or its box's warden, has ended.
    pub(super) fn ended(&mut self, ended: Ended) -> Result<()> {
        self.how = Some(match ended {
            Ended::Code(code) => format!("exit {code}"),
            Ended::Signal(signal) => signal.to_string(),
        });
        let Process::Boxed(running) = &mut self.process else { return Ok(()) };
        let outcome = match running.outcome() {
            // Before its program began: there is nothing to tell of it.
            Err(_) if self.stopped => {
                self.how = Some(how(End::Stopped));
                self.process = Process::Over {
                    printed: String::new(),
                    layers: Vec::new(),
                };
                return Ok(());
            }
            outcome => outcome.context("the answer's box")?,
        };
        self.how = Some(how(outcome.end));
        let all = [outcome.stdout, outcome.stderr].concat();
        let (printed, layers) = (shortened(&all), outcome.layers);
        self.process = Process::Over { printed, layers };
        Ok(())
    }

    pub(super) fn how(&self) -> Option<String> {
        self.how.clone()
    }

    pub(super) fn noted(&mut self) -> Answered {
        let (printed, layers) = match &mut self.process {
            Process::Plain(output) => (output.words(), Vec::new()),
            Process::Over { printed, layers } => {
                (std::mem::take(printed), std::mem::take(layers))
            }
            Process::Boxed(_) => Default::default(),
        };
        let how = self.how().filter(|_| !self.ran_on);
        Answered { host: self.host.clone(), how, printed, layers }
    }
}

fn plain(
    program: &Program,
    arguments: &[String],
    namespace: RawFd,
) -> Result<(u32, Process)> {
    let (first, own) = program.command.split_first().context(
        "nobody gave an answer: this is an exercise, not an experiment",
    )?;
    let (output, out) = Output::new()?;
    let mut command = Command::new(first);
    command.args(own).args(arguments);
    command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out);
    let parent = nix::unistd::getpid();
    // SAFETY: between fork and exec only async-signal-safe calls.
    unsafe {
        command.pre_exec(move || prepare(namespace, parent));
    }
    let child = command
        .spawn()
        .with_context(|| format!("start the answer {}", first.display()))?;
    Ok((child.id(), Process::Plain(output)))
}

/// In the new process, before the program: die with pid 1, hear signals again,
/// enter the host.
fn prepare(namespace: RawFd, parent: Pid) -> std::io::Result<()> {
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
    if nix::unistd::getppid() != parent {
        return Err(std::io::ErrorKind::BrokenPipe.into());
    }
    SigSet::empty().thread_set_mask()?;
    // SAFETY: a plain setns on a descriptor that we hold.
    if unsafe { libc::setns(namespace, libc::CLONE_NEWNET) } < 0 {
        return Err(std::io::Error::last_os_error());
    }
    Ok(())
}

fn boxed(
    program: &Program,
    limits: &Boxed,
    arguments: &[String],
    namespace: RawFd,
) -> Result<(u32, Process)> {
    let (first, own) = program.command.split_first().context("no program")?;
    let mut spec = BoxSpec::new(first);
    spec.args = own.iter().map(|word| word.as_os_str().into()).collect();
    spec.args.extend(arguments.iter().map(Into::into));
    spec.files = limits
        .shares
        .iter()
        .map(|(outside, inside)| Share {
            source: Source::Path(outside.clone()),
            inside: inside.clone(),
            writable: false,
        })
        .collect();
    // SAFETY: the network keeps its hosts' namespaces open.
    let namespace = unsafe { BorrowedFd::borrow_raw(namespace) };
    spec.netns = Some(namespace.try_clone_to_owned()?);
    spec.limits = limits.limits.clone();
    spec.cgroup = limits.cgroup;
    let running = lab_box::start(spec).context("start the answer's box")?;
    Ok((running.pid(), Process::Boxed(running)))
}

/// As the shell's user would say it.
fn how(end: End) -> String {
    match end {
        End::Exited(code) => format!("exit {code}"),
        End::Signalled(number) => match Signal::try_from(number) {
            Ok(signal) => signal.to_string(),
            Err(_) => format!("signal {number}"),
        },
        End::Stopped => Signal::SIGKILL.to_string(),
        End::WallLimit => "SIGKILL: its time was over".into(),
        End::OutputLimit => "SIGKILL: it printed too much".into(),
        End::OutOfMemory => "SIGKILL: it used too much memory".into(),
    }
}
