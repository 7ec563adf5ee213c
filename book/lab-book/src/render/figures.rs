//! An experiment's accepted figures -> HTML: tables, bars, bytes, paths.

use std::fmt::Write;

use lab_kit::figure::text::is_numeric;
use lab_kit::figure::{Bars, Drawn, Figure, Path, Stretch, Table};
use lab_kit::names::nearest;

use crate::html::{code, escape};
use crate::labs::Found;

/// All figures of an experiment, or the one of this title.
pub(super) fn figures(
    found: &Found,
    which: Option<&str>,
) -> Result<String, String> {
    let (path, figures) = found.figures()?;
    known_titles(found, &path, &figures)?;
    let wanted = |d: &&Drawn| which.is_none_or(|title| d.title == title);
    let drawn: Vec<String> =
        figures.iter().filter(wanted).map(|d| one(d, &path)).collect();
    if drawn.is_empty() {
        let titles = figures.iter().map(|d| d.title.as_str());
        let which = which.unwrap_or_default();
        return Err(format!(
            "{} has no figure {which:?}; {}",
            found.plan.name,
            nearest(which, titles)
        ));
    }
    Ok(drawn.join("\n"))
}

/// A file whose titles are not the plan's is out of date.
fn known_titles(
    found: &Found,
    path: &str,
    figures: &[Drawn],
) -> Result<(), String> {
    let kept: Vec<&String> = figures.iter().map(|d| &d.title).collect();
    let planned: Vec<&String> = found.plan.figures.iter().collect();
    match kept == planned {
        true => Ok(()),
        false => Err(format!(
            "{path} holds the figures {kept:?}, the experiment draws \
             {planned:?}: accept it again"
        )),
    }
}

fn one(drawn: &Drawn, path: &str) -> String {
    let (class, body) = match &drawn.figure {
        Figure::Table(table) => ("cells", cells(table)),
        Figure::Bars(bars) => ("bars", counts(bars)),
        Figure::Bytes(bytes) => ("bytes", super::bytes::draw(bytes)),
        Figure::Path(path) if path.layers().is_empty() => ("path", steps(path)),
        Figure::Path(path) => ("layers", layers(path)),
    };
    format!(
        "<figure class=\"drawn {class}\">\n<figcaption>{}</figcaption>\n\
         {body}<p class=\"drawn-source\">{}</p>\n</figure>",
        escape(&drawn.title),
        code(path)
    )
}

fn cells(table: &Table) -> String {
    let numeric = |n| match is_numeric(table, n) {
        true => " class=\"number\"",
        false => "",
    };
    let mut html = String::from("<div class=\"table-wrapper\"><table>\n");
    let head = table.head.iter().enumerate().map(|(n, name)| {
        format!("<th scope=\"col\"{}>{}</th>", numeric(n), escape(name))
    });
    let head: String = head.collect();
    let _ = writeln!(html, "<thead><tr>{head}</tr></thead>\n<tbody>");
    for row in &table.rows {
        let cells = row.iter().enumerate().map(|(n, cell)| match n {
            0 if !cell.is_empty() => {
                format!("<th scope=\"row\">{}</th>", escape(cell))
            }
            n => format!("<td{}>{}</td>", numeric(n), escape(cell)),
        });
        let cells: String = cells.collect();
        let _ = writeln!(html, "<tr>{cells}</tr>");
    }
    html + "</tbody>\n</table></div>\n"
}

fn counts(bars: &Bars) -> String {
    let most = bars.bars.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
    let mut html = format!(
        "<table>\n<thead><tr><td></td><th scope=\"col\">{}</th></tr></thead>\n\
         <tbody>\n",
        escape(&bars.unit)
    );
    for (label, n) in &bars.bars {
        let share = (*n).max(0) as f64 * 100.0 / most as f64;
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\">{}</th><td><span class=\"bar\" \
             style=\"--share: {share:.1}%\"></span><span>{n}</span></td></tr>",
            escape(label)
        );
    }
    html + "</tbody>\n</table>\n"
}

fn steps(path: &Path) -> String {
    let mut html = String::from("<ol class=\"stretches\">\n");
    for stretch in path.stretches() {
        let context = stretch.context;
        let steps: String = stretch
            .steps
            .iter()
            .map(|(_, name)| format!("<li>{}</li>", code(name)))
            .collect();
        let _ = writeln!(
            html,
            "<li><span class=\"context\">{}</span><ol>{steps}</ol></li>",
            escape(context)
        );
    }
    html + "</ol>\n"
}

/// A row for each layer, a column for each context. The arrows are part of the
/// text: a screen reader must hear which way a column is read, too.
fn layers(path: &Path) -> String {
    let layers = path.layers();
    let stretches = path.stretches();
    let mut html = String::from(
        "<div class=\"table-wrapper\"><table>\n<thead><tr><td></td>",
    );
    for stretch in &stretches {
        let way = match stretch.rises(&layers) {
            true => "read upwards",
            false => "read downwards",
        };
        let _ = write!(
            html,
            "<th scope=\"col\">{} <span class=\"way\">{way}</span></th>",
            escape(stretch.context)
        );
    }
    html += "</tr></thead>\n<tbody>\n";
    for layer in &layers {
        let _ = write!(html, "<tr><th scope=\"row\">{}</th>", escape(layer));
        for stretch in &stretches {
            html += &cell(stretch, layer, &layers);
        }
        html += "</tr>\n";
    }
    html + "</tbody>\n</table></div>\n"
}

fn cell(stretch: &Stretch, layer: &str, layers: &[&str]) -> String {
    let rises = stretch.rises(layers);
    let names = stretch.within(layer, rises);
    if names.is_empty() {
        return "<td></td>".into();
    }
    let (class, arrow) = if rises { ("up", "↑") } else { ("down", "↓") };
    let names = names.iter().map(|name| {
        format!("<li><span class=\"arrow\">{arrow}</span> {}</li>", code(name))
    });
    let names: String = names.collect();
    format!("<td class=\"{class}\"><ul>{names}</ul></td>")
}
