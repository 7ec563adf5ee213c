//! # Exercise: four slow answers
//!
//! One connection, four questions, and each answer is late for a reason of its
//! own. The reader is given the capture, the counters and the queues.

use lab_kit::{Exercise, number, one_of};

use crate::hints::four_waits as hints;
use crate::slow_answers::experiment;

const ONE: &str = "why answer 1 is late";
const ACK: &str = "the late ACK that somebody waits for";
const TWO: &str = "why answer 2 is late";
const THREE: &str = "why answer 3 is late";
const FOUR: &str = "why answer 4 is late";

pub(crate) fn exercise() -> Exercise {
    let causes = || {
        let [nagle, cork] = ["nagle-and-delayed-ack", "cork"];
        one_of([nagle, cork, "lost-segment", "slow-program", "zero-window"])
    };
    Exercise::diagnose("Four slow answers", experiment())
        .asks("answer-1", "Why is answer 1 late?", causes())
        .asks(
            "ack",
            "Which segment is the late ACK that data waits for?",
            number(),
        )
        .asks("answer-2", "Why is answer 2 late?", causes())
        .asks("answer-3", "Why is answer 3 late?", causes())
        .asks("answer-4", "Why is answer 4 late?", causes())
        .rule(2, ONE, hints::ONE, |run| {
            run.said("answer-1").is("nagle-and-delayed-ack")
        })
        .rule(2, ACK, hints::ACK, |run| {
            let acks = run.segments().from("server").pure_acks();
            let body = run.data("body 1");
            run.said("ack").names(&acks.after(run.data("header")).before(body))
        })
        .rule(2, TWO, hints::TWO, |run| run.said("answer-2").is("cork"))
        .rule(2, THREE, hints::THREE, |run| {
            run.said("answer-3").is("lost-segment")
        })
        .rule(2, FOUR, hints::FOUR, |run| {
            run.said("answer-4").is("slow-program")
        })
        .starter_breaks(ONE)
        .wrong("all-nagle", TWO)
        .wrong("by-the-time", TWO)
        .wrong("every-late-ack", FOUR)
        .wrong("the-other-ack", ACK)
}
