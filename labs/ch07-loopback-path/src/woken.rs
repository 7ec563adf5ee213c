//! # Who wakes the reader
//!
//! **Question.** One thread sleeps in read() or accept(). Another writes or
//! connects. In whose system call does the first one wake up?

use std::sync::mpsc;
use std::thread;

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, fails, loopback, option};
use nix::unistd::gettid;

use crate::sleeper::{ends, is_asleep};
use crate::stack::{POINTS, WHY, drawn, no_network, passage};

const WAKING: &str = "sched:sched_waking";
const WOKEN: &str = "the sleeper is woken inside the other's system call";
const SHORT: &str = "no TCP, no IP, no device, no softirq is on the way";

// ANCHOR: experiments
pub(crate) fn by_pipe() -> Experiment {
    let question = "A pipe: who wakes the reader, and by which way?";
    let way = ["vfs_write", "try_to_wake_up"];
    experiment("path-pipe", question, "pipe", &way)
        .claim(SHORT, no_network)
        .what_if("tcp", option("client", "by", "tcp"), fails([WOKEN, SHORT]))
}

pub(crate) fn by_unix() -> Experiment {
    let question = "A UNIX socket: who wakes the reader, and by which way?";
    let way = ["unix_stream_sendmsg", "sock_def_readable", "try_to_wake_up"];
    experiment("path-unix", question, "unix", &way)
        .claim(SHORT, no_network)
        .what_if("tcp", option("client", "by", "tcp"), fails([WOKEN, SHORT]))
        .folklore(Truth::True, "A UNIX socket skips the network stack", SHORT)
}

pub(crate) fn by_connect() -> Experiment {
    let question = "Who wakes a server that waits in accept()?";
    let way = ["__sys_connect", "tcp_v4_rcv", "sock_def_readable"];
    let way = [&way[..], &["try_to_wake_up"]].concat();
    experiment("accept-woken", question, "connect", &way)
        .folklore(
            Truth::Partly,
            "An interrupt wakes the server when a connection comes",
            WOKEN,
        )
        .folklore_note("on loopback the client's connect() does")
}

fn experiment(
    name: &str,
    question: &str,
    by: &str,
    way: &[&'static str],
) -> Experiment {
    let way = way.to_vec();
    let same = way.clone();
    Experiment::new(name, question)
        .link(loopback("client", "server"))
        .option("client", "by", by)
        .option("server", "sleeps", true)
        .script(script)
        .root_only(WHY)
        .since((6, 3), "40e0b0908142", "the tracepoint sock:sk_data_ready")
        .claim(WOKEN, move |run| run.passed("client", WAKING, &way))
        .figure("from the call to the sleeper", move |run| {
            drawn(run, passage(run, WAKING, &same))
        })
        .what_if("awake", option("server", "sleeps", false), fails([WOKEN]))
        .ends_with_script()
}
// ANCHOR_END: experiments

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let by = net.value("client:by").unwrap_or_default();
    let (sleep, wake) = ends(net, &by)?;
    let (tell, told) = mpsc::channel();
    let (go, hold) = mpsc::channel::<()>();
    let sleeps = net.knob("server:sleeps");
    let sleeper = thread::spawn(move || {
        let _ = tell.send(gettid());
        if !sleeps {
            let _ = hold.recv(); // comes when everything is there already
        }
        sleep()
    });
    let thread = told.recv()?;
    if sleeps {
        net.until("the other thread sleeps", || is_asleep(thread))?;
    }
    let points = [&POINTS[..], &[WAKING]].concat();
    let woke = net.on("client", || net.watch_kernel(&points, wake))?;
    drop(go);
    net.keep(woke);
    net.keep(sleeper.join().expect("read, or accept"));
    let got = if by == "connect" { "a connection" } else { "five bytes" };
    net.on("server", || net.observe("the sleeper has", got))?;
    Ok(())
}
// ANCHOR_END: script
