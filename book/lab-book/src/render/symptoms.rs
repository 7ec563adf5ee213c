//! Symptoms -> the index of them all, by topic; and a chapter's links into it.

use std::fmt::Write;

use super::Desk;
use crate::directive::Target;
use crate::expand::place;
use crate::html::{code, escape, inline, rich};
use crate::teach::Symptom;

/// The index.
pub(super) fn all(desk: &Desk) -> Result<String, String> {
    let (all, _) = desk.book.symptoms.as_ref().map_err(String::clone)?;
    let mut out = String::new();
    let mut faults = Vec::new();
    for topic in &all.topics {
        let _ = writeln!(out, "## {}\n", heading(&topic.title));
        let ours = all.symptoms.iter().filter(|s| s.topic == topic.name);
        for symptom in ours {
            match entry(desk, symptom) {
                Ok(entry) => out += &entry,
                Err(what) => faults.push(symptom.fault(&what)),
            }
        }
    }
    match faults.is_empty() {
        true => Ok(out),
        false => Err(faults.join("; ")),
    }
}

/// What a chapter's lab shows something of.
pub(super) fn of(desk: &Desk, lab: &str) -> Result<String, String> {
    let (all, page) = desk.book.symptoms.as_ref().map_err(String::clone)?;
    desk.library.lab(lab)?;
    let items: Vec<String> = all
        .of(lab)
        .map(|s| {
            let (id, see) = (escape(&s.id), inline(&s.see));
            format!("<li><a href=\"{page}#{id}\">{see}</a></li>\n")
        })
        .collect();
    if items.is_empty() {
        return Err(format!("no symptom names an experiment of {lab}"));
    }
    Ok(format!(
        "<details class=\"symptoms\">\n<summary>In the index by symptom: {} \
         entries</summary>\n<ul>\n{}</ul>\n</details>",
        items.len(),
        items.concat()
    ))
}

fn entry(desk: &Desk, symptom: &Symptom) -> Result<String, String> {
    let mut rows = String::new();
    let mut row = |name: &str, html: String| {
        if !html.is_empty() {
            let _ = writeln!(rows, "<div><dt>{name}</dt><dd>{html}</dd></div>");
        }
    };
    row("It is", rich(&symptom.is));
    row("Proof", rich(&symptom.prove));
    row("What helps", rich(&symptom.helps));
    row("Wrong advice", rich(&symptom.wrong));
    row("Shown by", shown(desk, symptom)?);
    let silent = match symptom.not_shown.as_str() {
        "" => String::new(),
        "all" => "Not shown in this book.".into(),
        what => format!("Not shown in this book: {}", rich(what)),
    };
    row("", silent);
    let rows = rows.replace("<dt></dt>", "<dt class=\"silent\">But</dt>");
    let (see, id) = (heading(&symptom.see), &symptom.id);
    Ok(format!(
        "### {see} {{#{id}}}\n\n<dl class=\"symptom\">\n{rows}</dl>\n\n"
    ))
}

/// Links to all that shows it.
fn shown(desk: &Desk, symptom: &Symptom) -> Result<String, String> {
    let mut links = Vec::new();
    for name in &symptom.shown {
        links.push(experiment(desk, name)?);
    }
    for name in &symptom.exercises {
        links.push(exercise(desk, name)?);
    }
    for saying in &symptom.folklore {
        links.push(folklore(desk, saying)?);
    }
    Ok(links.join(", "))
}

/// A link to where an experiment is told of, from a page beside the chapters.
pub(super) fn experiment(desk: &Desk, name: &str) -> Result<String, String> {
    let (lab, experiment) =
        name.split_once('/').ok_or(format!("`{name}` is no experiment"))?;
    let of = Target { lab: lab.into(), experiment: experiment.into() };
    desk.library.find(&of)?;
    let id = place(&of);
    if !desk.book.told.contains(&id) {
        return Err(format!("no page tells of `{name}`"));
    }
    let page = desk.library.page(lab).unwrap_or_default();
    Ok(format!("<a href=\"{page}#{id}\">{}</a>", code(name)))
}

fn exercise(desk: &Desk, name: &str) -> Result<String, String> {
    let lab = name.split('/').next().unwrap_or_default();
    let all = desk.library.exercises(lab)?;
    let found = all.iter().find(|e| e.name() == name);
    let found = found.ok_or(format!("no exercise is called `{name}`"))?;
    let title = escape(&found.task.title);
    Ok(format!("exercise <a href=\"{}\">{title}</a>", found.page()))
}

/// The row that begins so, in its chapter.
fn folklore(desk: &Desk, saying: &str) -> Result<String, String> {
    let mut found = Vec::new();
    for lab in desk.library.names() {
        for plan in &desk.library.lab(lab)?.experiments {
            let rows = plan.folklore.iter();
            let rows = rows.filter(|s| s.saying.starts_with(saying));
            found.extend(rows.map(|row| (lab, plan, row)));
        }
    }
    match found.as_slice() {
        [(lab, plan, row)] => {
            let id = super::folklore::anchor(lab, &plan.name, &row.saying);
            let says = inline(&row.saying);
            Ok(format!("folklore <a href=\"folklore.html#{id}\">{says}</a>"))
        }
        [] => Err(format!("no folklore begins with `{saying}`")),
        many => Err(format!("{} sayings begin with `{saying}`", many.len())),
    }
}

/// Text as a Markdown heading has it: `code` stays, no other mark counts.
pub(super) fn heading(text: &str) -> String {
    let mut out = String::new();
    for (n, part) in text.split('`').enumerate() {
        if n % 2 == 1 {
            let _ = write!(out, "`{part}`");
            continue;
        }
        for c in part.chars() {
            if c.is_ascii_punctuation() && !"\"'.,:;?()-%/".contains(c) {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}
