//! mdBook's book -> the same with every directive replaced.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, bail};
use mdbook_preprocessor::book::{Book, BookItem, Chapter, SectionNumber};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext, parse_input};

use crate::Workshop;
use crate::exercises::Leaf;
use crate::expand::{Page, expand};
use crate::problem::{Problem, report};

/// The preprocessor, by mdBook's name for it: `[preprocessor.labs]`.
pub struct Labs {
    /// How labs are asked.
    pub workshop: Workshop,
    /// Where `labs/` is.
    pub root: PathBuf,
    /// What it makes beside the pages.
    pub beside: Arc<Mutex<Beside>>,
}

/// What pages load, and what they have to do without.
#[derive(Debug, Default)]
pub struct Beside {
    /// Scripts, by the names of their models: `ch05/first-ack`.
    pub models: BTreeMap<String, String>,
    /// Why a page has no model.
    pub lacks: Vec<Problem>,
}

impl Labs {
    /// Of this workspace.
    pub fn new(workshop: Workshop, root: &Path) -> Labs {
        Labs { workshop, root: root.into(), beside: Arc::default() }
    }
}

impl Preprocessor for Labs {
    fn name(&self) -> &str {
        "labs"
    }

    fn supports_renderer(&self, renderer: &str) -> Result<bool> {
        Ok(renderer == "html")
    }

    fn run(&self, ctx: &PreprocessorContext, book: Book) -> Result<Book> {
        let src = Path::new("book").join(&ctx.config.book.src);
        match self.replace(&src, book) {
            Ok(book) => Ok(book),
            Err(problems) => bail!(report(&problems)),
        }
    }
}

impl Labs {
    fn replace(
        &self,
        src: &Path,
        mut book: Book,
    ) -> Result<Book, Vec<Problem>> {
        let mut pages = Vec::new();
        book.for_each_mut(|item| {
            if let BookItem::Chapter(chapter) = item
                && let Some(path) = &chapter.source_path
            {
                let text = std::mem::take(&mut chapter.content);
                pages.push(Page { file: src.join(path), text });
            }
        });
        let pages = expand(&pages, &self.root, self.workshop.describe)?;
        let mut beside =
            self.beside.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        for page in &pages {
            beside.models.extend(page.models.clone());
            beside.lacks.extend(page.lacks.clone());
        }
        let mut pages = pages.into_iter();
        book.for_each_mut(|item| {
            if let BookItem::Chapter(chapter) = item
                && chapter.source_path.is_some()
                && let Some(page) = pages.next()
            {
                chapter.content = page.text;
                add(chapter, page.exercises);
            }
        });
        Ok(book)
    }
}

/// Puts pages below a chapter, after those that it has.
fn add(chapter: &mut Chapter, leaves: Vec<Leaf>) {
    let own = chapter.number.clone().unwrap_or_else(|| {
        // A chapter without a number; what is below it is still a level down.
        SectionNumber::new([0])
    });
    let mut names = chapter.parent_names.clone();
    names.push(chapter.name.clone());
    for leaf in leaves {
        let mut number = own.to_vec();
        number.push(chapter.sub_items.len() as u32 + 1);
        let page = Chapter {
            name: leaf.title,
            content: leaf.text,
            number: Some(SectionNumber::new(number)),
            path: Some(leaf.file),
            parent_names: names.clone(),
            ..Chapter::default()
        };
        chapter.sub_items.push(BookItem::Chapter(page));
    }
}

/// Answers an `mdbook` that calls this program: a book in JSON on one side,
/// the replaced book on the other.
pub fn answer(
    labs: &Labs,
    input: impl Read,
    mut output: impl Write,
) -> Result<()> {
    let (ctx, book) = parse_input(input).context(
        "standard input holds no book; start `lab-book build` or `serve`, or \
         let mdbook 0.5 start this program",
    )?;
    let book = labs.run(&ctx, book)?;
    serde_json::to_writer(&mut output, &book)?;
    Ok(output.flush()?)
}
