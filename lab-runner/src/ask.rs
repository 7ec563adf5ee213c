//! A question to a lab's program -> its answer, or the end of our patience.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use lab_kit::patient;
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A lab computes its answer from what it has: seconds are an endless loop.
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts the program, gives it the input, and waits for its end. It dies with
/// this thread.
pub(crate) fn ask(command: &mut Command, input: Vec<u8>) -> Result<Output> {
    let mut child = dying_with_us(command)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("start {:?}", command.get_program()))?;
    let pid = Pid::from_raw(child.id() as i32);
    let mut stdin = child.stdin.take().context("its input")?;
    // In a thread: a lab that prints before it has read must not block us.
    std::thread::spawn(move || stdin.write_all(&input));
    answer(child, pid)
}

/// The program will not outlive the thread that starts it.
pub(crate) fn dying_with_us(command: &mut Command) -> &mut Command {
    let tie = || prctl::set_pdeathsig(Signal::SIGKILL).map_err(Into::into);
    // SAFETY: between fork and exec only prctl is called, which is
    // async-signal-safe.
    unsafe { command.pre_exec(tie) }
}

fn answer(child: Child, pid: Pid) -> Result<Output> {
    let patience = patient(PATIENCE);
    let (tell, hear) = channel();
    std::thread::spawn(move || tell.send(child.wait_with_output()));
    match hear.recv_timeout(patience) {
        Ok(output) => output.context("wait for its answer"),
        Err(RecvTimeoutError::Timeout) => {
            kill(pid, Signal::SIGKILL).context("stop it")?;
            bail!(
                "no answer in {} s, so it was stopped: is there an endless \
                 loop in it?",
                patience.as_secs()
            )
        }
        Err(RecvTimeoutError::Disconnected) => bail!("nobody heard its answer"),
    }
}
