//! A workspace of ours -> cargo, which builds it without a network: the
//! project's lock file, and the crates that came with it, if any did.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Error, Result};

use crate::ask::dying_with_us;
use crate::check::write_whole;
use crate::discover::Project;

/// The folder of crates in a project that was installed.
const VENDOR: &str = "vendor";
/// The project's lock file as it was when ours was made of it.
const MADE_OF: &str = "made-of.lock";

/// `cargo build` in this workspace; what it prints is kept.
pub(crate) fn cargo_build(
    project: &Project,
    at: &Path,
    arguments: &[&str],
) -> Result<Output> {
    lock(project, at)?;
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--quiet", "--offline"])
        .args(arguments)
        .arg("--manifest-path")
        .arg(at.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(at.join("target"))
        .current_dir(at)
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    let vendor = project.root.join(VENDOR);
    if vendor.is_dir() {
        command.args(["--config", "source.crates-io.replace-with='vendored'"]);
        let folder = toml::Value::from(vendor.display().to_string());
        let source = format!("source.vendored.directory={folder}");
        command.args(["--config", &source]);
    }
    dying_with_us(&mut command).output().map_err(no_rust)
}

/// Whether there is a cargo that can be started, whatever it then says.
pub(crate) fn has_cargo() -> bool {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let mut asked = Command::new(cargo);
    asked.arg("--version").stdin(Stdio::null()).stdout(Stdio::null());
    asked.stderr(Stdio::null()).status().is_ok()
}

/// What to do where there is no cargo.
pub(crate) fn no_rust(error: io::Error) -> Error {
    anyhow::anyhow!(
        "start cargo: {error}\n\nan answer in Rust needs Rust 1.88 or newer \
         (https://rustup.rs) and a C linker (gcc); chapters, forms and \
         answers in other languages need neither: `exercise check NAME --exec \
         python3 FILE`"
    )
}

/// Our lock file begins as the project's: what was tested with it, is used.
fn lock(project: &Project, at: &Path) -> Result<()> {
    let theirs = project.root.join("Cargo.lock");
    let tried = || format!("copy {}", theirs.display());
    let text = fs::read(&theirs).with_context(tried)?;
    let is_new = fs::read(at.join(MADE_OF)).ok() != Some(text.clone());
    if is_new || !at.join("Cargo.lock").exists() {
        // Whole: the tasks of a cluster come here at once.
        write_whole(&at.join("Cargo.lock"), &text).with_context(tried)?;
        write_whole(&at.join(MADE_OF), &text).with_context(tried)?;
    }
    Ok(())
}
