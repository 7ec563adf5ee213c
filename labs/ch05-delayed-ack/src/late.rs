//! Segments that a delayed ACK let go: evidence -> a finding, for exercises,
//! whose programs leave when they like.

use lab_kit::claim::DELAYED_ACK;
use lab_kit::{Evidence, Finding, Segment};

/// No data of this host left right behind a late ACK of its earlier data. Who
/// did nothing waited for nothing: there must have been enough to judge.
pub(crate) fn nothing_waits(
    run: &Evidence,
    host: &str,
    enough: Finding,
) -> Finding {
    if !enough.holds {
        return enough;
    }
    let segments = &run.trace.segments;
    let late: Vec<_> = (1..segments.len())
        .filter(|&n| segments[n].from == host && was_let_go(segments, n))
        .flat_map(|n| [n - 1, n])
        .collect();
    let wanted = format!("nothing of {host} that a late ACK let go");
    let saw = match late.len() / 2 {
        0 => "nothing".into(),
        n => format!("{n} segments that left right behind a late ACK"),
    };
    let mut finding = Finding::new(late.is_empty(), wanted, saw);
    finding.segments = late;
    finding
}

/// Data, right behind a pure ACK that came a delayed ACK's time after the
/// sender's last data.
fn was_let_go(segments: &[Segment], n: usize) -> bool {
    let (ack, data) = (&segments[n - 1], &segments[n]);
    let mut before = segments[..n - 1].iter().rev();
    let sent = before
        .find(|s| s.flow == data.flow && s.from == data.from && s.len > 0);
    let late = sent
        .is_some_and(|sent| ack.at - sent.at >= DELAYED_ACK.as_nanos() as i64);
    let is_new = data.len > 0 && !data.retransmission;
    let right_behind = ack.flow == data.flow && ack.is_pure_ack();
    is_new && right_behind && ack.to == data.from && late
}
