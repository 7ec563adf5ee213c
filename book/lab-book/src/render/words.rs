//! Who uses what of the kernel, and the terms -> two alphabetical pages.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Desk;
use super::symptoms::{experiment, heading};
use crate::html::{code, escape, rich};
use crate::teach::{Kind, Uses, Words, anchor};

/// Every name of a kind, what it is, and the experiments that have to do with
/// it.
pub(super) fn index(desk: &Desk, kind: Kind) -> Result<String, String> {
    let words = Words::read(&desk.library.root)?;
    let uses = Uses::gather(desk.library)?;
    let mut used: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, all) in uses.of(kind) {
        let links = all.iter().filter_map(|of| {
            // One that no page tells of has no place to lead to.
            experiment(desk, &format!("{}/{}", of.lab, of.experiment)).ok()
        });
        used.insert(name, links.collect());
    }
    let known = words.of(kind);
    let file = "book/data/kernel.toml";
    let unexplained = used.keys().filter(|n| !known.contains_key(**n));
    let unused = known.keys().filter(|n| !used.contains_key(n.as_str()));
    let faults: Vec<String> = unexplained
        .map(|n| format!("{file} has no line for `{n}`"))
        .chain(unused.map(|n| format!("{file}: no experiment uses `{n}`")))
        .collect();
    if !faults.is_empty() {
        return Err(faults.join("; "));
    }
    let mut out = String::new();
    for (name, links) in &used {
        let what = known.get(*name).map_or("", |w| w);
        let id = anchor(name);
        let _ = write!(
            out,
            "### {} {{#{id}}}\n\n<p class=\"entry\">{}</p>\n\
             <p class=\"entry-links\">{}</p>\n\n",
            heading(&format!("`{name}`")),
            rich(what),
            links.join(", ")
        );
    }
    Ok(out)
}

/// All terms.
pub(super) fn glossary(desk: &Desk) -> Result<String, String> {
    let (glossary, _) = desk.book.glossary.as_ref().map_err(String::clone)?;
    let mut rows = String::new();
    for term in &glossary.terms {
        let _ = writeln!(
            rows,
            "<div id=\"{}\"><dt>{}</dt><dd>{} <span class=\"see\">{}</span>\
             </dd></div>",
            term.id(),
            escape(&term.name),
            rich(&term.is),
            rich(&term.see)
        );
    }
    Ok(format!("<dl class=\"glossary\">\n{rows}</dl>"))
}

/// `ch05`, linked to its page.
pub(super) fn chapter(desk: &Desk, lab: &str) -> Result<String, String> {
    let title = escape(&desk.library.lab(lab)?.title);
    let page = desk.library.page(lab).unwrap_or_default();
    Ok(format!("<a href=\"{page}\">{}</a> {title}", code(lab)))
}
