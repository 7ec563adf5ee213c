//! Results -> HTML pages that stand alone: no script, nothing from elsewhere.

mod class;
mod figures;
mod findings;
mod judged;
mod parts;
mod ran;
mod student;

use maud::{DOCTYPE, Markup, PreEscaped, Render, html};

use super::shown;
use crate::grade::results::Results;

pub(super) use class::class_page;
pub(super) use student::student_page;

const STYLE: &str = include_str!("style.css");
/// Nothing is fetched, run or sent, whatever stood in a text.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
    base-uri 'none'; form-action 'none'";

/// What a student's page may say of the grading, and of nobody else.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) runner: String,
    pub(super) kernel: String,
    pub(super) exercises_digest: String,
}

impl Facts {
    pub(super) fn of(results: &Results) -> Facts {
        Facts {
            runner: results.runner.clone(),
            kernel: results.kernel.clone(),
            exercises_digest: results.exercises_digest.clone(),
        }
    }
}

/// Untrusted text: what can't be seen by its number, then escaped, and its
/// direction kept to itself.
struct Text<'a>(&'a str);

impl Render for Text<'_> {
    fn render(&self) -> Markup {
        html! { bdi { (shown(self.0)) } }
    }
}

/// The same where there is no markup: in a title, an attribute, a `pre`.
struct Bare<'a>(&'a str);

impl Render for Bare<'_> {
    fn render_to(&self, buffer: &mut String) {
        shown(self.0).render_to(buffer);
    }
}

fn page(title: &str, facts: &Facts, body: &Markup) -> Vec<u8> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                title { (Bare(title)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main { (body) }
                footer { (foot(facts)) }
            }
        }
    };
    page.into_string().into_bytes()
}

fn foot(facts: &Facts) -> Markup {
    html! {
        p {
            "Judged by the packets on the wire and by what the kernel counted, \
             never by what a program prints."
        }
        p {
            "lab-runner " (Text(&facts.runner)) ", Linux "
            (Text(&facts.kernel)) ", exercises "
            code { (Bare(&short(&facts.exercises_digest))) }
        }
    }
}

/// Enough of a digest to compare by eye.
fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}
