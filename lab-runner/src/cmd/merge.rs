//! `lab-runner merge`: parts of a class, graded apart -> the class's results
//! and reports, or why they are none.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::cli::MergeArgs;
use crate::grade::export::export;
use crate::grade::merge::{Expected, Part, merge as merged};
use crate::grade::results::Results;
use crate::grade::roster::Roster;
use crate::report::say;

pub(crate) fn merge(args: &MergeArgs) -> Result<u8> {
    let roster = Roster::read(&args.expect_roster)?;
    let ids: Vec<_> = roster.students.iter().map(|s| s.id.clone()).collect();
    let parts = args.parts.iter().map(|path| read(path));
    let parts = parts.collect::<Result<Vec<_>>>()?;
    let count = parts.len();
    let expected = Expected { ids: &ids, roster_digest: &roster.digest };
    let results = merged(parts, expected)?;
    export(&results, &args.out)?;
    say(&told(&results, count, &args.out));
    Ok(results.exit_code())
}

fn read(path: &Path) -> Result<Part> {
    let file = path.display().to_string();
    let bytes = fs::read(path).with_context(|| format!("read {file}"))?;
    let results = serde_json::from_slice(&bytes).with_context(|| {
        format!("{file}: no results.json that this lab-runner can read")
    })?;
    Ok(Part { file, results })
}

fn told(results: &Results, parts: usize, out: &Path) -> String {
    let open = results.students.iter().filter(|student| student.is_open());
    let last = match open.count() {
        0 => "all are graded".into(),
        1 => "1 is still open".into(),
        n => format!("{n} are still open"),
    };
    let (students, out) = (results.students.len(), out.display());
    let parts = match parts {
        1 => "1 part".into(),
        n => format!("{n} parts"),
    };
    format!(
        "{students} students of {parts}: {last}\n\
         reports: {out}/html/index.html\n\
         marks:   {out}/gradebook.csv\n"
    )
}
