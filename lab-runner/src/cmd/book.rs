//! `lab-runner book build|serve`: starts lab-book, built on demand, since
//! mdbook costs as much to compile as everything else.

use std::process::Command;

use anyhow::{Context, Result};

use crate::discover::Project;

/// Hands the arguments to lab-book and returns its exit code.
pub(crate) fn book(project: &Project, arguments: &[String]) -> Result<u8> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--quiet", "-p", "lab-book", "--manifest-path"])
        .arg(project.root.join("Cargo.toml"))
        .arg("--")
        .args(arguments)
        .env("LAB_ROOT", &project.root)
        .status()
        .context("start cargo: is Rust installed and on PATH?")?;
    Ok(status.code().map_or(2, |code| code as u8))
}
