//! Somebody's answer to an exercise as a process: started in its host's
//! namespace, told where its peer is, and nothing else. It has no channel: only
//! the wire speaks for it.

use std::os::fd::RawFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::job::Answered;
use super::output::Output;
use super::player::{Ended, prepare};

pub(super) struct Answer {
    host: String,
    pub(super) pid: Pid,
    output: Output,
    pub(super) ended: Option<Ended>,
}

impl Answer {
    /// Starts it: a program and its first arguments, then those of the lab.
    pub(super) fn start(
        program: &[PathBuf],
        host: &str,
        arguments: &[String],
        namespace: RawFd,
    ) -> Result<Answer> {
        let (first, own) = program.split_first().context(
            "nobody gave an answer: this is an exercise, not an experiment",
        )?;
        let (output, out, err) = Output::new()?;
        let mut command = Command::new(first);
        command.args(own).args(arguments);
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        let parent = nix::unistd::getpid();
        // SAFETY: between fork and exec only async-signal-safe calls.
        unsafe {
            command.pre_exec(move || prepare(Some(namespace), &[], parent));
        }
        let child = command
            .spawn()
            .with_context(|| format!("start the answer {}", first.display()))?;
        let pid = Pid::from_raw(child.id() as i32);
        Ok(Answer { host: host.into(), pid, output, ended: None })
    }

    pub(super) fn fd(&self) -> Option<RawFd> {
        self.ended.is_none().then(|| self.output.fd())
    }

    pub(super) fn hear(&mut self) {
        self.output.hear();
    }

    pub(super) fn stop(&self) {
        if self.ended.is_none() {
            let _ = kill(self.pid, Signal::SIGKILL);
        }
    }

    /// `exit 0`, `SIGKILL`; nothing while it runs.
    pub(super) fn how(&self) -> Option<String> {
        self.ended.map(|ended| match ended {
            Ended::Code(code) => format!("exit {code}"),
            Ended::Signal(signal) => signal.to_string(),
        })
    }

    pub(super) fn noted(&mut self) -> Answered {
        Answered {
            host: self.host.clone(),
            how: self.how(),
            printed: self.output.words(),
        }
    }
}
