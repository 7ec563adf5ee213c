//! # Asked for, given
//!
//! **Question.** A program asks for a buffer of 5000 bytes, of 1, of a
//! gigabyte. What does the kernel give?

use std::fs;
use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{Evidence, Experiment, Figure, Net, Truth, cable, fails, option};
use socket2::SockRef;

const DOUBLE: &str = "the kernel gives twice what was asked for";
const FLOOR: &str = "there is a floor: who asks for 1 gets more than 2000";
const CAP: &str = "there is a cap: twice the sysctl, and no error";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "A program asks for a buffer. What does it get?";
    Experiment::new("sizes", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "modest", 5000)
        .option("server", "tiny", 1)
        .option("server", "huge", 1_000_000_000)
        .claim(DOUBLE, |run| {
            let given = |key| run.observed("server", key).is("10000");
            given("modest SO_RCVBUF").and(given("modest SO_SNDBUF"))
        })
        .claim(FLOOR, |run| {
            let given = |key| run.observed("server", key).number();
            let floor = 2000..=9999;
            given("tiny SO_RCVBUF")
                .within(floor.clone())
                .and(given("tiny SO_SNDBUF").within(floor))
        })
        .claim(CAP, |run| {
            let given = |key, cap| run.observed("server", key).is(cap);
            given("huge SO_RCVBUF", "2 x net.core.rmem_max")
                .and(given("huge SO_SNDBUF", "2 x net.core.wmem_max"))
        })
        .since(
            (6, 11),
            "19249c0724f2",
            "net.core.rmem_max, readable in a namespace",
        )
        .figure("Asked for, given", table)
        .folklore(Truth::Partly, "SO_RCVBUF is the size of the buffer", DOUBLE)
        .folklore_note(
            "The kernel gives twice of what is asked, for its own records.",
        )
        .folklore(
            Truth::False,
            "If SO_RCVBUF is too large, setsockopt() fails",
            CAP,
        )
        .what_if(
            "modest-9000",
            option("server", "modest", 9000),
            fails([DOUBLE]),
        )
        .what_if("tiny-5000", option("server", "tiny", 5000), fails([FLOOR]))
        .what_if("huge-5000", option("server", "huge", 5000), fails([CAP]))
}

fn table(run: &Evidence) -> Figure {
    let head = ["asked for", "SO_RCVBUF", "SO_SNDBUF"];
    let sizes = ["modest", "tiny", "huge"];
    let table = sizes.iter().fold(Figure::table(head), |table, size| {
        let asked = run.options.get(&format!("server:{size}"));
        let given = |option: &str| {
            let key = format!("{size} {option}");
            let all = run.observations.iter();
            all.filter(|o| o.key == key).map(|o| o.value.clone()).collect()
        };
        let asked = asked.cloned().unwrap_or_default();
        table.row([asked, given("SO_RCVBUF"), given("SO_SNDBUF")])
    });
    table.into()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let socket = SockRef::from(&listener);
    net.on("server", || -> Result<()> {
        for size in ["modest", "tiny", "huge"] {
            let asked = usize::try_from(net.number(size)?)?;
            socket.set_recv_buffer_size(asked)?;
            socket.set_send_buffer_size(asked)?;
            let given = say(socket.recv_buffer_size()?, "rmem_max")?;
            net.observe(&format!("{size} SO_RCVBUF"), given)?;
            let given = say(socket.send_buffer_size()?, "wmem_max")?;
            net.observe(&format!("{size} SO_SNDBUF"), given)?;
        }
        Ok(())
    })
}

/// The limits are the machine's; they are not our business here.
fn say(given: usize, limit: &str) -> Result<String> {
    let text = fs::read_to_string(format!("/proc/sys/net/core/{limit}"))?;
    let most: usize = text.trim().parse()?;
    Ok(match given == 2 * most {
        true => format!("2 x net.core.{limit}"),
        false => given.to_string(),
    })
}
// ANCHOR_END: script
