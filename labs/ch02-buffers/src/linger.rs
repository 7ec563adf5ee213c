//! # `SO_LINGER`, twice
//!
//! **Question.** The server's window is closed, a segment is unsent. The client
//! sets `SO_LINGER`, to 0 or to a second, and calls `close()`. What does the
//! call do now?

use std::io::Read;
use std::time::{Duration, Instant};

use anyhow::Result;
use lab_kit::{
    Experiment, Knob, Net, Truth, cable, fails, option, outcome, receive_queue,
    route, sysctl, tcp_state,
};
use socket2::SockRef;

use crate::pair::{close, close_window, connect_with};

const RESET: &str = "close() sends RST at once, and no FIN";
const LOST: &str = "the server reads what had arrived, then ECONNRESET";
const NOBODY: &str = "no socket is left, not in TIME-WAIT either";
const BLOCKED: &str = "close() blocks for the whole second, then says ok";
const GOES_ON: &str = "the socket goes on in FIN-WAIT-1, as if nothing was set";

// ANCHOR: experiment
pub(crate) fn family() -> [Experiment; 2] {
    let all_lost = "SO_LINGER 0 throws away what is unsent and sends RST";
    let waits = "SO_LINGER makes close() wait until everything is delivered";
    let zero = base("linger-zero", 0)
        .claim(RESET, |run| {
            let client = run.segments().from("client");
            let ends = client
                .that("that end it", |s| s.flags.has('F') || s.flags.has('R'));
            ends.are(&["client R."])
        })
        .claim(LOST, |run| {
            run.observed("server", "read").is("what had arrived, ECONNRESET")
        })
        .claim(NOBODY, |run| {
            run.states_left("client")
                .is("-")
                .and(run.states_left("server").is("-"))
        })
        .folklore(Truth::True, all_lost, RESET)
        .what_if("no-linger", off(), fails([RESET, LOST, NOBODY]));
    let second = base("linger-wait", 1)
        .claim(BLOCKED, |run| {
            let close = run.observed("client", "close");
            close.is("ok, after a second or more")
        })
        .claim(GOES_ON, |run| {
            run.states_at("close() has returned", &["FIN-WAIT-1", "ESTAB"])
        })
        .folklore(Truth::Partly, waits, BLOCKED)
        .folklore_note("At most for the time given, and doesn't tell.")
        .what_if("no-linger", off(), fails([BLOCKED]))
        .what_if(
            "reads",
            option("server", "reads", true),
            fails([BLOCKED, GOES_ON]),
        );
    [zero, second]
}

fn off() -> Knob {
    option("client", "linger", "none")
}

fn base(name: &str, seconds: u32) -> Experiment {
    let question = "SO_LINGER is set, bytes are unsent. What does close() do?";
    Experiment::new(name, question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("client", "net.ipv4.tcp_early_retrans", 0))
        .knob(route("client", "rto_min", "5000ms"))
        .option("client", "linger", seconds)
        .option("server", "reads", false)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = connect_with(net, 5000)?;
    let written = close_window(net, &mut pair)?;
    let mut read = 0;
    if net.knob("server:reads") {
        pair.server.read_exact(&mut vec![0; written])?;
        read = written;
    }
    let arrived = read + receive_queue(&pair.server)? as usize;
    let seconds = net.number("client:linger").ok(); // or none
    let time = seconds.map(Duration::from_secs);
    SockRef::from(&pair.client).set_linger(time)?;
    let begin = Instant::now();
    let closed = close(pair.client);
    let blocked = begin.elapsed().as_secs() >= 1;
    let after = if blocked { "after a second or more" } else { "before that" };
    net.on("client", || net.observe("close", format!("{closed}, {after}")))?;
    if seconds == Some(0) {
        let closed = || Ok(tcp_state(&pair.server)? == "CLOSED");
        net.until("the RST has arrived", closed)?;
    }
    net.step("close() has returned")?;
    let mut rest = Vec::new();
    let end = outcome(pair.server.read_to_end(&mut rest));
    read += rest.len();
    let read = if read == arrived { "what had arrived" } else { "more" };
    net.on("server", || net.observe("read", format!("{read}, {end}")))
}
// ANCHOR_END: script
