//! # What the kernel begins with
//!
//! **Question.** Tuning guides say which value a sysctl has "by default". The
//! hosts of this book have theirs pinned; what does a network namespace have
//! that nobody has touched?

use std::fs;
use std::thread;

use anyhow::{Result, anyhow};
use lab_kit::claim::all;
use lab_kit::figure::Table;
use lab_kit::{
    Evidence, Experiment, Figure, Net, cable, fails, option, outcome, sysctl,
};
use nix::sched::{CloneFlags, unshare};

#[rustfmt::skip] // what opens, what closes, what waits
const KEYS: [&str; 9] = [
    "tcp_syn_retries", "tcp_syn_linear_timeouts", "tcp_synack_retries",
    "tcp_fin_timeout", "tcp_timestamps", "tcp_rfc1337",
    "tcp_tw_reuse", "tcp_tw_reuse_delay", "tcp_tw_recycle",
];

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let [reuse, recycle, others] = [
        "tcp_tw_reuse is 2",
        "tcp_tw_recycle is no file",
        "tcp_fin_timeout is 60, tcp_syn_retries 6, tcp_synack_retries 5",
    ];
    Experiment::new("defaults", "What are this chapter's sysctls by default?")
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("client", "net.ipv4.tcp_tw_reuse", 1))
        .knob(sysctl("client", "net.ipv4.tcp_fin_timeout", 30))
        .option("client", "own-namespace", false)
        .option("client", "instead-of-recycle", "tcp_tw_recycle")
        .claim(reuse, |run| run.observed("client", "tcp_tw_reuse").is("2"))
        .claim(recycle, |run| {
            run.observed("client", "tcp_tw_recycle").is("ENOENT")
        })
        .claim(others, |run| {
            let wanted = [
                ("tcp_fin_timeout", "60"),
                ("tcp_syn_retries", "6"),
                ("tcp_synack_retries", "5"),
            ];
            all(wanted.map(|(key, is)| run.observed("client", key).is(is)))
        })
        .what_if(
            "a-tuned-host",
            option("client", "own-namespace", true),
            fails([reuse, others]),
        )
        .what_if(
            "a-file-that-exists",
            option("client", "instead-of-recycle", "tcp_sack"),
            fails([recycle]),
        )
        .figure("Defaults of a new network namespace", table)
        .ends_with_script()
}

fn table(run: &Evidence) -> Table {
    let head = ["net.ipv4.", "default"];
    run.observations.iter().fold(Figure::table(head), |table, seen| {
        table.row([&seen.key, &seen.value])
    })
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    net.on("client", || {
        for key in KEYS {
            let mut file = key.to_string();
            if key == "tcp_tw_recycle" {
                file = net.value("client:instead-of-recycle").unwrap_or(file);
            }
            let read = move || read(&file);
            let value = match net.knob("client:own-namespace") {
                true => read(),
                false => in_a_new_namespace(read)?,
            };
            net.observe(key, value)?;
        }
        Ok(())
    })
}

/// A thread may leave its process's network namespace for a new one; the new
/// one ends with the thread.
fn in_a_new_namespace(
    read: impl FnOnce() -> String + Send + 'static,
) -> Result<String> {
    let thread = thread::spawn(|| -> Result<String> {
        unshare(CloneFlags::CLONE_NEWNET)?;
        Ok(read())
    });
    thread.join().map_err(|_| anyhow!("the thread panicked"))?
}

fn read(file: &str) -> String {
    match fs::read_to_string(format!("/proc/sys/net/ipv4/{file}")) {
        Ok(value) => value.trim().into(),
        Err(no) => outcome::<()>(Err(no)),
    }
}
// ANCHOR_END: script
