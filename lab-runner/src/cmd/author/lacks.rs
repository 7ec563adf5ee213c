//! A lab, its page and what is kept of it -> what they lack, each with its
//! remedy.

use std::fs;
use std::path::Path;

use lab_kit::Plan;

use crate::check::kept_figures;
use crate::discover::Lab;

/// What a reader follows; longer files are two ideas, or hold helpers.
const LONGEST: usize = 110;

/// Something that is missing.
pub(super) struct Lack {
    /// `ch08/slow-start`
    pub(super) of: String,
    /// As the end of a sentence: it lacks ...
    pub(super) what: String,
    /// What to do.
    pub(super) remedy: String,
    /// A claim that nobody has seen fail: worse than it could be, not wrong.
    pub(super) is_doubt: bool,
}

/// Everything that a lab lacks.
pub(super) fn lacks(root: &Path, lab: &Lab) -> Vec<Lack> {
    let folder = lab.dir.file_name().unwrap_or_default().to_string_lossy();
    let page = format!("{folder}.md");
    let read = |path: &str| {
        fs::read_to_string(root.join("book/src").join(path)).unwrap_or_default()
    };
    let text = read(&page);
    let mut all = of_chapter(lab, &page, &text, &read("SUMMARY.md"));
    for plan in &lab.described.experiments {
        let source = fs::read_to_string(root.join(&plan.source));
        let seen =
            Seen { lab, plan, page: &text, source: source.unwrap_or_default() };
        all.extend(seen.lacks());
    }
    all
}

fn of_chapter(lab: &Lab, page: &str, text: &str, summary: &str) -> Vec<Lack> {
    let name = &lab.described.name;
    let mut all = Vec::new();
    let mut lack = |what: &str, remedy: String| {
        let (of, what) = (name.clone(), what.to_string());
        all.push(Lack { of, what, remedy, is_doubt: false });
    };
    if text.is_empty() {
        lack("its chapter", format!("write book/src/{page}"));
    }
    if !summary.contains(&format!("({page})")) {
        lack("its line in book/src/SUMMARY.md", format!("link to {page}"));
    }
    if lab.described.experiments.is_empty() {
        lack("experiments", format!("lab-runner author new {name} NAME"));
    }
    let listed = format!("{{{{#exercises {name}}}}}");
    if !lab.described.exercises.is_empty() && !text.contains(&listed) {
        let remedy = format!("a line of its own in book/src/{page}: {listed}");
        lack("pages for its exercises", remedy);
    }
    if text.contains("TODO") {
        lack("words", format!("book/src/{page} says TODO"));
    }
    all
}

/// An experiment and where one would look for its parts.
struct Seen<'a> {
    lab: &'a Lab,
    plan: &'a Plan,
    page: &'a str,
    source: String,
}

type Found = Option<(String, String)>;

impl Seen<'_> {
    fn lacks(&self) -> Vec<Lack> {
        let needed = [
            self.snapshot(),
            self.figures(),
            self.perturbation(),
            self.place(),
            self.heading(),
            self.brevity(),
            self.words(),
        ];
        let doubts = self.plan.claims.iter().map(|claim| self.doubt(claim));
        let needed = needed.into_iter().map(|found| (found, false));
        let doubts = doubts.map(|found| (found, true));
        let lack = |((what, remedy), is_doubt)| Lack {
            of: self.target(),
            what,
            remedy,
            is_doubt,
        };
        let all = needed.chain(doubts);
        all.filter_map(|(found, doubt)| Some((found?, doubt)))
            .map(lack)
            .collect()
    }

    fn target(&self) -> String {
        format!("{}/{}", self.lab.described.name, self.plan.name)
    }

    fn accept(&self) -> String {
        format!("./run accept {} {}", self.lab.described.name, self.plan.name)
    }

    fn snapshot(&self) -> Found {
        let mut endings = ["snap", "pcap", "notes.json"].into_iter();
        let name = &self.plan.name;
        let missing =
            endings.find(|end| !self.lab.kept(name, end).is_file())?;
        Some((format!("its accepted {name}.{missing}"), self.accept()))
    }

    fn figures(&self) -> Found {
        let kept = kept_figures(self.lab, &self.plan.name);
        let kept: Vec<String> = kept.into_iter().map(|d| d.title).collect();
        (kept != self.plan.figures).then(|| {
            let wanted = self.plan.figures.join(", ");
            (format!("its accepted figures ({wanted})"), self.accept())
        })
    }

    fn perturbation(&self) -> Found {
        let breaks =
            self.plan.perturbations.iter().any(|p| !p.fails.is_empty());
        (!breaks).then(|| {
            (
                "a what-if under which it fails".into(),
                "without one, nobody knows whether it can fail at all: \
                 Experiment::what_if"
                    .into(),
            )
        })
    }

    fn place(&self) -> Found {
        let target = self.target();
        let told = named(self.page, &target)
            || named(self.page, &format!("`{}", self.plan.name));
        (!told).then(|| {
            let remedy = format!("tell of it: {{{{#ladder {target}}}}}");
            ("a place in its chapter".into(), remedy)
        })
    }

    fn heading(&self) -> Found {
        (!self.source.starts_with("//! # ")).then(|| {
            (
                "a title".into(),
                format!("begin {} with `//! # `", self.plan.source),
            )
        })
    }

    fn brevity(&self) -> Found {
        let lines = self.source.lines().count();
        (lines > LONGEST).then(|| {
            (
                format!("brevity: {} has {lines} lines", self.plan.source),
                format!(
                    "{LONGEST} are what a reader follows; move helpers to a \
                     module beside it"
                ),
            )
        })
    }

    fn words(&self) -> Found {
        self.source.contains("TODO").then(|| {
            ("words".into(), format!("{} says TODO", self.plan.source))
        })
    }

    fn doubt(&self, claim: &String) -> Found {
        let mut what_ifs = self.plan.perturbations.iter();
        let broken = what_ifs.any(|what_if| what_if.fails.contains(claim));
        (!broken).then(|| {
            (
                format!("a what-if that breaks {claim:?}"),
                "or name the claim in one that does".into(),
            )
        })
    }
}

/// Whether a text has this name, and not only a longer one.
fn named(text: &str, name: &str) -> bool {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '-';
    text.match_indices(name).any(|(at, _)| {
        let rest = text.get(at + name.len()..).unwrap_or_default();
        !rest.starts_with(goes_on)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_name_is_another_experiment() {
        assert!(named("{{#ladder ch08/slow-start}}", "ch08/slow-start"));
        assert!(!named("{{#ladder ch08/slow-start-2}}", "ch08/slow-start"));
        assert!(named("`slow`, `slow-2`", "`slow"));
    }
}
