//! An experiment's snapshot -> a figure: the ladder, its caption, its table.

use std::collections::{BTreeMap, BTreeSet};

use lab_kit::ladder::model::{Model, ModelPacket};
use lab_kit::ladder::{Ladder, label};
use lab_kit::line::Line;

use super::{Desk, svg, table};
use crate::directive::Target;
use crate::html::{code, escape};
use crate::labs::Found;
use crate::snapshot::Snapshot;
use lab_kit::names::nearest;

/// Which part of which snapshot is drawn.
pub(super) struct Part<'a> {
    pub(super) variant: Option<&'a str>,
    pub(super) connection: Option<u32>,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The ladder of an experiment.
pub(super) fn figure(
    desk: &mut Desk,
    of: &Target,
    part: &Part,
) -> Result<String, String> {
    let found = desk.library.find(of)?;
    let (path, snapshot) = found.snapshot(part.variant)?;
    let lines = snapshot.select(part.connection, part.from, part.to);
    if lines.is_empty() {
        return Err(format!("{path} has no such lines"));
    }
    known_claims(&found, &path, &lines)?;
    let plan = found.plan;
    let bare: Vec<Line> = lines.iter().map(|(_, l)| l.clone()).collect();
    let ladder = Ladder::of_lines(&bare, &plan.hosts, &plan.claims);
    let names = svg::Names {
        id: format!("ladder-{}", desk.next_figure()),
        title: format!("Ladder of {}/{}", of.lab, of.experiment),
        about: about(&ladder, &bare),
    };
    let live = match desk.model(&found, part.variant) {
        Some((name, model)) => live(&name, &model, &snapshot, &lines),
        None => String::new(),
    };
    let why = part.variant.and_then(|name| {
        let variant = plan.variants.iter().find(|v| v.name == name)?;
        Some(format!("Variant {}: {} ", code(name), escape(&variant.reason)))
    });
    Ok(format!(
        "<figure class=\"ladder\"{live}>\n<div class=\"ladder-scroll\"{scroll}>\n\
         {svg}</div>\n<figcaption>{why}{path}, accepted on {kernel}.\
         </figcaption>\n<details>\n<summary>The same as a table</summary>\n\
         {table}</details>\n</figure>",
        scroll = scroll(&ladder, &names.title),
        svg = svg::svg(&ladder, &names),
        why = why.unwrap_or_default(),
        path = code(&path),
        kernel = escape(&snapshot.kernel),
        table = table::table(&lines, &plan.claims),
    ))
}

/// What a script draws in the figure's place, and of a part: the number of its
/// first packet.
fn live(
    name: &str,
    model: &Model,
    snapshot: &Snapshot,
    lines: &[(usize, Line)],
) -> String {
    let mut live = format!(" data-model=\"{}\"", escape(name));
    let is_part = lines.len() < snapshot.lines.len();
    let packet = |(_, l): &&(usize, Line)| matches!(l, Line::Packet(_));
    let first = lines.iter().find(packet).map(|(number, _)| *number);
    if is_part && let Some(line) = first {
        let numbers = numbers(&snapshot.lines, model);
        if let Some(n) = numbers.get(&line) {
            live += &format!(" data-first=\"{n}\"");
        }
    }
    live
}

/// Line of a snapshot -> number of the packet in the trace. A snapshot leaves
/// out some ACKs; what it has of a connection is in the trace's order.
fn numbers(lines: &[(usize, Line)], model: &Model) -> BTreeMap<usize, usize> {
    let mut numbers = BTreeMap::new();
    let mut flow = None;
    let several = lines.iter().any(|(_, l)| matches!(l, Line::Connection(_)));
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    for (number, line) in lines {
        match line {
            Line::Connection(n) => flow = Some(*n),
            Line::Packet(packet) => {
                let label = label(packet, flow.filter(|_| several));
                let is_it = |p: &&ModelPacket| {
                    !seen.contains(&p.n)
                        && p.from == packet.from
                        && p.to == packet.to
                        && p.label == label
                };
                if let Some(found) = model.packets().find(is_it) {
                    seen.insert(found.n);
                    numbers.insert(*number, found.n);
                }
            }
            _ => {}
        }
    }
    numbers
}

/// A snapshot that names a claim nobody makes is out of date; its gap would
/// silently be missing.
fn known_claims(
    found: &Found,
    path: &str,
    lines: &[(usize, Line)],
) -> Result<(), String> {
    let claims = &found.plan.claims;
    for (number, line) in lines {
        let Line::Packet(packet) = line else { continue };
        let unknown = packet.claims.iter().find(|c| !claims.contains(c));
        if let Some(claim) = unknown {
            let names = claims.iter().map(String::as_str);
            return Err(format!(
                "{path} line {number} shows a claim that {} doesn't make, \
                 {claim:?}; {}",
                found.plan.name,
                nearest(claim, names)
            ));
        }
    }
    Ok(())
}

/// Three hosts don't fit a phone: the box scrolls, also by keyboard.
fn scroll(ladder: &Ladder, title: &str) -> String {
    match ladder.hosts.len() {
        0..=2 => String::new(),
        _ => format!(
            " role=\"region\" tabindex=\"0\" aria-label=\"{}\"",
            escape(title)
        ),
    }
}

fn about(ladder: &Ladder, lines: &[Line]) -> String {
    let packets = lines.iter().filter(|l| matches!(l, Line::Packet(_)));
    let hosts = ladder.hosts.join(", ");
    format!(
        "{} packets between {hosts}, from top to bottom. The table below the \
         figure says the same in words.",
        packets.count()
    )
}
