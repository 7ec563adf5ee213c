//! Words for rules about the datagrams of an answer.

use lab_kit::{Evidence, Finding, Proto};

/// The first that doesn't hold, or else the last.
pub(crate) fn first_wrong(
    findings: impl IntoIterator<Item = Finding>,
) -> Finding {
    let mut last = Finding::new(false, "a datagram", "none");
    for finding in findings {
        last = finding;
        if !last.holds {
            break;
        }
    }
    last
}

/// Holds of the n-th datagram on the wire, if there is one.
pub(crate) fn of_datagram(
    run: &Evidence,
    n: usize,
    wanted: String,
    judge: impl Fn(&[u8]) -> (bool, String),
) -> Finding {
    let sent = run.segments().from("client");
    let sent = sent.that("UDP", |s| s.proto == Proto::Udp);
    let Some(at) = sent.indices().nth(n) else {
        return Finding::new(false, wanted, "it did not come");
    };
    let (holds, saw) = judge(run.trace.segments[at].data());
    let mut finding = Finding::new(holds, wanted, saw);
    finding.segments = vec![at];
    finding
}
