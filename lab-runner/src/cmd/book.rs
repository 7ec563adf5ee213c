//! `lab-runner book build|serve`: starts lab-book, built on demand, since
//! mdbook costs as much to compile as everything else.

use std::process::Command;

use anyhow::{Context, Result};
use nix::sys::signal::{
    SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction,
};

use crate::ask::dying_with_us;
use crate::discover::Project;

/// Hands the arguments to lab-book and returns its exit code.
pub(crate) fn book(project: &Project, arguments: &[String]) -> Result<u8> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let own = std::env::current_exe().context("find this program")?;
    let mut lab_book = Command::new(cargo);
    lab_book
        .args(["run", "--quiet", "-p", "lab-book", "--manifest-path"])
        .arg(project.root.join("Cargo.toml"))
        .arg("--")
        .args(arguments)
        .env("LAB_ROOT", &project.root)
        // For what the pages run.
        .env("LAB_RUNNER", own);
    leave_interrupts_to_the_child()?;
    let status = dying_with_us(&mut lab_book)
        .status()
        .context("start cargo: is Rust installed and on PATH?")?;
    Ok(status.code().map_or(2, |code| code as u8))
}

/// A terminal's Ctrl-C reaches both: lab-book puts its things away, and dies
/// with us. So it goes first; a handler, unlike a signal that is ignored, does
/// not outlive exec.
fn leave_interrupts_to_the_child() -> Result<()> {
    extern "C" fn nothing(_: libc::c_int) {}
    let flags = SaFlags::SA_RESTART;
    let ours = SigHandler::Handler(nothing);
    let action = SigAction::new(ours, flags, SigSet::empty());
    // SAFETY: the handler does nothing.
    unsafe { sigaction(Signal::SIGINT, &action) }.context("hear Ctrl-C")?;
    Ok(())
}
