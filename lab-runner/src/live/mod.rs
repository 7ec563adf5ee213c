//! A run while it goes on -> events on standard output, a JSON object a line,
//! for whoever shows it as it happens.
//!
//! The director tells what it hears through a pipe (`stage::teller`), and the
//! captures grow in memory: [`Watcher`] reads both. Whoever stops reading ends
//! the run.

mod prefix;
mod watcher;

use std::io::Write;
use std::os::fd::BorrowedFd;

use lab_kit::ladder::model::ModelRow;
use lab_kit::{Knob, Perturbation, Plan};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde_json::{Value, json};

use crate::discover::Lab;
use crate::report;
use crate::run::{Run, Turned};
pub(crate) use watcher::Watcher;

/// Rows of the model at the end; of a flood nobody looks at more.
const ROWS: usize = 5_000;

/// Where nobody reads any more, nothing goes on.
const NOBODY_READS: i32 = 2;

/// Writes one event.
fn emit(event: &Value) {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{event}").and_then(|()| out.flush());
    if written.is_err() {
        leave();
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "whatever would be dropped ends with this process, by the kernel"
)]
fn leave() -> ! {
    std::process::exit(NOBODY_READS)
}

/// Ends this process, and with it the run, when the reader of standard output
/// goes away, even if there is nothing to write.
pub(crate) fn end_with_reader() {
    std::thread::spawn(|| {
        // SAFETY: standard output stays open as long as this process.
        let out = unsafe { BorrowedFd::borrow_raw(1) };
        let gone = PollFlags::POLLERR | PollFlags::POLLHUP;
        loop {
            let mut fds = [PollFd::new(out, PollFlags::empty())];
            let polled = poll(&mut fds, PollTimeout::NONE);
            if polled.is_err_and(|errno| errno != nix::errno::Errno::EINTR) {
                return;
            }
            if fds[0].revents().is_some_and(|e| e.intersects(gone)) {
                leave();
            }
        }
    });
}

/// What is done from now on: building, capturing, running, settling, judging.
pub(crate) fn phase(name: &str) {
    emit(&json!({"event": "phase", "phase": name}));
}

/// What is about to run.
pub(crate) fn begin(of: &str, plan: &Plan, turned: &Turned) {
    emit(&json!({
        "event": "begin",
        "of": of,
        "question": plan.question,
        "hosts": plan.hosts,
        "claims": plan.claims,
        "what_if": turned.what_if.as_ref().map(what_if),
        "set": turned.set.iter().map(Knob::to_string).collect::<Vec<_>>(),
        "within_ms": plan.within_ms,
        "kernel": crate::kernel::release(),
    }));
}

fn what_if(what_if: &Perturbation) -> Value {
    let knobs = what_if.knobs.iter().map(Knob::to_string);
    json!({
        "name": what_if.name,
        "knobs": knobs.collect::<Vec<_>>(),
        "fails": what_if.fails,
    })
}

/// From this row on the ladder is now as these say.
fn rows(from: usize, rows: &[ModelRow]) {
    emit(&json!({"event": "rows", "from": from, "rows": rows}));
}

/// It has been run and judged.
pub(crate) fn end(lab: &Lab, run: &Run) {
    // All of the packets that is shown is in the model, which is beside it.
    let mut json = report::run_json(lab, run);
    let root = lab.dir.parent().and_then(|labs| labs.parent());
    if let Some(path) = json["snapshot"]["path"].as_str() {
        let path = std::path::Path::new(path);
        let short = root.and_then(|root| path.strip_prefix(root).ok());
        json["snapshot"]["path"] = json!(short.unwrap_or(path));
    }
    let mut model = report::model(lab, run);
    let left_out = model.rows.len().saturating_sub(ROWS);
    model.rows.truncate(ROWS);
    emit(&json!({
        "event": "end",
        "verdict": json["verdict"],
        "why": json["why"],
        "claims": json["claims"],
        "model": model,
        "left_out": left_out,
        "json": json,
    }));
}

/// It was not run: `could-not-run`, or `skipped` on this machine.
pub(crate) fn no_run(of: &str, verdict: &str, why: &str) {
    let unfit = match verdict {
        "could-not-run" => crate::cmd::unfit(),
        _ => None,
    };
    emit(&json!({
        "event": "end", "of": of, "verdict": verdict, "why": [why],
        "remedy": unfit,
    }));
}
