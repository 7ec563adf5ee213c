//! What is given of a sick system -> a figure: its ladder with the segments'
//! numbers and times, and the same as a table.

use std::collections::BTreeMap;
use std::fmt::Write;

use lab_kit::ladder::{Ladder, Row};

use super::{svg, table};
use crate::exercises::Exercise;
use crate::html::{code, escape};

/// The ladder that a diagnosis is about; its figures, if it draws any.
pub(super) fn given(exercise: &Exercise) -> Result<String, String> {
    let found = &exercise.found;
    let (path, mut ladder) = found.given()?;
    let afterwards = afterwards(&mut ladder);
    let (_, snapshot) = found.snapshot(None)?;
    let names = svg::Names {
        id: "ladder-1".into(),
        title: format!("What was recorded for {}", exercise.name()),
        about: "Every segment has its number at the left. The table below the \
                figure says the same in words."
            .into(),
    };
    let figures = match found.plan.figures.is_empty() {
        true => String::new(),
        false => format!("\n\n{}", super::figures::figures(found, None)?),
    };
    Ok(format!(
        "<figure class=\"ladder given\">\n\
         <div class=\"ladder-scroll\" role=\"region\" tabindex=\"0\" \
         aria-label=\"{title}\">\n{svg}</div>\n\
         <figcaption>The segments' numbers at the left, milliseconds at the \
         right. {path}, recorded on {kernel}.</figcaption>\n\
         <details>\n<summary>The same as a table</summary>\n{table}</details>\n\
         <details>\n<summary>What the kernels say afterwards</summary>\n\
         {afterwards}</details>\n</figure>{figures}",
        title = escape(&names.title),
        svg = svg::svg(&ladder, &names),
        path = code(&path),
        kernel = escape(&snapshot.kernel),
        table = rows(&ladder),
        afterwards = table_of(&ladder.hosts, &afterwards),
    ))
}

/// Takes out what has no place in time: counters, and the sockets left. Each
/// with what it says, by host.
fn afterwards(
    ladder: &mut Ladder,
) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut said: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    ladder.rows.retain(|row| {
        let Row::Note { at: None, host, text } = row else { return true };
        let (what, is) = text.rsplit_once(' ').unwrap_or((text, ""));
        let is_at = said.entry(what.into()).or_default();
        let cell = is_at.entry(host.clone()).or_default();
        let comma = if cell.is_empty() { "" } else { ", " };
        *cell += &format!("{comma}{is}");
        false
    });
    said
}

fn table_of(
    hosts: &[String],
    said: &BTreeMap<String, BTreeMap<String, String>>,
) -> String {
    let head: String = hosts
        .iter()
        .map(|host| format!("<th scope=\"col\">{}</th>", escape(host)))
        .collect();
    let mut rows = String::new();
    for (what, by_host) in said {
        let cell = |host| by_host.get(host).map_or("", String::as_str);
        let cells: String = hosts
            .iter()
            .map(|host| format!("<td>{}</td>", escape(cell(host))))
            .collect();
        let _ = writeln!(rows, "<tr><td>{}</td>{cells}</tr>", code(what));
    }
    format!(
        "<div class=\"table-wrapper\">\n<table>\n<thead><tr>\
         <th scope=\"col\">Counter, or sockets</th>{head}</tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )
}

fn rows(ladder: &Ladder) -> String {
    let mut rows = String::new();
    for row in &ladder.rows {
        let (number, at, cells) = match row {
            Row::Packet { at, number, packet, .. } => {
                (*number, *at, table::packet_cells(packet, &[]))
            }
            Row::Note { at, host, text } => {
                (None, *at, table::wide(&escape(host), &escape(text)))
            }
            Row::States { label, states } => {
                let text =
                    format!("{}: {}", escape(label), table::list(states));
                (None, None, table::wide("states", &text))
            }
            Row::Quiet { text } => (None, None, table::wide("", &escape(text))),
            Row::Connection(n) => {
                (None, None, table::wide("", &format!("connection {n}")))
            }
            Row::Gap { .. } => continue,
        };
        let number = number.map_or(String::new(), |n| n.to_string());
        let at = at.map_or(String::new(), svg::milliseconds);
        let _ = writeln!(
            rows,
            "<tr><td>{number}</td><td class=\"number\">{at}</td>{cells}</tr>"
        );
    }
    format!(
        "<div class=\"table-wrapper\">\n<table>\n<thead><tr>\
         <th scope=\"col\">Segment</th><th scope=\"col\">ms</th>\
         <th scope=\"col\">Who</th><th scope=\"col\">What</th>\
         <th scope=\"col\">Numbers</th><th scope=\"col\">Remarks</th></tr>\
         </thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )
}
