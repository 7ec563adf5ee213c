//! One directive -> the HTML and Markdown that stand in its place.

mod bench;
mod bytes;
mod code;
mod exercise;
mod exercises;
mod figure;
mod figures;
mod folklore;
mod given;
mod guess;
mod kernels;
mod lists;
mod quiz;
mod run;
mod svg;
mod symptoms;
mod table;
mod teach;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use lab_kit::ladder::model::Model;

use crate::beside::Beside;
use crate::directive::Directive;
use crate::exercises::Exercise;
use crate::fields::Fault;
use crate::labs::{Found, Library};
use crate::models;

/// What a page's directives share.
pub(crate) struct Desk<'a> {
    library: &'a Library,
    /// Anchors of the experiments that the page tells of.
    places: BTreeSet<String>,
    /// What the pages have in common.
    book: &'a Beside,
    figures: usize,
    /// What the page loads, by name: scripts.
    pub(crate) models: BTreeMap<String, String>,
    /// Why it has to do without.
    pub(crate) lacks: Vec<String>,
}

impl<'a> Desk<'a> {
    pub(crate) fn new(
        library: &'a Library,
        places: BTreeSet<String>,
        book: &'a Beside,
    ) -> Self {
        Desk {
            library,
            places,
            book,
            figures: 0,
            models: BTreeMap::new(),
            lacks: Vec::new(),
        }
    }

    /// An accepted trace that the page loads, under this name. Without it the
    /// page still says what it says; the book has a problem.
    fn model(
        &mut self,
        found: &Found,
        variant: Option<&str>,
    ) -> Option<(String, Rc<Model>)> {
        let name = found.model_name(variant);
        match found.model(variant) {
            Ok(model) => {
                let script = || models::script(&name, &model);
                self.models.entry(name.clone()).or_insert_with(script);
                Some((name, model))
            }
            Err(why) => {
                self.lacks.push(why);
                None
            }
        }
    }

    /// A number that no other figure of the page has.
    fn next_figure(&mut self) -> usize {
        self.figures += 1;
        self.figures
    }
}

/// Draws one directive; the error is a sentence, and its line. No line of the HTML is empty,
/// since an empty line would end it for Markdown.
pub(crate) fn render(
    desk: &mut Desk,
    directive: &Directive,
) -> Result<String, Fault> {
    let html = match directive {
        Directive::Lab(lab) => lists::lab(desk, lab)?,
        Directive::Ladder { of, variant, connection, from, to } => {
            let part = figure::Part {
                variant: variant.as_deref(),
                connection: *connection,
                from: *from,
                to: *to,
            };
            figure::figure(desk, of, &part)?
        }
        Directive::Claims(of) => lists::claims(&desk.library.find(of)?, of),
        Directive::WhatIf(of) => lists::what_if(&desk.library.find(of)?),
        Directive::Figure { of, which } => {
            figures::figures(&desk.library.find(of)?, which.as_deref())?
        }
        Directive::Folklore(lab) => folklore::folklore(desk, lab.as_deref())?,
        Directive::Bench(line) => bench::bench(desk, line.as_deref())?,
        Directive::Kernels(lab) => kernels::kernels(desk, lab.as_deref())?,
        Directive::Exercises(lab) => {
            exercises::exercises(desk, lab.as_deref())?
        }
        Directive::Code { of, anchor } => {
            code::code(desk.library.source(of)?, anchor.as_deref())?
        }
        Directive::Snapshot { of, variant } => {
            code::snapshot(&desk.library.find(of)?, variant.as_deref())?
        }
        Directive::Predict { id, question } => code::predict(id, question),
        Directive::Notes(text) => teach::notes(text),
        Directive::Minutes(Some(lab)) => teach::minutes(desk, lab)?,
        Directive::Minutes(None) => teach::every_minute(desk)?,
        Directive::Symptoms(Some(lab)) => symptoms::of(desk, lab)?,
        Directive::Symptoms(None) => symptoms::all(desk)?,
        Directive::KernelIndex(kind) => words::index(desk, *kind)?,
        Directive::Glossary => words::glossary(desk)?,
        Directive::Guess { id, kind, of, body } => {
            guess::guess(desk, &guess::Guess { id, kind, of, body })?
        }
        Directive::Quiz { lab, body } => quiz::quiz(desk, lab, body)?,
    };
    Ok(format!("{}\n\n", html.trim_end()))
}

/// Where a reader runs an experiment.
pub(crate) fn run(found: &Found) -> String {
    run::place(found)
}

/// The page of one exercise, the n-th of so many of its lab.
pub(crate) fn exercise(
    exercise: &Exercise,
    place: (usize, usize),
) -> Result<String, String> {
    exercise::page(exercise, place)
}
