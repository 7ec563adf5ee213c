//! # Exercise: start again
//!
//! The answer plays a server, three times: the first one serves a guest and is
//! gone, the second takes its place, and the third has come too early.

use anyhow::Result;
use lab_kit::{Exercise, Experiment, Guest, Net, cable, secs};

const SERVED: &str = "the first version serves its guest";
const AGAIN: &str = "the second version listens at once";
const PROPER: &str = "its connection has ended properly, with a TIME-WAIT";
const ALONE: &str = "a third one, beside the second, is refused";

pub(crate) fn exercise() -> Exercise {
    let question = "Stopped and started: who has the port?";
    let experiment = Experiment::new("starts-again", question)
        .link(cable("client", "server"))
        .script(script)
        .answered_by("server")
        .ends_with_script()
        .by_events()
        .within(secs(20));
    Exercise::new("Start again at once", experiment)
        .rule(2, SERVED, HINTS[0], |run| {
            run.observed("client", "the first is told").is("ok")
        })
        .rule(2, PROPER, HINTS[1], |run| {
            let left = run.states_at("the first is gone", &["-", "TIME-WAIT"]);
            left.and(run.segments().with_flag('R').none())
        })
        .rule(4, AGAIN, HINTS[2], |run| {
            let listens = run.observed("server", "the second listens").is("1");
            listens.and(run.observed("client", "the second is told").is("ok"))
        })
        .rule(2, ALONE, HINTS[3], |run| {
            run.observed("server", "beside a third").is("1")
        })
        .starter_breaks(AGAIN)
        .wrong("linger-zero", PROPER)
        .wrong("flag-after-bind", AGAIN)
        .wrong("reuseport", ALONE)
        .wrong("both-flags", ALONE)
}

const HINTS: [[&str; 3]; 4] = [
    [
        "The starter serves its guest. What has changed?",
        "The guest sends one byte, `?`, and wants `ok` and the end.",
        "bind(), listen(), accept(), read one byte, write `ok`, close.",
    ],
    [
        "Who closes first? What should the port look like afterwards?",
        "A RST in the place of the FIN leaves no TIME-WAIT. It also throws \
         away what the guest has not been sent yet.",
        "Close as the starter does: no SO_LINGER, and nothing left unread.",
    ],
    [
        "Look at the states beside the ladder: who has port 7000?",
        "A TIME-WAIT and a new listener may share a port if both have the \
         same flag, and a TIME-WAIT has what its listener had at bind().",
        "Set SO_REUSEADDR between socket() and bind().",
    ],
    [
        "It starts. Does it also start when it is running already?",
        "There are two flags that get past a TIME-WAIT. One of them gets \
         past a listener, too.",
        "SO_REUSEADDR, and not SO_REUSEPORT.",
    ],
];

fn script(net: &Net) -> Result<()> {
    let here = net.on("server", || net.here(7000)).to_string();
    let start = || -> Result<Option<usize>> {
        if net.still()?.is_none() {
            return Ok(None); // somebody never rests: nothing more is seen
        }
        let number = net.on("server", || net.answer(&[&here]))?;
        Ok(net.still()?.map(|_| number))
    };
    let Some(first) = start()? else { return Ok(()) };
    guest(net, "the first is told")?;
    net.stop_answer(first)?; // most have ended by themselves
    net.still()?;
    net.step("the first is gone")?;

    let Some(_) = start()? else { return Ok(()) };
    let alone = listeners(net)?;
    net.on("server", || net.observe("the second listens", alone))?;
    let Some(_) = start()? else { return Ok(()) };
    let beside = listeners(net)?;
    net.on("server", || net.observe("beside a third", beside))?;
    guest(net, "the second is told")
}

fn guest(net: &Net, key: &str) -> Result<()> {
    let to = net.on("server", || net.here(7000));
    let said = match listeners(net)? {
        0 => "nobody listens".into(),
        _ => Guest::call(net, "client", to, b"?")?.told(),
    };
    net.on("client", || net.observe(key, said))
}

fn listeners(net: &Net) -> Result<usize> {
    let sockets = net.sockets("server")?.into_iter();
    Ok(sockets.filter(|s| s.state == "LISTEN").count())
}
