//! `book/` and the labs -> a folder of HTML, whole or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use mdbook_driver::MDBook;

use crate::Workshop;
use crate::links;
use crate::preprocess::Labs;
use crate::problem::Problem;
use crate::site;
use crate::warnings::collect;

/// A book that was built.
pub struct Built {
    /// Where it is.
    pub dest: PathBuf,
    /// Its bytes, captures apart.
    pub bytes: u64,
    /// Links that lead nowhere and what mdBook warned of; empty if all is well.
    pub problems: Vec<Problem>,
}

/// In a folder that `build` made, and may replace.
const MARK: &str = ".built-by-lab-book";

/// Builds the book of a workspace into `dest`. While it runs, and if it fails,
/// `dest` keeps what it had.
pub fn build(root: &Path, dest: &Path, workshop: Workshop) -> Result<Built> {
    let dest = std::path::absolute(dest)?;
    replaceable(&dest)?;
    let parent = dest.parent().context("a book can't be the root folder")?;
    fs::create_dir_all(parent)
        .with_context(|| format!("cannot make {}", parent.display()))?;
    let fresh = tempfile::Builder::new()
        .prefix(".book-")
        .tempdir_in(parent)
        .with_context(|| format!("cannot write in {}", parent.display()))?;
    let out = fresh.path().join("new");
    let problems = render(root, &out, workshop)?;
    fs::write(out.join(MARK), "")?;
    if dest.exists() {
        fs::rename(&dest, fresh.path().join("old"))?;
    }
    fs::rename(&out, &dest).with_context(|| {
        format!("cannot put the book at {}", dest.display())
    })?;
    Ok(Built { bytes: site::weigh(&dest)?, dest, problems })
}

/// Never replace a folder that holds somebody's other work.
fn replaceable(dest: &Path) -> Result<()> {
    let Ok(mut entries) = fs::read_dir(dest) else {
        return match dest.exists() {
            true => bail!("{} is not a folder", dest.display()),
            false => Ok(()),
        };
    };
    if entries.next().is_none() || dest.join(MARK).exists() {
        return Ok(());
    }
    bail!(
        "{} holds something that is not a book of ours; name another folder \
         or empty this one",
        dest.display()
    )
}

fn render(root: &Path, out: &Path, workshop: Workshop) -> Result<Vec<Problem>> {
    let source = root.join("book");
    let labs = Labs::new(workshop, root);
    let beside = labs.beside.clone();
    let (built, warnings) = collect(|| -> Result<()> {
        let mut book = MDBook::load(&source)?;
        book.config.build.build_dir = out.to_path_buf();
        book.with_preprocessor(labs);
        book.build()
    });
    built?;
    let beside = beside.lock().map(|mut beside| std::mem::take(&mut *beside));
    let beside = beside.unwrap_or_default();
    write_models(&beside.models, &out.join("models"))?;
    let warnings = warnings.into_iter().map(|what| {
        let file = PathBuf::from("book");
        Problem { file, line: 0, what }
    });
    let heavy = site::finish(out)?;
    Ok(beside
        .lacks
        .into_iter()
        .chain(warnings)
        .chain(links::check(out)?)
        .chain(heavy)
        .collect())
}

/// `models/ch05/first-ack.js`, beside the pages.
fn write_models(models: &BTreeMap<String, String>, to: &Path) -> Result<()> {
    for (name, script) in models {
        let path = to.join(format!("{name}.js"));
        let tried = || format!("cannot write {}", path.display());
        let folder = path.parent().unwrap_or(to);
        fs::create_dir_all(folder).with_context(tried)?;
        fs::write(&path, script).with_context(tried)?;
    }
    Ok(())
}
