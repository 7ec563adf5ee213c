//! Folders of labs -> what they say of themselves and of their traces, by
//! building and asking them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use lab_kit::protocol::{Case, FORMAT, Judgement};
use lab_kit::{Described, Evidence, Plan, patient};
use serde_json::Value;

use crate::labs::{Folder, Known};
use crate::prebuilt;

/// Builds the labs with one call of cargo, unless they came built; then runs `chNN describe`.
pub fn with_cargo(root: &Path, labs: &[Folder]) -> Vec<Result<Known, String>> {
    let programs = match build(root, labs) {
        Ok(programs) => programs,
        Err(why) => return labs.iter().map(|_| Err(why.clone())).collect(),
    };
    labs.iter()
        .map(|lab| match programs.get(&lab.package) {
            Some(program) => known(program),
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
    if let Some(folder) = prebuilt::programs(root) {
        return Ok(prebuilt::found(&folder, labs));
    }
    let cargo = std::env::var_os("CARGO");
    let mut cargo = Command::new(cargo.unwrap_or(OsString::from("cargo")));
    cargo.args(["build", "--quiet", "--keep-going", "--message-format=json"]);
    // As lab-runner does: what it compiled for its labs is not compiled again.
    let with_runner = root.join("lab-runner/Cargo.toml").is_file();
    if with_runner {
        cargo.args(["-p", "lab-runner"]);
    }
    for lab in labs {
        cargo.args(["-p", &lab.package]);
        if with_runner {
            cargo.args(["--bin", &lab.package]);
        }
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

fn known(program: &Path) -> Result<Known, String> {
    let described = describe(program)?;
    let program = program.to_path_buf();
    let judge = move |plan: &Plan, run: &Evidence| judge(&program, plan, run);
    Ok(Known { described, judge: Box::new(judge) })
}

pub(crate) fn describe(program: &Path) -> Result<Described, String> {
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

/// A lab computes its answer from what it has: seconds are an endless loop.
const PATIENCE: Duration = Duration::from_secs(20);

fn judge(
    program: &Path,
    plan: &Plan,
    run: &Evidence,
) -> Result<Judgement, String> {
    let case = serde_json::to_vec(&Case::of(run)).map_err(|e| e.to_string())?;
    let shown = format!("{} judge {}", program.display(), plan.name);
    let wrong = |why: &dyn std::fmt::Display| format!("{shown}: {why}");
    let mut child = Command::new(program)
        .args(["judge", &plan.name])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|e| wrong(&e))?;
    let answer = answer(&mut child, case);
    if answer.is_none() {
        let _ = child.kill();
    }
    let status = child.wait().map_err(|e| wrong(&e))?;
    let Some(answer) = answer else {
        return Err(wrong(&format!(
            "no answer in {} s, so it was stopped",
            patient(PATIENCE).as_secs()
        )));
    };
    if !status.success() {
        return Err(wrong(&status));
    }
    let judgement: Judgement =
        serde_json::from_slice(&answer).map_err(|e| wrong(&e))?;
    let fits = judgement.fits(&plan.claims, run);
    fits.map(|()| judgement).map_err(|why| wrong(&why))
}

/// All that it prints, once it prints no more; `None`: our patience ended first.
fn answer(child: &mut Child, input: Vec<u8>) -> Option<Vec<u8>> {
    let (mut to, mut from) = (child.stdin.take()?, child.stdout.take()?);
    // In threads: it may print before it has read.
    std::thread::spawn(move || to.write_all(&input));
    let (tell, hear) = channel();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = from.read_to_end(&mut text);
        tell.send(text)
    });
    hear.recv_timeout(patient(PATIENCE)).ok()
}
