//! Job -> Outcome and frames, from outside: asks the nursery for a stage and
//! listens; and the stage's side of it.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context, Result, bail};
use lab_trace::Tap;
use nix::fcntl::OFlag;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::wait::WaitStatus;
use nix::unistd::pipe2;

use super::ahead::Ahead;
use super::director::direct;
use super::job::{Job, Outcome, taps_of};
use super::request::{self, Request};
use super::teller::Teller;
use super::{company, nursery, sandbox};

/// A finished run: what it noted, and a pcap in memory for each tap.
pub(crate) struct Stage {
    pub(crate) outcome: Outcome,
    pub(crate) frames: Vec<File>,
}

/// Runs that are still to come, as far as anybody knows.
static TO_COME: AtomicI64 = AtomicI64::new(i64::MAX);

/// Says how many runs there will be, so that nothing is made ahead in vain.
/// More may be asked for.
pub(crate) fn expect(runs: usize) {
    TO_COME.store(i64::try_from(runs).unwrap_or(i64::MAX), Ordering::Relaxed);
}

/// Watches a run: reads what its director tells, until that ends, and the
/// captures as they grow.
pub(crate) type Watch<'a> = &'a (dyn Fn(File, &[File]) + Sync);

/// Runs one job in a stage of its own.
pub(crate) fn run_stage(job: &Job, watch: Option<Watch>) -> Result<Stage> {
    let frames = memories(job)?;
    let told = watch.map(|_| pipe2(OFlag::O_CLOEXEC)).transpose()?;
    let (told, telling) = told.unzip();
    let outcome = std::thread::scope(|scope| {
        if let Some((watch, told)) = watch.zip(told) {
            scope.spawn(|| watch(File::from(told), &frames));
        }
        play(job, &frames, telling)
    });
    Ok(Stage { outcome: outcome?, frames })
}

/// A pcap in memory for each tap.
fn memories(job: &Job) -> Result<Vec<File>> {
    let memory = |tap: &Tap| {
        let name = format!("frames-{}", tap.host);
        let fd = memfd_create(name.as_str(), MFdFlags::MFD_CLOEXEC)?;
        Ok(File::from(fd))
    };
    taps_of(&job.plan).iter().map(memory).collect()
}

fn play(
    job: &Job,
    frames: &[File],
    telling: Option<OwnedFd>,
) -> Result<Outcome> {
    let (answer, out) = pipe2(OFlag::O_CLOEXEC)?;
    let company = company::of(&job.lab)?;
    let nursery = nursery::requests()?;
    let last = TO_COME.fetch_sub(1, Ordering::Relaxed) == 1;
    let told = telling.as_ref();
    request::send(nursery, job, &out, &company, told, frames, last)?;
    drop((out, telling));

    // Not to its end: closing a packet socket keeps the stage alive for tens
    // of ms after it has said all.
    let mut text = Vec::new();
    let mut answer = BufReader::new(File::from(answer));
    answer.read_until(b'\n', &mut text).context("hear the stage")?;
    if !text.ends_with(b"\n") {
        bail!(
            "the stage, and the process that makes them, ended without an \
             answer; their words, if any, are above. `lab-runner doctor` \
             checks what a stage needs"
        )
    }
    serde_json::from_slice(&text).context("read the stage's answer")
}

/// Makes a run, inside a stage, and answers. Nobody waits for what comes then:
/// the kernel takes a stage apart for tens of ms.
pub(super) fn perform(request: Request, ahead: Option<Ahead>) -> Result<()> {
    let Request { job, answer, company, telling, frames, .. } = request;
    let ran = Teller::new(telling)
        .and_then(|teller| direct(&job, &company, &frames, teller, ahead));
    let outcome = match ran {
        Ok(notes) => Outcome::Ran(Box::new(notes)),
        Err(error) => Outcome::Failed(format!("{error:#}")),
    };
    sandbox::hush();
    tell(&answer, &outcome)
}

/// Says why there is no run.
pub(super) fn refuse(request: &Request, why: &anyhow::Error) -> Result<()> {
    tell(&request.answer, &Outcome::Failed(format!("{why:#}")))
}

/// Answers for a stage that has died.
pub(super) fn mourn(answer: &File, status: WaitStatus) -> Result<()> {
    let why = match status {
        WaitStatus::Signaled(_, signal, _) => format!(
            "the stage died of {signal} before it answered. Was it killed? Is \
             memory short? `dmesg` tells if the kernel did it"
        ),
        _ => {
            "the stage ended without an answer; its words, if any, are above. \
              `lab-runner doctor` checks what a stage needs"
                .to_owned()
        }
    };
    tell(answer, &Outcome::Failed(why))
}

fn tell(mut out: &File, outcome: &Outcome) -> Result<()> {
    let mut line = serde_json::to_vec(outcome)?;
    line.push(b'\n');
    out.write_all(&line).context("answer the runner")
}
