//! # Nobody answers
//!
//! **Question.** Two clients ask a server that is silent. Both may repeat the
//! SYN once (`tcp_syn_retries`). One of them has the linear timeouts of Linux
//! 6.5, the other repeats as Linux did before. Who asks how often?

use anyhow::Result;
use lab_kit::claim::all;
use lab_kit::figure::Table;
use lab_kit::{
    Evidence, Experiment, Figure, Finding, Net, connect_later, drop, every,
    fails, option, outcome, secs, sysctl, tcp_state, wire,
};

use crate::lost_syn::FIRST_TIMEOUT;

const LINEAR: &str = "net.ipv4.tcp_syn_linear_timeouts";
const RETRIES: &str = "net.ipv4.tcp_syn_retries";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "A silent server, one retry allowed. How many SYNs?";
    let [three, two, gives_up] = [
        "with linear timeouts there are three, a second apart",
        "without, there are two",
        "both give up with ETIMEDOUT, not before three seconds",
    ];
    let silent = || drop(every()).until("somebody answers");
    Experiment::new("syn-unanswered", question)
        .since((6, 5), "ccce324dabfe", "tcp_syn_linear_timeouts")
        .link(wire("new", "server").rule(silent()))
        .link(wire("old", "server").rule(silent()))
        .script(script)
        .knob(sysctl("new", RETRIES, 1))
        .knob(sysctl("old", RETRIES, 1))
        .knob(sysctl("old", LINEAR, 0))
        .option("server", "answers", false)
        .claim(three, |run| {
            let syns = || run.segments().from("new").with_flag('S');
            let apart = [1, 2].map(|n| {
                syns().nth(n + 1).after(syns().nth(n)).at_least(FIRST_TIMEOUT)
            });
            syns().count_is(3).and(all(apart))
        })
        .claim(two, |run| run.segments().from("old").with_flag('S').count_is(2))
        .claim(gives_up, |run| timed_out(run, "new").and(timed_out(run, "old")))
        .what_if("new-as-old", sysctl("new", LINEAR, 0), fails([three]))
        .what_if("old-as-new", sysctl("old", LINEAR, 4), fails([two]))
        .what_if(
            "somebody-answers",
            option("server", "answers", true),
            fails([three, two, gives_up]),
        )
        .figure("The second in which each SYN leaves", seconds)
        .ends_with_script()
}

fn seconds(run: &Evidence) -> Table {
    let hosts = [("linear", "new"), ("doubled", "old")];
    let head = ["timeouts", "SYN", "SYN again", "SYN again", "connect()"];
    hosts.iter().fold(Figure::table(head), |table, (timeouts, host)| {
        let syns = run.segments().from(host).with_flag('S');
        let second = |at: i64| (at as f64 / 1e9).round().to_string();
        let mut row: Vec<_> = syns.iter().map(|s| second(s.at)).collect();
        row.resize(3, "-".into());
        let gave_up = run.observations.iter().find(|o| o.host == *host);
        row.extend(gave_up.map(|o| format!("{} in {}", o.value, second(o.at))));
        table.row([timeouts.to_string()].into_iter().chain(row))
    })
}

/// ETIMEDOUT, three seconds after the first SYN or later.
fn timed_out(run: &Evidence, host: &str) -> Finding {
    let syn = run.segments().from(host).with_flag('S').first();
    let sent = syn.segment().map_or(i64::MAX, |syn| syn.at);
    let said = run.observations.iter().find(|o| o.host == host);
    let waited = said.map_or(0, |o| o.at.saturating_sub(sent));
    let long =
        waited >= (secs(3) - (secs(1) - FIRST_TIMEOUT)).as_nanos() as i64;
    run.observed(host, "connect").is("ETIMEDOUT").and(Finding::new(
        long,
        format!("{host} waits at least 3 s"),
        if long { "it did" } else { "it gave up earlier" },
    ))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    if net.knob("server:answers") {
        net.mark("somebody answers")?;
        net.sockets("server")?; // an answer: so the mark has been heard, too
    }
    let clients = ["new", "old"];
    let begin = |host| {
        net.on(host, || connect_later(net.here(40000), net.at("server", 7000)))
    };
    let sockets = [begin("new")?, begin("old")?];
    for (host, socket) in clients.iter().zip(sockets) {
        net.until(
            "connect() gives up",
            || Ok(tcp_state(&socket)? == "CLOSED"),
        )?;
        let error = socket.take_error()?.map_or(Ok(()), Err);
        net.on(host, || net.observe("connect", outcome(error)))?;
    }
    Ok(())
}
// ANCHOR_END: script
