//! Folders of labs -> their descriptions, by building and asking them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use lab_kit::Described;
use lab_kit::protocol::FORMAT;
use serde_json::Value;

use crate::labs::Folder;

/// Builds the labs with one call of cargo, then runs `chNN describe`.
pub fn with_cargo(
    root: &Path,
    labs: &[Folder],
) -> Vec<Result<Described, String>> {
    let programs = match build(root, labs) {
        Ok(programs) => programs,
        Err(why) => return labs.iter().map(|_| Err(why.clone())).collect(),
    };
    labs.iter()
        .map(|lab| match programs.get(&lab.package) {
            Some(program) => ask(program),
            None => Err(format!(
                "labs/{} does not build: see `cargo build -p {}`",
                lab.package, lab.package
            )),
        })
        .collect()
}

/// Package -> its program; a package that doesn't compile is missing.
pub(crate) fn build(
    root: &Path,
    labs: &[Folder],
) -> Result<BTreeMap<String, PathBuf>, String> {
    let cargo = std::env::var_os("CARGO");
    let mut cargo = Command::new(cargo.unwrap_or(OsString::from("cargo")));
    cargo.args(["build", "--quiet", "--keep-going", "--message-format=json"]);
    for lab in labs {
        cargo.args(["-p", &lab.package]);
    }
    let run = cargo.current_dir(root).stderr(Stdio::inherit()).output();
    let run = run.map_err(|e| format!("cannot start cargo: {e}"))?;
    let text = String::from_utf8_lossy(&run.stdout);
    let messages = text.lines().filter_map(|l| serde_json::from_str(l).ok());
    Ok(messages.filter_map(|m: Value| artifact(&m)).collect())
}

/// The program that a message of cargo's announces; errors are passed on.
fn artifact(message: &Value) -> Option<(String, PathBuf)> {
    if let Some(error) = message["message"]["rendered"].as_str() {
        eprint!("{error}");
    }
    let program = message["executable"].as_str()?;
    let name = message["target"]["name"].as_str()?;
    Some((name.into(), program.into()))
}

pub(crate) fn ask(program: &Path) -> Result<Described, String> {
    let shown = program.display();
    let run = Command::new(program)
        .arg("describe")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("{shown}: {e}"))?;
    if !run.status.success() {
        return Err(format!("{shown} describe: {}", run.status));
    }
    let described: Described = serde_json::from_slice(&run.stdout)
        .map_err(|e| format!("{shown} describe: {e}"))?;
    if described.format > FORMAT {
        return Err(format!(
            "{shown} speaks format {}, this lab-book {FORMAT}: rebuild it",
            described.format
        ));
    }
    Ok(described)
}
