//! Results -> `gradebook.csv`.
//!
//! `id,name,<exercise>...,total,of,open`: `open` counts the marks that are not
//! given yet. Their cells are empty, and so is the total, so that no import
//! takes them for 0. A byte order mark tells Excel that it is UTF-8.
//!
//! A spreadsheet runs a cell that begins as a formula does: such a text gets
//! an apostrophe before it.

use anyhow::{Context, Result};

use super::shown;
use crate::grade::results::{Graded, Mark, Results, Student};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
const RUNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

pub(super) fn gradebook(results: &Results) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(BYTE_ORDER_MARK.to_vec());
    let exercises = results.exercises.iter().map(|e| cell(&e.name));
    let mut heading = vec!["id".into(), "name".into()];
    heading.extend(exercises);
    heading.extend(["total", "of", "open"].map(String::from));
    writer.write_record(heading)?;
    for student in &results.students {
        writer.write_record(row(student))?;
    }
    writer.into_inner().context("write the gradebook as CSV")
}

fn row(student: &Student) -> Vec<String> {
    let open = student.marks.iter().filter(|mark| is_open(mark)).count();
    let total = match open {
        0 => student.points().to_string(),
        _ => String::new(),
    };
    let points = |mark: &Mark| match is_open(mark) {
        true => String::new(),
        false => mark.points.to_string(),
    };
    let mut row = vec![cell(&student.id), cell(&student.name)];
    row.extend(student.marks.iter().map(points));
    row.extend([total, student.of().to_string(), open.to_string()]);
    row
}

fn is_open(mark: &Mark) -> bool {
    mark.verdict == Graded::Inconclusive
}

/// Text that no spreadsheet runs.
fn cell(text: &str) -> String {
    let is_white = |c: char| c.is_whitespace() || c.is_control();
    let white = text.starts_with(is_white);
    match white || text.starts_with(RUNS) {
        true => format!("'{}", shown(text)),
        false => shown(text),
    }
}
