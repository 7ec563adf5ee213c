//! What the stalls of this chapter share: messages of 132 bytes that say
//! where they belong (`2c`: round 2, third message), and the words for them.

use std::net::TcpStream;

use anyhow::Result;
use lab_kit::claim::DELAYED_ACK;
use lab_kit::{Evidence, Finding, Moment, Net};

/// The kernel's counter of ACKs that the timer sent.
pub(crate) const DELAYED: &str = "TcpExtDelayedACKs";

/// Bytes of a message: far less than a full segment, which is Nagle's matter.
pub(crate) const SIZE: usize = 132;

/// The n-th message of a round, both from 1; `2c`, then zeros.
pub(crate) fn message(round: u8, n: u8) -> [u8; SIZE] {
    let mut bytes = [0; SIZE];
    bytes[..2].copy_from_slice(name(round, n).as_bytes());
    bytes
}

fn name(round: u8, n: u8) -> String {
    format!("{round}{}", char::from(b'a' + n - 1))
}

/// The segment that begins with this echo.
pub(crate) fn echo(run: &Evidence, round: u8, n: u8) -> Moment<'_> {
    let name = name(round, n);
    run.segments().from("server").saying(&name).first()
}

/// The first segment that acknowledges this echo.
pub(crate) fn ack_of_echo(run: &Evidence, round: u8, n: u8) -> Moment<'_> {
    echo(run, round, n).acknowledged()
}

/// So many echoes left right behind a delayed ACK that let them go: so many
/// reads of the client stalled.
pub(crate) fn stalls_are(run: &Evidence, wanted: usize) -> Finding {
    let segments = &run.trace.segments;
    let waited = |&n: &usize| {
        let (ack, data) = (&segments[n - 1], &segments[n]);
        let mut before = segments[..n - 1].iter().rev();
        let sent = before.find(|s| s.from == data.from && s.len > 0);
        let gap = sent.map_or(0, |s| ack.at.saturating_sub(s.at));
        data.from == "server"
            && data.len > 0
            && ack.from == "client"
            && ack.is_pure_ack()
            && gap >= DELAYED_ACK.as_nanos() as i64
    };
    let found: Vec<_> = (1..segments.len()).filter(waited).collect();
    let says = |n| match n {
        0 => "no echo that waited for a delayed ACK".into(),
        n => format!("{n} echoes that waited for a delayed ACK"),
    };
    let holds = found.len() == wanted;
    let mut finding = Finding::new(holds, says(wanted), says(found.len()));
    finding.segments = found;
    finding
}

/// Keeps how many ACKs of a host the timer has sent so far.
pub(crate) fn count(net: &Net, host: &str) -> Result<()> {
    let delayed = net.counter(host, DELAYED)?;
    net.on(host, || net.observe(DELAYED, delayed))
}

/// The client closes, then the server: never both at once.
pub(crate) fn close(
    net: &Net,
    client: TcpStream,
    server: TcpStream,
) -> Result<()> {
    drop(client);
    net.until_state("server", "CLOSE-WAIT")?;
    drop(server);
    Ok(())
}
