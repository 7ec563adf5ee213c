//! Evidence and findings -> a snapshot's text: only what is stable.

use std::collections::{BTreeMap, BTreeSet};

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
    let mut lines = packets(plan, run, findings);
    lines.extend(observations(plan, run));
    lines.extend(counters(plan, run));
    lines
}

/// The packets of each connection, and the recorded states that followed them.
/// A script orders all frames, those of two connections too.
fn packets(plan: &Plan, run: &Evidence, findings: &[Finding]) -> Vec<Line> {
    let named: BTreeSet<usize> =
        findings.iter().flat_map(|f| f.segments.iter().copied()).collect();
    let segments = &run.trace.segments;
    let Some(first) = segments.first() else { return Vec::new() };
    let stepped = plan.is_stepped();
    let moment = |n: &usize| segments[*n].shown_at(stepped);
    let mut order: Vec<usize> = (0..segments.len()).collect();
    order.sort_by_key(moment);
    let mut steps = run.steps.iter().peekable();
    let several = segments.iter().any(|s| s.flow != first.flow);
    let group = |flow: u32| if stepped { 0 } else { flow };
    let mut groups = BTreeMap::<u32, Group>::new();
    let mut before = order.first().map_or(0, |n| segments[*n].flow);
    for n in order {
        let segment = &segments[n];
        let last = groups.entry(group(before)).or_default();
        while let Some(step) = steps.next_if(|s| s.at < moment(&n)) {
            last.lines.push(states(run, step));
        }
        before = segment.flow;
        let folded = !named.contains(&n) && is_folded(segments, n);
        if plan.packets_vary.is_some() || folded {
            continue;
        }
        let own = groups.entry(group(before)).or_default();
        if several && own.under != before {
            own.under = before;
            own.lines.push(Line::Connection(before));
        }
        let mut packet = Packet::of(segment, plan.shows_windows);
        packet.claims = gaps_ending_at(plan, findings, n);
        own.lines.push(Line::Packet(packet));
    }
    let last = groups.entry(group(before)).or_default();
    last.lines.extend(steps.map(|step| states(run, step)));
    groups.into_values().flat_map(|group| group.lines).collect()
}

/// What is shown together, and which connection was named last.
#[derive(Default)]
struct Group {
    lines: Vec<Line>,
    under: u32,
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
