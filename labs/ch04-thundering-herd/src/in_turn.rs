//! # Exercise: in turn
//!
//! The answer plays a server with four workers, of whom one does everything.

use anyhow::Result;
use lab_kit::{Evidence, Exercise, Experiment, Finding, Net, cable, secs};

use crate::visits::{Visits, served};

const GUESTS: usize = 16;
const SERVED: &str = "sixteen guests, one after another, are served";
const EVEN: &str = "of any four in a row, each worker has served one";
const FOUR: &str = "four workers have been woken for them";

pub(crate) fn exercise() -> Exercise {
    let question = "Four workers, and one does everything. Why he?";
    let experiment = Experiment::new("in-turn", question)
        .link(cable("client", "server"))
        .script(script)
        .answered_by("server")
        .ends_with_script()
        .by_events()
        .within(secs(20));
    Exercise::new("Four workers in turn", experiment)
        .rule(2, SERVED, HINTS[0], |run| served(run, "one by one", GUESTS))
        .rule(5, EVEN, HINTS[1], even)
        .rule(3, FOUR, HINTS[2], |run| {
            run.observed("server", "workers").number().at_least(4)
        })
        .starter_breaks(EVEN)
        .wrong("reuseport", EVEN)
        .wrong("shared-edge", EVEN)
        .wrong("one-who-counts", FOUR)
}

const HINTS: [[&str; 3]; 3] = [
    [
        "What does a guest send, and what does he want to be told?",
        "One byte comes, `?`; the worker's number goes back, `0` to `3`, and \
         the connection is closed.",
        "Go back to the starter: this works there.",
    ],
    [
        "Who serves? Which of the four was he when they started?",
        "A connection goes to the first in the listener's wait queue who is \
         waiting. What would bring him to the end of that queue?",
        "After each guest: epoll.delete(listener), then epoll.add() again. Or \
         sleep in accept() itself, where the kernel does it for you. A hash \
         takes no turns.",
    ],
    [
        "Four numbers are told. Are there four who tell them?",
        "The kernel says how many threads or processes were woken, of those \
         that were there before the first guest.",
        "Each number belongs to one worker, who waits for guests himself.",
    ],
];

fn even(run: &Evidence) -> Finding {
    let kept = run.observed("client", "one by one");
    let numbers: Vec<&str> = kept.text().split(' ').collect();
    let all_four = |four: &[&str]| {
        let others = |n: usize| four.iter().filter(|m| **m == four[n]).count();
        (0..four.len()).all(|n| others(n) == 1)
    };
    let holds = numbers.len() == GUESTS && numbers.windows(4).all(all_four);
    Finding::new(holds, "four different workers in a row", kept.text())
}

fn script(net: &Net) -> Result<()> {
    let mut visits = Visits::begin(net)?;
    for _ in 0..GUESTS {
        visits.visit("one by one")?;
    }
    visits.observe()
}
