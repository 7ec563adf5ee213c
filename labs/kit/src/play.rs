//! A lab's `main`: describe itself, judge evidence, play one host.

use std::io::{Read, Write, stdin, stdout};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::company::company;
use crate::lab::{Described, Lab};
use crate::net::Net;
use crate::protocol::company::Part;
use crate::protocol::{Case, FORMAT, Judgement};
use crate::serve::serve;

/// What a lab's `main` calls. Exit code 0, or 2 with a sentence on stderr.
pub fn main(lab: Lab) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["describe"] => describe(&lab).and_then(|it| print(&it)),
        ["judge", experiment] => judge_input(&lab, experiment),
        ["serve"] => serve(&lab),
        ["company"] => company(&lab),
        _ => Err(usage(&lab)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error:#}");
            ExitCode::from(2)
        }
    }
}

fn usage(lab: &Lab) -> anyhow::Error {
    anyhow::anyhow!(
        "this is the lab {0}; run it with: lab-runner {0}\n\
         (by itself it answers: describe | judge EXPERIMENT | serve | company)",
        lab.name
    )
}

fn find<'a>(lab: &'a Lab, name: &str) -> Result<&'a crate::Experiment> {
    let exercises = lab.exercises.iter().map(|e| &e.experiment);
    let mut all = lab.experiments.iter().chain(exercises);
    all.find(|e| e.plan().name == name)
        .with_context(|| format!("{} has no experiment {name}", lab.name))
}

pub(crate) fn describe(lab: &Lab) -> Result<Described> {
    match lab.faults.first() {
        None => Ok(lab.describe()),
        Some(fault) => bail!("{}: {fault}", lab.name),
    }
}

fn judge_input(lab: &Lab, name: &str) -> Result<()> {
    let mut text = Vec::new();
    stdin().read_to_end(&mut text)?;
    print(&judge(lab, name, &text)?)
}

/// Judges a [`Case`].
pub(crate) fn judge(lab: &Lab, name: &str, case: &[u8]) -> Result<Judgement> {
    let case: Case = serde_json::from_slice(case).context("the evidence")?;
    if case.format != FORMAT {
        bail!("evidence of format {}, this lab reads {FORMAT}", case.format);
    }
    let experiment = find(lab, name)?;
    Ok(Judgement {
        format: FORMAT,
        findings: experiment.judge(&case.evidence),
        figures: experiment.draw(&case.evidence),
    })
}

/// Plays one host, or the script.
pub(crate) fn play(
    lab: &Lab,
    part: &Part,
    channel: UnixStream,
    fds: Vec<OwnedFd>,
) -> Result<()> {
    let experiment = find(lab, &part.experiment)?;
    let net = Net::open(channel, fds)?;
    experiment.play(&part.role, &net)?;
    net.done()
}

fn print(value: &impl serde::Serialize) -> Result<()> {
    let mut text = serde_json::to_vec(value)?;
    text.push(b'\n');
    stdout().write_all(&text).context("standard output")
}
