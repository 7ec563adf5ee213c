//! `book/data/glossary.toml` -> terms, and links to them from where a chapter
//! has them first.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

/// All terms.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Glossary {
    #[serde(rename = "term")]
    pub(crate) terms: Vec<Term>,
}

/// One of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Term {
    pub(crate) name: String,
    /// Other forms of it, as chapters write them.
    #[serde(default)]
    also: Vec<String>,
    pub(crate) is: String,
    /// The RFC's section, the manual page or the kernel's function.
    pub(crate) see: String,
}

impl Glossary {
    /// The workspace's, sorted.
    pub(crate) fn read(root: &Path) -> Result<Glossary, String> {
        let mut all: Glossary = super::read(root, "glossary")?;
        all.terms.sort_by_key(|t| t.name.to_lowercase());
        Ok(all)
    }

    /// A sentence for each term that no chapter has.
    pub(crate) fn unused(&self, chapters: &str) -> Vec<String> {
        let text = chapters.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = text.to_lowercase();
        let used = |term: &Term| {
            term.forms().any(|form| text.contains(&form.to_lowercase()))
        };
        let unused = self.terms.iter().filter(|term| !used(term));
        let file = "book/data/glossary.toml";
        unused
            .map(|t| format!("{file}: no chapter has the term `{}`", t.name))
            .collect()
    }
}

impl Term {
    fn forms(&self) -> impl Iterator<Item = &str> {
        [self.name.as_str()].into_iter().chain(self.also.iter().map(|a| &**a))
    }

    /// Its anchor.
    pub(crate) fn id(&self) -> String {
        anchor(&self.name)
    }
}

/// `TIME-WAIT` -> `time-wait`.
pub(crate) fn anchor(name: &str) -> String {
    let plain = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_lowercase(),
        false => '-',
    };
    name.chars().map(plain).collect::<String>().trim_matches('-').into()
}

/// Links a page's terms, each once.
pub(crate) struct Linker<'a> {
    terms: &'a [Term],
    page: &'a str,
    done: BTreeSet<&'a str>,
    fence: bool,
}

impl<'a> Linker<'a> {
    pub(crate) fn new(glossary: &'a Glossary, page: &'a str) -> Self {
        let terms = &glossary.terms;
        Linker { terms, page, done: BTreeSet::new(), fence: false }
    }

    /// A line of a paragraph, with a link where a term is met first.
    pub(crate) fn link(&mut self, line: &str) -> String {
        if line.trim_start().starts_with("```") {
            self.fence = !self.fence;
        }
        let plain = line.starts_with(|c: char| c.is_alphabetic() || c == '"');
        let quiet = ["](", "<", "`", "{{", "["];
        if self.fence || !plain || quiet.iter().any(|q| line.contains(q)) {
            return line.into();
        }
        let mut line = line.to_string();
        for term in self.terms {
            if self.done.contains(term.name.as_str()) {
                continue;
            }
            let Some((at, len)) = term.forms().find_map(|f| find(&line, f))
            else {
                continue;
            };
            self.done.insert(&term.name);
            let (page, id) = (self.page, term.id());
            let word = &line[at..at + len];
            let link = format!("[{word}]({page}#{id})");
            line.replace_range(at..at + len, &link);
            // A second term of the line might lie in the first one's link.
            break;
        }
        line
    }
}

/// A whole word or more, as it is written or with a capital.
fn find(line: &str, form: &str) -> Option<(usize, usize)> {
    let lower = line.to_ascii_lowercase();
    let form = form.to_ascii_lowercase();
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '*');
    let found = lower.match_indices(&form).find(|(at, _)| {
        let before = lower[..*at].chars().next_back();
        let after = lower[at + form.len()..].chars().next();
        !before.is_some_and(word) && !after.is_some_and(word)
    });
    found.map(|(at, _)| (at, form.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glossary() -> Glossary {
        let term = |name: &str| Term {
            name: name.into(),
            also: vec![format!("{name}s")],
            is: String::new(),
            see: String::new(),
        };
        Glossary { terms: vec![term("segment"), term("backlog")] }
    }

    #[test]
    fn a_term_is_linked_where_it_is_met_first() {
        let glossary = glossary();
        let mut linker = Linker::new(&glossary, "g.md");
        let lines = [
            "```text\n",
            "segment\n",
            "```\n",
            "| segment |\n",
            "a `segment` here\n",
            "subsegment Segments go\n",
            "segment\n",
        ];
        let linked: Vec<_> = lines.iter().map(|l| linker.link(l)).collect();
        assert_eq!(linked[..5], lines[..5]);
        assert_eq!(linked[5], "subsegment [Segments](g.md#segment) go\n");
        assert_eq!(linked[6], "segment\n");
    }

    #[test]
    fn a_term_that_no_chapter_has_is_named() {
        let unused = glossary().unused("Two\nsegments.");
        assert_eq!(unused.len(), 1);
        assert!(unused[0].contains("`backlog`"), "{unused:?}");
    }
}
