//! What people say -> a table of it, each row with the experiment that shows
//! how it is.

use std::fmt::Write;

use lab_kit::{Plan, Saying, Truth};

use super::Desk;
use crate::directive::Target;
use crate::expand::place;
use crate::html::{code, escape};
use crate::labs::Found;
use crate::teach::anchor as glossary_anchor;

/// The folklore of a lab, or of all of them with their count.
pub(super) fn folklore(
    desk: &Desk,
    lab: Option<&str>,
) -> Result<String, String> {
    let library = desk.library;
    let labs: Vec<&str> = match lab {
        Some(lab) => vec![lab],
        None => library.names().collect(),
    };
    let mut rows = String::new();
    let mut verdicts = Vec::new();
    for name in labs {
        for plan in &library.lab(name)?.experiments {
            let of = Target { lab: name.into(), experiment: plan.name.clone() };
            for saying in &plan.folklore {
                let id = match lab {
                    Some(_) => String::new(),
                    None => anchor(name, &plan.name, &saying.saying),
                };
                rows += &row(desk, &library.find(&of)?, &of, (&id, saying))?;
                verdicts.push(saying.truth);
            }
        }
    }
    if verdicts.is_empty() {
        return Err("no experiment of it says what people say: \
                    Experiment::folklore"
            .into());
    }
    let count = match lab {
        Some(_) => String::new(),
        None => counted(&verdicts),
    };
    Ok(format!(
        "{count}<div class=\"folklore table-wrapper\">\n<table>\n<thead><tr>\
         <th scope=\"col\">People say</th><th scope=\"col\">It is</th>\
         <th scope=\"col\">Shown by</th></tr></thead>\n<tbody>\n{rows}\
         </tbody>\n</table>\n</div>"
    ))
}

fn row(
    desk: &Desk,
    found: &Found,
    of: &Target,
    (id, saying): (&str, &Saying),
) -> Result<String, String> {
    let (_, snapshot) = found.snapshot(None)?;
    let note = saying.note.as_ref().map_or(String::new(), |note| {
        format!("<span class=\"note\">{}</span>", escape(note))
    });
    let mut row = String::new();
    let _ = writeln!(
        row,
        "<tr{}><td>{}</td><td class=\"truth {truth}\">{truth}</td>\
         <td>{note}{}: {} <span class=\"kernel\">{}</span></td></tr>",
        match id {
            "" => String::new(),
            id => format!(" id=\"{id}\""),
        },
        escape(&saying.saying),
        link(desk, of, found.plan),
        escape(&saying.claim),
        escape(&series(&snapshot.kernel)),
        truth = saying.truth,
    );
    Ok(row)
}

/// The anchor of a row in the book's table.
pub(super) fn anchor(lab: &str, experiment: &str, saying: &str) -> String {
    let words: Vec<&str> = saying.split_whitespace().take(5).collect();
    glossary_anchor(&format!("{lab}-{experiment}-{}", words.join("-")))
}

/// To where the experiment is told of, in this page or in its chapter's.
fn link(desk: &Desk, of: &Target, plan: &Plan) -> String {
    let id = place(of);
    let page = match desk.places.contains(&id) {
        true => String::new(),
        false => desk.library.page(&of.lab).unwrap_or_default(),
    };
    let name = code(&format!("{}/{}", of.lab, plan.name));
    format!("<a href=\"{page}#{id}\">{name}</a>")
}

/// `Linux 6.18.44` -> `Linux 6.18`: claims belong to a series.
fn series(kernel: &str) -> String {
    kernel.split('.').take(2).collect::<Vec<_>>().join(".")
}

fn counted(verdicts: &[Truth]) -> String {
    let all = [Truth::True, Truth::Partly, Truth::Outdated, Truth::False];
    let each: Vec<String> = all
        .iter()
        .map(|t| (t, verdicts.iter().filter(|v| *v == t).count()))
        .map(|(t, n)| format!("{n} {t}"))
        .collect();
    format!(
        "<p class=\"folklore-count\">{} sayings, each tested: {}.</p>\n",
        verdicts.len(),
        each.join(", ")
    )
}
