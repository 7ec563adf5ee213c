//! What is given of a sick system -> a figure: its ladder with the segments'
//! numbers and times, and the same as a table.

use std::fmt::Write;

use lab_kit::ladder::{Ladder, Row};

use super::{svg, table};
use crate::exercises::Exercise;
use crate::html::{code, escape};

/// The ladder that a diagnosis is about; its figures, if it draws any.
pub(super) fn given(exercise: &Exercise) -> Result<String, String> {
    let found = &exercise.found;
    let (path, ladder) = found.given()?;
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
         </figure>{figures}",
        title = escape(&names.title),
        svg = svg::svg(&ladder, &names),
        path = code(&path),
        kernel = escape(&snapshot.kernel),
        table = rows(&ladder),
    ))
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
