//! `lab-runner merge`: parts of a class, graded apart -> the class's results
//! and reports, or why they are none.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::cli::MergeArgs;
use crate::grade::export::export;
use crate::grade::merge::{Bring, Expected, Part, merge as merged};
use crate::grade::results::Results;
use crate::grade::roster::Roster;
use crate::report::{harmless_line, say};

pub(crate) fn merge(args: &MergeArgs) -> Result<u8> {
    let roster = Roster::read(&args.expect_roster)?;
    let ids: Vec<_> = roster.students.iter().map(|s| s.id.clone()).collect();
    let parts = args.parts.iter().map(|path| read(path));
    let parts = parts.collect::<Result<Vec<_>>>()?;
    let count = parts.len();
    let bring = Bring::of(&parts);
    let expected = Expected { ids: &ids, roster_digest: &roster.digest };
    let results = merged(parts, expected)?;
    export(&results, &args.out)?;
    let lacks = bring.to(&args.out)?;
    say(&told(&results, count, &args.out));
    say(&lacking(&lacks));
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

/// What an appeal will not have.
fn lacking(lacks: &[String]) -> String {
    let mut lines = lacks.iter().map(|it| format!("  {}\n", harmless_line(it)));
    let first: String = lines.by_ref().take(8).collect();
    match (lacks.len(), lines.count()) {
        (0, _) => String::new(),
        (n, 0) => format!("not brought along, for appeals ({n}):\n{first}"),
        (n, more) => format!(
            "not brought along, for appeals ({n}):\n{first}  and {more} more\n"
        ),
    }
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::*;
    use crate::grade::partition::{Dealt, Partition};
    use crate::grade::results::Student;
    use crate::grade::sample::{Texts, sample};

    /// A class on the disk in three parts, and what merges it.
    fn class(keep: fn(&Student) -> bool) -> (TempDir, MergeArgs) {
        let dir = tempfile::tempdir().unwrap();
        let mut results = sample(Texts::Hostile);
        results.students.retain(keep);
        let of = |s: &Student| format!("{},somebody\n", s.id);
        let rows: String = results.students.iter().map(of).collect();
        let expect_roster = dir.path().join("roster.csv");
        fs::write(&expect_roster, format!("id,name\n{rows}")).unwrap();
        let roster = Roster::read(&expect_roster).unwrap();
        results.roster_digest = roster.digest;
        let ids: Vec<_> =
            results.students.iter().map(|s| s.id.clone()).collect();
        let places = Partition::new(Dealt::Slice, 1, 3).unwrap().all();
        let parts = places.map(|place| {
            let mut part = results.clone();
            let members = place.members(&ids);
            part.students.retain(|s| members.contains(&s.id));
            part.partition = Some(place.to_string());
            let path = dir.path().join(format!("results-{}.json", place.part));
            fs::write(&path, serde_json::to_vec(&part).unwrap()).unwrap();
            path
        });
        let parts: Vec<PathBuf> = parts.collect();
        let out = dir.path().join("out");
        (dir, MergeArgs { parts, expect_roster, out })
    }

    #[test]
    fn a_whole_class_is_written_and_open_marks_are_told() {
        for (keep, code) in [
            ((|_| true) as fn(&Student) -> bool, 1),
            (|student| !student.is_open(), 0),
        ] {
            let (_dir, args) = class(keep);
            assert_eq!(merge(&args).unwrap(), code);
            let whole = read(&args.out.join("results.json")).unwrap();
            assert_eq!(whole.results.partition, None);
            assert!(args.out.join("html/index.html").exists());
            assert!(args.out.join("gradebook.csv").exists());
        }
    }

    #[test]
    fn nothing_is_written_of_what_is_refused() {
        let (dir, mut args) = class(|_| true);
        let gone = args.parts.remove(1);
        let error = format!("{:#}", merge(&args).unwrap_err());
        assert!(error.contains("slice:2/3 is missing: s001, s004"), "{error}");
        args.parts.push(gone.clone());
        fs::write(&gone, "{\"format\": 1, \"students\": []}").unwrap();
        let error = format!("{:#}", merge(&args).unwrap_err());
        assert!(error.contains("results-2.json: no results.json"), "{error}");
        fs::remove_file(&gone).unwrap();
        let error = format!("{:#}", merge(&args).unwrap_err());
        assert!(error.contains("read "), "{error}");
        assert!(!dir.path().join("out").exists());
    }
}
