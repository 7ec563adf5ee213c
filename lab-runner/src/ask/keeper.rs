//! Work -> a thread that ends with this program and not before it: what is
//! started there dies with us, and not with whoever asked for it.

use std::os::unix::process::{CommandExt, parent_id};
use std::process::Command;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use nix::sys::prctl;
use nix::sys::signal::Signal;

type Work = Box<dyn FnOnce() + Send>;

static KEEPER: Mutex<Option<Sender<Work>>> = Mutex::new(None);

/// Has it done in that thread.
pub(super) fn keep(work: impl FnOnce() + Send + 'static) -> Result<()> {
    let mut keeper = KEEPER.lock().unwrap_or_else(PoisonError::into_inner);
    if keeper.is_none() {
        *keeper = Some(begin()?);
    }
    let keeper = keeper.as_ref().context("a thread")?;
    keeper.send(Box::new(work)).ok().context("its thread is gone")
}

fn begin() -> Result<Sender<Work>> {
    let (tell, hear) = channel::<Work>();
    let work = move || hear.into_iter().for_each(|work| work());
    std::thread::Builder::new().spawn(work).context("start a thread")?;
    Ok(tell)
}

/// The program will not outlive the thread that starts it.
pub(crate) fn dying_with_us(command: &mut Command) -> &mut Command {
    let us = std::process::id();
    let tie = move || {
        prctl::set_pdeathsig(Signal::SIGKILL)?;
        // Who died before that will not die again.
        match parent_id() == us {
            true => Ok(()),
            false => Err(std::io::ErrorKind::BrokenPipe.into()),
        }
    };
    // SAFETY: between fork and exec only prctl and getppid are called, which
    // are async-signal-safe.
    unsafe { command.pre_exec(tie) }
}
