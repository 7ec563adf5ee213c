//! One order -> the runner as a process, its lines as events. No shell, and
//! nothing of it outlives us: it dies with us, and it ends by itself when
//! nobody reads what it writes.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use super::catalogue::Ordered;
use super::runs::Run;
use super::scrub::Scrub;

/// What is needed to start one.
#[derive(Clone, Default)]
pub(super) struct Runner {
    pub(super) program: PathBuf,
    pub(super) root: PathBuf,
    /// A folder of labs that are built.
    pub(super) programs: Option<PathBuf>,
    pub(super) scrub: Scrub,
}

/// Of what it says beside its events.
const LONGEST_WORDS: u64 = 8 << 10;

/// Runs it and notes its events to the last.
pub(super) async fn conduct(run: &Run, ordered: Ordered, runner: Runner) {
    let within = ordered.within;
    let mut child = match start(&ordered, &runner) {
        Ok(child) => child,
        Err(why) => {
            let why = format!("The runner can't be started: {why}.");
            return run.end("could-not-run", &runner.scrub.scrubbed(&why));
        }
    };
    let cut = tokio::select! {
        full = listen(run, &mut child, &runner.scrub) => full,
        () = run.stopped() => Some(("cancelled", "It was cancelled.".into())),
        // pause: none; the time that a run may take at most
        () = tokio::time::sleep(within) => Some(("killed", late(within))),
    };
    if let Some((verdict, why)) = cut {
        stop(&child);
        let _ = child.wait().await;
        return run.end(verdict, &why);
    }
    let words = words(&mut child).await;
    let why = match child.wait().await {
        Ok(status) => gone(status, &words),
        Err(why) => format!("Nobody knows how the runner ended: {why}."),
    };
    // Not heard if there was an end.
    run.end("killed", &runner.scrub.scrubbed(&why));
}

fn start(ordered: &Ordered, runner: &Runner) -> std::io::Result<Child> {
    let mut command = Command::new(&runner.program);
    command
        .args(&ordered.arguments)
        .current_dir(&runner.root)
        .env("LAB_ROOT", &runner.root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    if let Some(programs) = &runner.programs {
        command.env("LAB_PROGRAMS", programs);
    }
    let tie = || set_pdeathsig(Signal::SIGKILL).map_err(Into::into);
    // SAFETY: between fork and exec only prctl is called, which is
    // async-signal-safe.
    unsafe { command.pre_exec(tie) };
    command.spawn()
}

type Cut = Option<(&'static str, String)>;

/// Until it says no more; or why it has said enough.
async fn listen(run: &Run, child: &mut Child, scrub: &Scrub) -> Cut {
    let mut lines = BufReader::new(child.stdout.take()?).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let end = line.contains("\"event\":\"end\"");
        if !run.note(&scrub.scrubbed(&line), end) && !end {
            let why = "It said more than anybody can read.";
            return Some(("killed", why.into()));
        }
        if end {
            return None;
        }
    }
    None
}

/// It leads a process group; not reaped yet, so the number is its own.
fn stop(child: &Child) {
    if let Some(id) = child.id() {
        let _ = killpg(Pid::from_raw(id as i32), Signal::SIGKILL);
    }
}

async fn words(child: &mut Child) -> String {
    let mut words = Vec::new();
    if let Some(err) = child.stderr.take() {
        let _ = err.take(LONGEST_WORDS).read_to_end(&mut words).await;
    }
    String::from_utf8_lossy(&words).trim().to_string()
}

fn late(within: Duration) -> String {
    format!("No verdict after {} s, so it was stopped.", within.as_secs())
}

fn gone(status: ExitStatus, words: &str) -> String {
    let last = words.lines().last().unwrap_or("it said nothing");
    format!("The runner ended without a verdict ({status}): {last}.")
}
