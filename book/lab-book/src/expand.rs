//! Pages with directives -> pages without, or everything that is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::beside::Beside;
use crate::directive::{Directive, Target};
use crate::exercises::{Leaf, leaves, listed_twice};
use crate::fields::Fault;
use crate::labs::{Describe, Library};
use crate::problem::Problem;
use crate::render::{Desk, render, run};
use crate::scan::{Piece, scan};

/// A page of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its file, as reported.
    pub file: PathBuf,
    /// Its Markdown.
    pub text: String,
}

/// What a page became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expanded {
    /// Its Markdown, without directives.
    pub text: String,
    /// The pages below it.
    pub exercises: Vec<Leaf>,
    /// Scripts that it loads, by the names of their models: `ch05/first-ack`.
    pub models: BTreeMap<String, String>,
    /// What it has to do without, and could.
    pub lacks: Vec<Problem>,
}

/// A page's pieces, their directives read.
pub(crate) enum Part {
    Text(String),
    Heading(String),
    Directive(usize, Directive),
}

/// Replaces every directive of a book.
pub fn expand(
    pages: &[Page],
    root: &Path,
    describe: &Describe,
) -> Result<Vec<Expanded>, Vec<Problem>> {
    let mut problems = Vec::new();
    let read: Vec<_> = pages.iter().map(|p| parts(p, &mut problems)).collect();
    let directives = || {
        read.iter().flatten().filter_map(|part| match part {
            Part::Directive(_, directive) => Some(directive),
            _ => None,
        })
    };
    let wanted: BTreeSet<&str> =
        directives().filter_map(Directive::lab).collect();
    let everybody = directives().any(Directive::is_about_all);
    let library = match everybody {
        true => Library::whole(root, describe),
        false => Library::open(root, &wanted, describe),
    };
    same_prediction_twice(pages, &read, &mut problems);
    listed_twice(pages, &read, &mut problems);
    let told = read.iter().flat_map(|parts| places(parts).into_keys());
    let told: BTreeSet<String> = told.collect();
    let book = Beside::read(pages, &read, &library, told, &mut problems);
    let texts = pages
        .iter()
        .zip(&read)
        .map(|(page, parts)| {
            let exercises = leaves(page, parts, &library, &mut problems);
            let drawn = draw(page, parts, (&library, &book), &mut problems);
            Expanded { exercises, ..drawn }
        })
        .collect();
    match problems.is_empty() {
        true => Ok(texts),
        false => {
            problems.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
            Err(problems)
        }
    }
}

fn parts(page: &Page, problems: &mut Vec<Problem>) -> Vec<Part> {
    let mut parts = Vec::new();
    for piece in scan(&page.text) {
        let (line, what) = match piece {
            Piece::Text(text) => {
                parts.push(Part::Text(text));
                continue;
            }
            Piece::Heading(text) => {
                parts.push(Part::Heading(text));
                continue;
            }
            Piece::Fault { line, what } => (line, what),
            Piece::Directive { line, name, args, body } => {
                match Directive::read(&name, &args, body.as_deref()) {
                    Ok(directive) => {
                        parts.push(Part::Directive(line, directive));
                        continue;
                    }
                    Err(what) => (line, what),
                }
            }
        };
        problems.push(Problem { file: page.file.clone(), line, what });
    }
    parts
}

/// Guesses are kept by name: two boxes of one name would share their text.
fn same_prediction_twice(
    pages: &[Page],
    read: &[Vec<Part>],
    problems: &mut Vec<Problem>,
) {
    let mut seen: BTreeMap<&str, &Path> = BTreeMap::new();
    for (page, parts) in pages.iter().zip(read) {
        for part in parts {
            let Part::Directive(
                line,
                Directive::Predict { id, .. } | Directive::Guess { id, .. },
            ) = part
            else {
                continue;
            };
            if let Some(first) = seen.insert(id, &page.file) {
                let first = first.display();
                let what = format!("a prediction `{id}` is in {first} already");
                let file = page.file.clone();
                problems.push(Problem { file, line: *line, what });
            }
        }
    }
}

fn draw(
    page: &Page,
    parts: &[Part],
    (library, book): (&Library, &Beside),
    problems: &mut Vec<Problem>,
) -> Expanded {
    let places = places(parts);
    let linked = places.values().map(|(_, id)| id.clone()).collect();
    let mut desk = Desk::new(library, linked, book);
    let mut links = book.linker(parts);
    let runs = runs(parts);
    let mut out = String::new();
    let mut lacks = Vec::new();
    for (n, part) in parts.iter().enumerate() {
        for (_, id) in places.values().filter(|(at, _)| *at == n) {
            out.push_str(&format!(
                "<a class=\"lab-place\" id=\"{id}\"></a>\n\n"
            ));
        }
        match part {
            Part::Heading(text) => out.push_str(text),
            Part::Text(text) => match &mut links {
                Some(links) => out.push_str(&links.link(text)),
                None => out.push_str(text),
            },
            Part::Directive(line, directive) => {
                let problem = |fault: Fault| Problem {
                    file: page.file.clone(),
                    line: line + fault.below,
                    what: fault.what,
                };
                match render(&mut desk, directive) {
                    Ok(html) => out.push_str(&html),
                    Err(fault) => problems.push(problem(fault)),
                }
                let missing = desk.lacks.drain(..).map(Fault::from);
                lacks.extend(missing.map(problem));
                if let Some(Ok(found)) = runs.get(&n).map(|of| library.find(of))
                {
                    out.push_str(&run(&found));
                }
            }
        }
    }
    let models = desk.models;
    Expanded { text: out, exercises: Vec::new(), models, lacks }
}

/// Where the reader may run an experiment: behind the last directive of those
/// that show what comes of it.
fn runs(parts: &[Part]) -> BTreeMap<usize, &Target> {
    let mut last: BTreeMap<String, (usize, &Target)> = BTreeMap::new();
    for (n, part) in parts.iter().enumerate() {
        if let Part::Directive(_, directive) = part
            && directive.shows_a_run()
            && let Some(of) = directive.target()
        {
            last.insert(place(of), (n, of));
        }
    }
    last.into_values().collect()
}

/// Where each experiment is told of: the heading above its first directive, or
/// that directive; and the anchor's name.
fn places(parts: &[Part]) -> BTreeMap<String, (usize, String)> {
    let mut places = BTreeMap::new();
    let mut heading = None;
    for (n, part) in parts.iter().enumerate() {
        match part {
            Part::Heading(text) if !text.starts_with("# ") => heading = Some(n),
            Part::Directive(_, directive) => {
                if let Some(of) = directive.target() {
                    let id = place(of);
                    let at = heading.unwrap_or(n);
                    places.entry(id.clone()).or_insert((at, id));
                }
            }
            _ => {}
        }
    }
    places
}

/// The anchor of an experiment in a page.
pub(crate) fn place(of: &Target) -> String {
    format!("lab-{}-{}", of.lab, of.experiment)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect()
}
