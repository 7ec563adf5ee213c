//! An experiment's snapshot -> a figure: the ladder, its caption, its table.

use lab_kit::ladder::Ladder;
use lab_kit::line::Line;

use super::{Desk, svg, table};
use crate::directive::Target;
use crate::html::{code, escape};
use crate::labs::Found;
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
    let why = part.variant.and_then(|name| {
        let variant = plan.variants.iter().find(|v| v.name == name)?;
        Some(format!("Variant {}: {} ", code(name), escape(&variant.reason)))
    });
    Ok(format!(
        "<figure class=\"ladder\">\n<div class=\"ladder-scroll\"{scroll}>\n\
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
