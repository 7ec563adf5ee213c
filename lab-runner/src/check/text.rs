//! Evidence and findings -> a snapshot's text: only what is stable.

use std::collections::BTreeSet;

use lab_kit::line::{Line, Packet, harmless};
use lab_kit::{Evidence, Finding, Plan, Segment};

/// The text that is compared with the accepted one.
pub(crate) fn snapshot_text(
    plan: &Plan,
    run: &Evidence,
    findings: &[Finding],
) -> String {
    let lines = lines(plan, run, findings);
    let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
    text.join("\n")
}

fn lines(plan: &Plan, run: &Evidence, findings: &[Finding]) -> Vec<Line> {
    let mut lines = Vec::new();
    let flows: BTreeSet<u32> =
        run.trace.segments.iter().map(|s| s.flow).collect();
    if plan.is_stepped() {
        // The script orders all frames, those of two connections too.
        lines.extend(packets(plan, run, findings, &flows));
    } else {
        for flow in flows {
            lines.extend(packets(plan, run, findings, &[flow].into()));
        }
    }
    lines.extend(observations(plan, run));
    lines.extend(counters(plan, run));
    lines
}

/// These connections' packets, and the recorded states that followed them.
fn packets(
    plan: &Plan,
    run: &Evidence,
    findings: &[Finding],
    flows: &BTreeSet<u32>,
) -> Vec<Line> {
    let named: BTreeSet<usize> =
        findings.iter().flat_map(|f| f.segments.iter().copied()).collect();
    let segments = &run.trace.segments;
    let moment = |n: &usize| segments[*n].shown_at(plan.is_stepped());
    let mut order: Vec<usize> = (0..segments.len()).collect();
    order.sort_by_key(moment);
    let mut steps = run.steps.iter().peekable();
    let several = segments.iter().any(|s| s.flow != segments[0].flow);
    let mut lines = Vec::new();
    let mut under = 0;
    let mut before = order.first().map_or(0, |n| segments[*n].flow);
    for n in order {
        let segment = &segments[n];
        while let Some(step) = steps.next_if(|s| s.at < moment(&n)) {
            if flows.contains(&before) {
                lines.push(states(run, step));
            }
        }
        before = segment.flow;
        if !flows.contains(&segment.flow) || plan.packets_vary.is_some() {
            continue;
        }
        if !named.contains(&n) && is_folded(segments, n) {
            continue;
        }
        if several && under != segment.flow {
            under = segment.flow;
            lines.push(Line::Connection(under));
        }
        let mut packet = Packet::of(segment, plan.shows_windows);
        packet.claims = gaps_ending_at(plan, findings, n);
        lines.push(Line::Packet(packet));
    }
    if flows.contains(&before) {
        lines.extend(steps.map(|step| states(run, step)));
    }
    lines
}

/// A pure ACK that no claim names is folded into its sender's next segment
/// with the same ack number: whether the kernel sent it alone or under the
/// next segment depends on how soon the program ran. The third segment of a
/// handshake never merges, so it stays.
fn is_folded(segments: &[Segment], n: usize) -> bool {
    let ack = &segments[n];
    let same_way = |s: &&Segment| s.flow == ack.flow && s.from == ack.from;
    if !ack.is_pure_ack() {
        return false;
    }
    let mut before = segments[..n].iter().filter(same_way);
    let opened = before.next().is_some_and(|s| s.flags.0 == "S");
    if opened && before.all(|s| s.flags.has('S')) {
        return false;
    }
    let next = segments[n + 1..].iter().find(same_way);
    next.is_some_and(|s| s.ack == ack.ack && s.seq == ack.seq)
}

fn gaps_ending_at(plan: &Plan, findings: &[Finding], n: usize) -> Vec<String> {
    let claims = plan.claims.iter().zip(findings);
    claims
        .filter(|(_, f)| f.holds && f.gap.is_some_and(|(_, b)| b == n))
        .map(|(claim, _)| claim.clone())
        .collect()
}

fn states(run: &Evidence, step: &lab_kit::Step) -> Line {
    let hosts = run.trace.hosts.iter();
    let states = hosts.map(|h| (h.clone(), step.state_of(h))).collect();
    Line::States { label: step.label.clone(), states }
}

/// In order for a script, which is one thread; else host by host.
fn observations(plan: &Plan, run: &Evidence) -> Vec<Line> {
    let mut seen: Vec<_> =
        run.observations.iter().filter(|o| !o.measured).collect();
    if !plan.is_scripted() {
        seen.sort_by_key(|o| {
            plan.hosts.iter().position(|host| *host == o.host)
        });
    }
    let line = |o: &&lab_kit::Observation| Line::Saw {
        host: o.host.clone(),
        key: o.key.clone(),
        // A program may have said anything; a line is one line.
        value: harmless(&o.value),
    };
    seen.iter().map(line).collect()
}

fn counters(plan: &Plan, run: &Evidence) -> Vec<Line> {
    let shown = plan.counters.iter().filter_map(|c| c.split_once(':'));
    shown
        .map(|(host, name)| {
            let grew = run.counters.get(host).and_then(|c| c.get(name));
            Line::Counter {
                host: host.into(),
                name: name.into(),
                grew: grew.copied().unwrap_or(0),
            }
        })
        .collect()
}
