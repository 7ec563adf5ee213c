//! # Exercise: the last word
//!
//! The answer plays a server that refuses an upload and wants to be heard. The
//! first client stops when it has read the refusal, after its second half; the
//! second goes on for ever.

use anyhow::Result;
use lab_kit::{
    Evidence, Exercise, Experiment, Finding, Net, cable, secs, sysctl,
};

use crate::uploads::client;

const REFUSAL: &str = "too large\n";
const EARLY: &str = "the refusal comes before the second half is sent";
const HEARD: &str = "the upload ends in peace: end of file, and no RST";
const LIMIT: &str = "a client that never stops is let go within 3 s";

pub(crate) fn exercise() -> Exercise {
    let question = "Who has the last word?";
    let experiment = Experiment::new("last-word", question)
        .link(cable("client", "server"))
        // No half fits in: whoever doesn't read can't have it all by chance.
        .knob(sysctl("server", "net.ipv4.tcp_rmem", "4096 8192 8192"))
        .program("server", server)
        .program("client", client)
        .answered_by("server")
        .within(secs(12));
    Exercise::new("The last word", experiment)
        .rule(
            2,
            EARLY,
            [
                "What did the first client read, and when had it sent what?",
                "It sends half, waits a second for an answer, and goes on.",
                "Write `too large` and a line feed as soon as you have read \
                 the first line.",
            ],
            |run| run.observed("client", "answer").is(REFUSAL),
        )
        .rule(
            5,
            HEARD,
            [
                "Look for the RST in the ladder. What had not been read then?",
                "Bytes that nobody read, or that come after `close()`, are \
                 answered by RST, whatever was said before.",
                "Refuse, `shutdown(Shutdown::Write)`, then read and throw \
                 away until the end of file. Close after that.",
            ],
            heard,
        )
        .rule(
            3,
            LIMIT,
            [
                "The second client sends a byte now and then. Who ends that?",
                "A limit for each read begins anew with each byte.",
                "Note the time when you begin to throw away, and close when \
                 two seconds have passed, whatever comes.",
            ],
            |run| {
                let end = run.observed("client", "in the end it is");
                let answer = run.observed_nth("client", "answer", 2);
                end.is("let go").and(answer.is(REFUSAL))
            },
        )
        .starter_breaks(HEARD)
        .wrong("shutdown-first", HEARD)
        .wrong("linger", HEARD)
        .wrong("reads-to-the-end", LIMIT)
        .wrong("each-read", LIMIT)
}

fn heard(run: &Evidence) -> Finding {
    let first = run.segments().of_connection(1);
    let upload = run.observed("client", "second half").is("ok");
    let end = run.observed("client", "then").is("end of file");
    upload.and(end).and(first.with_flag('R').none())
}

fn server(net: &Net) -> Result<()> {
    let n = net.answer(&[&net.here(7000).to_string()])?;
    net.wait_for("both clients are done")?;
    net.stop_answer(n)?;
    Ok(())
}
