//! `lab-runner book build|serve`: starts lab-book, built on demand, since
//! mdbook costs as much to compile as everything else.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use nix::sys::signal::{
    SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction,
};

use crate::ask::dying_with_us;
use crate::discover::Project;

/// Hands the arguments to lab-book and returns its exit code.
pub(crate) fn book(project: &Project, arguments: &[String]) -> Result<u8> {
    let own = std::env::current_exe().context("find this program")?;
    let mut lab_book = start(project, &own);
    lab_book
        .args(arguments)
        .env("LAB_ROOT", &project.root)
        // For what the pages run.
        .env("LAB_RUNNER", &own);
    leave_interrupts_to_the_child()?;
    let status = dying_with_us(&mut lab_book)
        .status()
        .with_context(|| format!("start {lab_book:?}"))?;
    Ok(status.code().map_or(2, |code| code as u8))
}

/// The one that was installed with us, or the one that cargo builds.
fn start(project: &Project, own: &Path) -> Command {
    let beside = own.with_file_name("lab-book");
    if project.programs().is_some() && beside.is_file() {
        return Command::new(beside);
    }
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["run", "--quiet", "-p", "lab-book", "--manifest-path"])
        .arg(project.root.join("Cargo.toml"))
        .arg("--");
    command
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
