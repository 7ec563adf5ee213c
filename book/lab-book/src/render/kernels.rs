//! What experiments came to on each kernel -> a table of the chapters, and a
//! list of all that is not as the book shows it.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Desk;
use crate::directive::Target;
use crate::expand::place;
use crate::html::{code, escape};
use crate::kernels::{Kernels, Outcome, Series};

/// Of one lab, or of all of them.
pub(super) fn kernels(
    desk: &Desk,
    lab: Option<&str>,
) -> Result<String, String> {
    let kernels = desk.library.kernels()?;
    let labs: Vec<&str> = match lab {
        Some(lab) => vec![lab],
        None => desk.library.names().collect(),
    };
    let mut html = String::new();
    let _ = writeln!(
        html,
        "<div class=\"kernels table-wrapper\">\n<table>\n<thead><tr>\
         <th scope=\"col\">Chapter</th>{}</tr></thead>\n<tbody>",
        each(&kernels, head)
    );
    let mut others = String::new();
    for lab in labs {
        let there = experiments(desk, lab)?;
        let row = each(&kernels, |series| counts(series, lab, &there));
        let title = escape(&desk.library.lab(lab)?.title);
        let page = desk.library.page(lab).unwrap_or_default();
        let name = format!("<a href=\"{page}\">{}</a> {title}", code(lab));
        let _ = writeln!(html, "<tr><th scope=\"row\">{name}</th>{row}</tr>");
        for experiment in &there {
            others += &differing(desk, &kernels, lab, experiment);
        }
    }
    html += "</tbody>\n</table>\n</div>";
    if !others.is_empty() {
        let _ = write!(html, "\n<dl class=\"kernels\">\n{others}</dl>");
    }
    Ok(html)
}

fn each(kernels: &Kernels, draw: impl FnMut(&Series) -> String) -> String {
    kernels.series.iter().map(draw).collect()
}

fn head(series: &Series) -> String {
    format!(
        "<th scope=\"col\">{} <span class=\"kernel\">{}, {}, {}, all in {} s\
         </span></th>",
        escape(&series.series),
        escape(&series.release),
        escape(&series.machine),
        escape(&series.date),
        series.seconds
    )
}

/// What the lab has now; results of others are of the past.
fn experiments(desk: &Desk, lab: &str) -> Result<Vec<String>, String> {
    let plans = &desk.library.lab(lab)?.experiments;
    Ok(plans.iter().map(|plan| plan.name.clone()).collect())
}

/// `14 pass, 2 need a newer kernel`.
fn counts(series: &Series, lab: &str, there: &[String]) -> String {
    let mut counts: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for name in there {
        let outcome = find(series, lab, name);
        let words = outcome.map_or((9, "not run yet"), words);
        *counts.entry(words).or_default() += 1;
    }
    let all_pass = counts.keys().all(|(order, _)| *order == 0);
    let class = if all_pass { "passes" } else { "mixed" };
    let parts: Vec<_> =
        counts.iter().map(|((_, words), n)| format!("{n} {words}")).collect();
    format!("<td class=\"{class}\">{}</td>", parts.join(", "))
}

fn find<'a>(series: &'a Series, lab: &str, name: &str) -> Option<&'a Outcome> {
    let mut all = series.experiments.iter();
    all.find(|o| o.lab == lab && o.experiment == name)
}

/// The verdict in a reader's words, and how far from passing it is.
fn words(outcome: &Outcome) -> (usize, &'static str) {
    match outcome.verdict.as_str() {
        "pass" => (0, "pass"),
        "variant" => (1, "pass with other packets"),
        "differs" => (2, "pass, nobody knows why with other packets"),
        "skipped" => (3, "skipped"),
        "new" => (4, "hold, no trace accepted yet"),
        "claim-failed" => (5, "fail"),
        "inconclusive" => (6, "inconclusive"),
        "could-not-run" => (7, "could not run"),
        _ => (8, "differ"),
    }
}

/// An experiment, if it is not the same on all kernels: what it came to, on
/// which of them.
fn differing(desk: &Desk, kernels: &Kernels, lab: &str, name: &str) -> String {
    let of = Target { lab: lab.into(), experiment: name.into() };
    let mut items: Vec<(String, Vec<&str>)> = Vec::new();
    for series in &kernels.series {
        let Some(outcome) = find(series, lab, name) else { continue };
        if outcome.passes() {
            continue;
        }
        let text = item(outcome);
        match items.last_mut() {
            Some((last, on)) if *last == text => on.push(&series.series),
            _ => items.push((text, vec![&series.series])),
        }
    }
    if items.is_empty() {
        return String::new();
    }
    let page = desk.library.page(lab).unwrap_or_default();
    let at = Some(place(&of)).filter(|id| desk.book.told.contains(id));
    let at = at.map_or(String::new(), |id| format!("#{id}"));
    let items: Vec<String> = items
        .iter()
        .map(|(text, on)| {
            let on = escape(&on.join(", "));
            format!("<div><strong>{on}</strong> {text}</div>\n")
        })
        .collect();
    format!(
        "<dt><a href=\"{page}{at}\">{}</a></dt>\n<dd>{}</dd>\n",
        code(&format!("{lab}/{name}")),
        items.concat()
    )
}

fn item(outcome: &Outcome) -> String {
    let mut text = match outcome.verdict.as_str() {
        "variant" => "passes with other packets".to_string(),
        "differs" => "passes, nobody knows why with other packets".into(),
        _ => words(outcome).1.into(),
    };
    if let Some(needs) = &outcome.needs {
        let _ = write!(
            text,
            ": since {}, commit {}: {}",
            escape(&needs.kernel),
            code(&needs.commit),
            escape(&needs.what)
        );
    } else if let Some(reason) = &outcome.reason {
        let _ = write!(text, ": {}", escape(reason));
    } else if let Some(why) = outcome.why.first() {
        let _ = write!(text, ": {}", escape(&why.replace('\n', " ")));
    }
    for broken in &outcome.claims {
        let _ = write!(
            text,
            "<br>{}: wanted {}, saw {}",
            escape(&broken.claim),
            escape(&broken.wanted),
            escape(&broken.saw)
        );
    }
    if let Some(diff) = &outcome.diff {
        let shown = |l: &&str| !l.is_empty() && !l.starts_with('\\');
        let lines: Vec<_> = diff.lines().filter(shown).collect();
        let _ = write!(
            text,
            "<details><summary>What is other</summary>\
             <pre><code class=\"language-diff nohighlight\">{}</code></pre>\
             </details>",
            escape(&lines.join("\n"))
        );
    }
    text
}
