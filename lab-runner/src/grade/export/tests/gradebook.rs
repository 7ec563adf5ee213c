//! `gradebook.csv`, read by the csv crate, and by Python's module where there
//! is a Python.

use std::io::Write;
use std::process::{Command, Stdio};

use super::file;
use crate::grade::results::{Graded, Results};
use crate::grade::sample::{ATTACKS, Texts, sample};

fn class() -> Results {
    let mut results = sample(Texts::Hostile);
    for (n, name) in ["=1+1", " =1+1", "\u{200b}=1", "＝1", "", "'=1"]
        .into_iter()
        .enumerate()
    {
        results.students[ATTACKS.len() + n].name = name.into();
    }
    results
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| row.iter().map(String::from).collect()).collect()
}

#[test]
fn a_row_for_each_student_and_no_zero_for_an_open_mark() {
    let results = class();
    let rows = rows(&file(&results, "gradebook.csv"));
    assert_eq!(rows.len(), 41);
    assert_eq!(rows[0][..3], ["id", "name", "ch05/no-stall"]);
    assert_eq!(rows[0][8..], ["total", "of", "open"]);
    for (row, student) in rows[1..].iter().zip(&results.students) {
        assert_eq!(row[0], student.id);
        for (cell, mark) in row[2..8].iter().zip(&student.marks) {
            let open = mark.verdict == Graded::Inconclusive;
            let points = mark.points.to_string();
            assert_eq!(*cell, if open { String::new() } else { points });
        }
        assert_eq!(row[8].is_empty(), student.is_open());
        assert_eq!(row[10] == "0", !student.is_open());
        assert_eq!(row[9], "30");
    }
}

#[test]
fn no_cell_begins_as_a_formula_does() {
    let results = class();
    let rows = rows(&file(&results, "gradebook.csv"));
    let begins = ['=', '+', '-', '@', '\t', '\r', '\n', ' ', '＝'];
    for cell in rows.iter().flatten() {
        assert!(!cell.starts_with(begins), "{cell:?}");
    }
    let name = |n: usize| rows[n + 1][1].as_str();
    assert_eq!(name(7), "'=cmd|' /C calc'!A0");
    assert_eq!(name(11), "'\t=1+1");
    assert_eq!(name(12), "'\\u{d}=1+1");
    assert_eq!(name(13), "O'Brien, \"Bob\"\nsecond line; \u{3000}");
    assert_eq!(name(14), "\\u{202e}gnp.exe\\u{202c} שלום");
    assert_eq!(name(21), "' =1+1");
    assert_eq!(name(22), "\\u{200b}=1");
    assert_eq!(name(23), "'＝1");
    assert_eq!(name(24), "");
}

/// Another reader finds the same cells.
#[test]
fn python_reads_the_same_cells() {
    const READ: &str = "import csv, io, json, sys\n\
        text = sys.stdin.buffer.read().decode('utf-8-sig')\n\
        rows = list(csv.reader(io.StringIO(text, newline='')))\n\
        print(json.dumps(rows))";
    let text = file(&class(), "gradebook.csv");
    let python = Command::new("python3")
        .args(["-c", READ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut python) = python else {
        eprintln!("no python3 here: the csv crate alone has read it");
        return;
    };
    python.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let said = python.wait_with_output().unwrap();
    let read: Vec<Vec<String>> = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(read, rows(&text));
}
