//! What the pages of a book have in common: what they tell of, and the data
//! that stands beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::directive::Directive;
use crate::expand::{Page, Part};
use crate::labs::Library;
use crate::problem::Problem;
use crate::teach::{Glossary, Linker, Minutes, Symptoms};

/// Read once for a whole book, and only what its pages ask for.
pub(crate) struct Beside {
    /// Anchors of the experiments that any page tells of.
    pub(crate) told: BTreeSet<String>,
    /// The symptoms, and the page that lists them all.
    pub(crate) symptoms: Result<(Symptoms, String), String>,
    /// The terms, and the page that lists them.
    pub(crate) glossary: Result<(Glossary, String), String>,
    /// What each chapter takes, by its lab.
    pub(crate) minutes: Result<BTreeMap<String, Minutes>, String>,
}

impl Beside {
    pub(crate) fn read(
        pages: &[Page],
        read: &[Vec<Part>],
        library: &Library,
        told: BTreeSet<String>,
        problems: &mut Vec<Problem>,
    ) -> Beside {
        let page = |wanted: fn(&Directive) -> bool| {
            let found = read.iter().position(|p| directives(p).any(wanted));
            found.map(|n| &*pages[n].file)
        };
        let root = &library.root;
        let list = page(|d| matches!(d, Directive::Symptoms(None)));
        let symptoms = match list {
            Some(list) => Symptoms::read(root).map(|s| (s, html(list))),
            None => Err("no page says `{{#symptoms all}}`".into()),
        };
        let list = page(|d| matches!(d, Directive::Glossary));
        let glossary = match list {
            Some(list) => Glossary::read(root).map(|g| (g, markdown(list))),
            None => Err("no page says `{{#glossary all}}`".into()),
        };
        if let (Ok((glossary, _)), Some(list)) = (&glossary, list) {
            let chapters = pages.iter().zip(read).filter(|(_, p)| chapter(p));
            let texts = chapters.map(|(page, _)| page.text.as_str());
            let unused = glossary.unused(&texts.collect::<String>());
            let (file, line) = (list.to_path_buf(), 0);
            problems.extend(unused.into_iter().map(|what| Problem {
                file: file.clone(),
                line,
                what,
            }));
        }
        let asked = |d: &Directive| matches!(d, Directive::Minutes(_));
        let minutes = match read.iter().flat_map(|p| directives(p)).any(asked) {
            true => minutes(read, library),
            false => Ok(BTreeMap::new()),
        };
        Beside { told, symptoms, glossary, minutes }
    }

    /// Links terms in a chapter to the glossary, if there is one.
    pub(crate) fn linker(&self, parts: &[Part]) -> Option<Linker<'_>> {
        match (chapter(parts), &self.glossary) {
            (true, Ok((glossary, page))) => Some(Linker::new(glossary, page)),
            _ => None,
        }
    }
}

/// A page that has a lab.
fn chapter(parts: &[Part]) -> bool {
    directives(parts).any(|d| matches!(d, Directive::Lab(_)))
}

fn directives(parts: &[Part]) -> impl Iterator<Item = &Directive> {
    parts.iter().filter_map(|part| match part {
        Part::Directive(_, directive) => Some(directive),
        _ => None,
    })
}

fn minutes(
    read: &[Vec<Part>],
    library: &Library,
) -> Result<BTreeMap<String, Minutes>, String> {
    let mut all = BTreeMap::new();
    for parts in read {
        for directive in directives(parts) {
            if let Directive::Lab(lab) = directive {
                let minutes = Minutes::of(parts, library, lab)?;
                all.insert(lab.clone(), minutes);
            }
        }
    }
    Ok(all)
}

/// A page beside the chapters, as they link to it.
fn html(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    format!("{stem}.html")
}

fn markdown(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
