//! Every export, read back by a reader that is not ours.

mod gradebook;
mod gradescope;
mod html;
mod junit;
mod schema;

use std::fs;

use super::{export, files};
use crate::grade::results::{Graded, Results};
use crate::grade::sample::{Texts, sample};

/// The file of this name, as text.
fn file(results: &Results, name: &str) -> String {
    let files = files(results).unwrap();
    let (_, bytes) = files.into_iter().find(|(n, _)| n == name).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn all_files_are_written_and_read_back() {
    let results = sample(Texts::Hostile);
    let dir = tempfile::tempdir().unwrap();
    export(&results, dir.path()).unwrap();
    export(&results, dir.path()).unwrap();
    let count =
        |name: &str| fs::read_dir(dir.path().join(name)).unwrap().count();
    assert_eq!((count("."), count("html"), count("gradescope")), (5, 41, 40));
    let read = fs::read(dir.path().join("results.json")).unwrap();
    let read: Results = serde_json::from_slice(&read).unwrap();
    assert_eq!(read, results);
}

#[test]
fn no_file_is_written_of_what_is_not_whole() {
    let mut results = sample(Texts::Hostile);
    results.students[7].id = "../../escaped".into();
    let dir = tempfile::tempdir().unwrap();
    let error = export(&results, &dir.path().join("a/b/out")).unwrap_err();
    assert!(format!("{error:#}").contains("can't name a file"), "{error:#}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

/// A class of nobody, and an exercise that nobody could answer.
#[test]
fn the_smallest_classes_are_exported() {
    let mut results = sample(Texts::Plain);
    results.students.truncate(1);
    files(&results).unwrap();
    let student = &mut results.students[0];
    for mark in &mut student.marks {
        (mark.verdict, mark.points) = (Graded::Inconclusive, 0);
    }
    let says = |name: &str, words: &str| {
        assert!(file(&results, name).contains(words), "{name}");
    };
    says("html/s000.html", "<b>–</b> of 30 points");
    says("html/index.html", "+ 30 open");
    says("gradescope/s000.json", "NOT FINAL: nothing could be judged");
    says("gradebook.csv", "s000,Ada Lovelace,,,,,,,,30,6");
    results.students.clear();
    files(&results).unwrap();
    results.exercises.clear();
    files(&results).unwrap();
}

#[test]
fn no_file_has_a_character_that_deceives() {
    let results = sample(Texts::Hostile);
    for (name, bytes) in files(&results).unwrap() {
        let text = String::from_utf8(bytes).unwrap();
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        if name == "results.json" {
            continue; // for programs: the very text, as JSON writes it
        }
        let hidden = text.chars().find(|c| {
            (c.is_control() && !matches!(c, '\n' | '\t'))
                || matches!(
                    *c,
                    '\u{202a}'
                        ..='\u{202e}'
                            | '\u{feff}'
                            | '\u{2028}'
                            | '\u{fffe}'
                            | '\u{ffff}'
                )
        });
        assert_eq!(hidden, None, "{name}");
    }
}
