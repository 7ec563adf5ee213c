//! A snapshot's lines -> the table that says what the ladder draws.

use std::fmt::Write;

use lab_kit::Flags;
use lab_kit::ladder::number;
use lab_kit::line::{Line, Packet};

use crate::html::{code, escape};

/// One row per line; `#` is the line's number in the snapshot.
pub(super) fn table(lines: &[(usize, Line)], claims: &[String]) -> String {
    let mut rows = String::new();
    for (number, line) in lines {
        let cells = match line {
            Line::Packet(packet) => packet_cells(packet, claims),
            Line::Connection(n) => wide("", &format!("connection {n}")),
            Line::States { label, states } => {
                wide("states", &format!("{}: {}", escape(label), list(states)))
            }
            Line::Saw { host, key, value } => wide(
                &escape(host),
                &format!("{}: {}", code(key), escape(value)),
            ),
            Line::Counter { host, name, grew } => {
                wide(&escape(host), &format!("{} {grew:+}", code(name)))
            }
        };
        let _ = writeln!(rows, "<tr><td>{number}</td>{cells}</tr>");
    }
    format!(
        "<div class=\"table-wrapper\">\n<table>\n<thead><tr>\
         <th scope=\"col\">Line</th><th scope=\"col\">Who</th>\
         <th scope=\"col\">What</th><th scope=\"col\">Numbers</th>\
         <th scope=\"col\">Remarks</th></tr></thead>\n<tbody>\n{rows}\
         </tbody>\n</table>\n</div>\n"
    )
}

pub(super) fn wide(who: &str, what: &str) -> String {
    format!("<td>{who}</td><td colspan=\"3\">{what}</td>")
}

pub(super) fn list(states: &[(String, String)]) -> String {
    let pairs = states
        .iter()
        .map(|(host, state)| format!("{} {}", escape(host), escape(state)));
    pairs.collect::<Vec<_>>().join(", ")
}

pub(super) fn packet_cells(packet: &Packet, claims: &[String]) -> String {
    let tcp = packet.range.contains(':');
    let what = match tcp {
        true => Flags(packet.what.clone()).words(),
        false => packet.what.clone(),
    };
    let mut numbers = vec![packet.range.clone()];
    numbers.extend(packet.ack.map(|n| format!("ack {n}")));
    numbers.extend(packet.window.map(|n| format!("win {n}")));
    format!(
        "<td>{} to {}</td><td>{}</td><td>{}</td><td>{}</td>",
        escape(&packet.from),
        escape(&packet.to),
        escape(&what),
        escape(&numbers.join(", ")),
        remarks(packet, claims)
    )
}

fn remarks(packet: &Packet, claims: &[String]) -> String {
    let mut parts = Vec::new();
    if !packet.payload.is_empty() {
        parts.push(code(&packet.payload));
    }
    if !packet.options.is_empty() {
        parts.push(escape(&packet.options));
    }
    if packet.again {
        parts.push("sent before".into());
    }
    if packet.lost {
        parts.push("<strong>lost</strong>".into());
    }
    if packet.damaged {
        parts.push("<strong>damaged</strong>".into());
    }
    for claim in &packet.claims {
        let n = claims.iter().position(|c| c == claim);
        let sign = n.map_or(String::new(), number);
        parts.push(format!("{sign} {}", escape(claim)));
    }
    parts.join("; ")
}
