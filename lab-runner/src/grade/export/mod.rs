//! Results -> the files that teachers and their systems read.
//!
//! | file | for |
//! |---|---|
//! | `results.json` | everything; `schemas/results-v1.json` describes it |
//! | `junit.xml` | CI systems |
//! | `gradescope/<id>.json` | Gradescope |
//! | `gradebook.csv` | a spreadsheet, a learning platform |
//! | `html/index.html` | the teacher: the class |
//! | `html/<id>.html` | a student: nobody else's data is in it |
//!
//! A file is written whole or not at all; only those of the whole class wait
//! for the disk, since all others are made anew by the same command. Files of students who are no longer
//! there stay. An inconclusive mark is no number in any of them.

mod gradebook;
mod gradescope;
mod html;
mod json;
mod junit;
mod text;
mod words;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::results::Results;
use super::whole::{page_name, whole};
use crate::check::{write_for_now, write_whole};

use text::shown;

/// Writes all of them below `out`.
pub(crate) fn export(results: &Results, out: &Path) -> Result<()> {
    whole(results).context("these results are not whole")?;
    for (name, bytes) in files(results)? {
        let path = out.join(name);
        let dir = path.parent().unwrap_or(out);
        let tried = || format!("make the folder {}", dir.display());
        fs::create_dir_all(dir).with_context(tried)?;
        match path.parent() == Some(out) {
            true => write_whole(&path, &bytes)?,
            false => write_for_now(&path, &bytes)?,
        }
    }
    Ok(())
}

/// Name and content; `results.json` last, for whoever waits for it.
fn files(results: &Results) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = vec![
        ("junit.xml".into(), junit::junit(results)?),
        ("gradebook.csv".into(), gradebook::gradebook(results)?),
        ("html/index.html".into(), html::class_page(results)?),
    ];
    let facts = html::Facts::of(results);
    for student in &results.students {
        let name = page_name(&student.id)?;
        let of = &results.exercises;
        let page = html::student_page(&facts, of, student);
        files.push((format!("html/{name}.html"), page));
        let tests = gradescope::gradescope(&facts, of, student)?;
        files.push((format!("gradescope/{name}.json"), tests));
    }
    files.push(("results.json".into(), json::json(results)?));
    Ok(files)
}

#[cfg(test)]
mod tests;
