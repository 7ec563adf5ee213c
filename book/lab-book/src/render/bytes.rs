//! Named bytes -> HTML: all of them as a dump, and a table of the fields.
//!
//! The table says it all. The dump shows where each field is; `bytes.js` joins
//! the two when a reader points at one of them.

use std::fmt::Write;

use lab_kit::figure::{Bytes, Field};

use crate::html::{code, escape};

/// Bytes of one field that the table shows.
const SHOWN: usize = 16;
/// Bytes that the dump shows.
const DUMPED: usize = 256;

/// The dump and the table.
pub(super) fn draw(bytes: &Bytes) -> String {
    let all = bytes.bytes();
    let mut html = String::new();
    if !all.is_empty() {
        html += &dump(bytes, &all);
    }
    html += "<div class=\"table-wrapper\"><table>\n<thead><tr>\
             <th scope=\"col\">Offset</th><th scope=\"col\">Bytes</th>\
             <th scope=\"col\">Field</th><th scope=\"col\">Meaning</th>\
             </tr></thead>\n<tbody>\n";
    for (n, field) in bytes.fields.iter().enumerate() {
        let part = all.get(field.range()).unwrap_or_default();
        let _ = writeln!(
            html,
            "<tr data-field=\"{n}\"><td class=\"number\">{}</td><td>{}</td>\
             <th scope=\"row\">{}</th><td>{}</td></tr>",
            field.at,
            code(&hex(part)),
            escape(&field.name),
            escape(&field.meaning)
        );
    }
    html + "</tbody>\n</table></div>\n"
}

fn hex(bytes: &[u8]) -> String {
    let shown: Vec<String> =
        bytes.iter().take(SHOWN).map(|b| format!("{b:02x}")).collect();
    let mut text = shown.join(" ");
    if bytes.len() > SHOWN {
        let _ = write!(text, " … {} more", bytes.len() - SHOWN);
    }
    text
}

/// Eights of bytes, two beside each other where there is room. A reader who
/// can't see it has the table.
fn dump(bytes: &Bytes, all: &[u8]) -> String {
    let mut html = format!(
        "<div class=\"dump\" role=\"img\" aria-label=\"{} bytes; the table \
         below names them\">",
        all.len()
    );
    for (n, eight) in all.chunks(8).take(DUMPED / 8).enumerate() {
        let from = n * 8;
        let _ = write!(html, "<span class=\"eight\"><b>{from:04x}</b>");
        for (at, byte) in (from..).zip(eight) {
            html += &cell(&bytes.fields, at, *byte);
        }
        html += "</span>";
    }
    if all.len() > DUMPED {
        let _ = write!(html, "<span>… {} more</span>", all.len() - DUMPED);
    }
    html + "</div>\n<p class=\"dump-says\"></p>\n"
}

/// One byte; the last field that names it is the one it shows.
fn cell(fields: &[Field], at: usize, byte: u8) -> String {
    let has = |f: &Field| f.range().contains(&at);
    let Some(n) = fields.iter().rposition(has) else {
        return format!("<i>{byte:02x}</i>");
    };
    let field = &fields[n];
    let side = ["even", "odd"][n % 2];
    let begins = if at == field.at { " begins" } else { "" };
    let ends = if at + 1 == field.range().end { " ends" } else { "" };
    format!(
        "<i class=\"{side}{begins}{ends}\" data-field=\"{n}\" title=\"{}\">\
         {byte:02x}</i>",
        escape(&field.name)
    )
}

#[cfg(test)]
mod tests {
    use lab_kit::Figure;

    use super::*;

    #[test]
    fn a_byte_shows_where_its_field_begins_and_ends() {
        let view = Figure::bytes(&[0x1b, 0x58, 0x45])
            .field(0..2, "port <1>", 7000)
            .field(2..3, "next", "");
        let html = draw(&view);
        for part in [
            "aria-label=\"3 bytes; the table below names them\"",
            "<i class=\"even begins\" data-field=\"0\" title=\"port \
             &lt;1&gt;\">1b</i>",
            "<i class=\"even ends\" data-field=\"0\"",
            "<i class=\"odd begins ends\" data-field=\"1\"",
            "<tr data-field=\"0\"><td class=\"number\">0</td>",
            "<code>1b 58</code>",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
    }

    #[test]
    fn much_is_cut_and_nothing_is_nothing() {
        let html = draw(&Figure::bytes(&[0; 300]).field(0..300, "all", ""));
        assert!(html.contains("… 284 more"), "in the table");
        assert!(html.contains("… 44 more"), "in the dump");
        assert!(!draw(&Figure::bytes(&[])).contains("dump"));
    }
}
