//! `lab-runner merge`: parts of a class, graded apart -> the class's results
//! and reports, or why they are none.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::cli::MergeArgs;
use crate::grade::export::export;
use crate::grade::merge::{Bring, Expected, Part, merge as merged};
use crate::grade::results::Results;
use crate::grade::roster::Roster;
use crate::report::{harmless_line, say};

pub(crate) fn merge(args: &MergeArgs) -> Result<u8> {
    let roster = Roster::read(&args.expect_roster)?;
    let ids: Vec<_> = roster.students.iter().map(|s| s.id.clone()).collect();
    let mut parts = Vec::new();
    for path in &args.parts {
        match path.is_dir() {
            true => parts.extend(folder(path)?),
            false => parts.push(read(path)?),
        }
    }
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

/// The parts in a folder that are graded to the end.
fn folder(of: &Path) -> Result<Vec<Part>> {
    let tried = || format!("read {}", of.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(of).with_context(tried)? {
        let file = entry.with_context(tried)?.path().join("results.json");
        if file.is_file() {
            files.push(file);
        }
    }
    ensure!(
        !files.is_empty(),
        "{}: no folder in it holds a results.json: is it the one that `grade \
         --parts` was given?",
        of.display()
    );
    files.sort();
    files.iter().map(|file| read(file)).collect()
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
    let open: Vec<_> = open.map(|student| student.id.as_str()).collect();
    let last = match open[..] {
        [] => "all are graded".into(),
        [id] => format!("1 is still open: {id}"),
        _ => format!("{} are still open: {}", open.len(), open.join(", ")),
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
            let at = dir.path().join("parts").join(place.folder());
            fs::create_dir_all(&at).unwrap();
            let path = at.join("results.json");
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
    fn a_folder_of_parts_is_read_without_what_is_not_done() {
        let (dir, mut args) = class(|student| !student.is_open());
        let second = args.parts[1].clone();
        args.parts = vec![dir.path().join("parts")];
        assert_eq!(merge(&args).unwrap(), 0);
        fs::remove_file(second).unwrap();
        let error = format!("{:#}", merge(&args).unwrap_err());
        assert!(error.contains("slice:2/3 is missing"), "{error}");
        args.parts = vec![dir.path().join("parts/slice-1-of-3")];
        let error = format!("{:#}", merge(&args).unwrap_err());
        assert!(error.contains("no folder in it"), "{error}");
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
        assert!(error.contains("slice-2-of-3/results.json: no"), "{error}");
        fs::remove_file(&gone).unwrap();
        let error = format!("{:#}", merge(&args).unwrap_err());
        assert!(error.contains("read "), "{error}");
        assert!(!dir.path().join("out").exists());
    }
}
