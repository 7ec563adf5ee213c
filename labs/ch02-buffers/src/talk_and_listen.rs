//! # Exercise: talk and listen
//!
//! The server gives every byte back before it takes more. A client that writes
//! first and reads later meets four full buffers.

use std::io::Write;
use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{
    Evidence, Exercise, Experiment, Finding, Net, loopback, secs, sysctl,
};

use crate::report::{client, read_report, until_read};

const ALL: &str = "the whole report gets through: nobody waits for room";
const END: &str = "the end of the report arrives";
const BACK: &str = "all that came back was read: nobody is reset";

pub(crate) fn exercise() -> Exercise {
    let question = "Two write. Who reads?";
    let experiment = Experiment::new("talk-and-listen", question)
        .link(loopback("client", "server"))
        .knob(sysctl("server", "net.ipv4.tcp_rmem", "4096 262144 262144"))
        .knob(sysctl("server", "net.ipv4.tcp_wmem", "4096 131072 131072"))
        .program("server", server)
        .program("client", client)
        .answered_by("client")
        .within(secs(6));
    Exercise::new("Talk and listen", experiment)
        .rule(
            4,
            ALL,
            [
                "The server gave up after a second. What did it wait for?",
                "It couldn't write: your receive buffer was full, and your \
                 program was in a `write()` itself, which waited for it.",
                "Read while you write: a thread for each direction, `poll()` \
                 for both, or a part out and the same part in, in turn.",
            ],
            |run| {
                let text = run.observed("server", "text").is("whole");
                text.and(run.observed("server", "end").is_not("stuck"))
            },
        )
        .rule(
            2,
            END,
            [
                "The server has all of it. How could it know?",
                "The end of your report is a FIN, and you still have to read.",
                "`shutdown(Shutdown::Write)` after the last line.",
            ],
            |run| {
                let end = run.observed("server", "end").is("end of file");
                end.and(run.observed("server", "text").is("whole"))
            },
        )
        .rule(
            4,
            BACK,
            [
                "Look at the end of the ladder: who resets whom?",
                "A socket that is closed with bytes unread sends a RST, and \
                 so does one that gets bytes after that.",
                "Read until the end of file before your program ends.",
            ],
            read_back,
        )
        .starter_breaks(ALL)
        .wrong("waits-for-room", ALL)
        .wrong("closes-its-ears", ALL)
        .wrong("leaves-early", BACK)
}

fn server(net: &Net) -> Result<()> {
    let listener = TcpListener::bind(net.here(7000))?;
    net.mark("listening")?;
    let (client, _) = listener.accept()?;
    client.set_read_timeout(Some(secs(1)))?;
    client.set_write_timeout(Some(secs(1)))?;
    let mut back = client.try_clone()?;
    let (text, end) = read_report(&client, |part| back.write_all(part));
    net.observe("text", text)?;
    net.observe("end", &end)?;
    match end.as_str() {
        "end of file" => until_read(net, &client),
        _ => Ok(()),
    }
}

/// The server's FIN is acknowledged, and no RST says that bytes were left.
fn read_back(run: &Evidence) -> Finding {
    let fins = run.segments().from("server").with_flag('F');
    let whole = run.observed("server", "text").is("whole");
    let end = fins.last().acknowledged().is_there();
    whole.and(end).and(run.segments().with_flag('R').none())
}
