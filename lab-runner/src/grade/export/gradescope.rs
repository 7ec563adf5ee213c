//! A student's results -> `results.json` as Gradescope's autograder
//! specification has it (<https://gradescope-autograders.readthedocs.io>).
//!
//! A test for each rule. An inconclusive mark is no 0: its tests have no score
//! and are hidden, whereupon Gradescope shows the student no total; the text
//! above the tests says which exercises are open. Every text is `text`: nothing
//! in it is markup.

mod shape;

use std::fmt::Write;

use anyhow::{Context, Result};
use serde_json::json;

use shape::{Submission, Test};

use super::html::Facts;
use super::shown;
use super::words::{OPEN, Outcome, cause, outcomes, sentence};
use crate::grade::results::{Assigned, Graded, Mark, Student, Worth};

pub(super) fn gradescope(
    facts: &Facts,
    exercises: &[Assigned],
    student: &Student,
) -> Result<Vec<u8>> {
    let open: Vec<_> = student.marks.iter().filter(|m| is_open(m)).collect();
    let extra = json!({
        "lab-runner": facts.runner, "kernel": facts.kernel,
        "final": open.is_empty(),
        "inconclusive": open.iter().map(|m| &m.exercise).collect::<Vec<_>>(),
    });
    let submission = Submission {
        score: student.points(),
        output: summary(student, &open),
        output_format: "text",
        test_output_format: "text",
        test_name_format: "text",
        visibility: "visible",
        stdout_visibility: "hidden",
        tests: tests(exercises, student),
        extra_data: extra,
    };
    let mut bytes = serde_json::to_vec_pretty(&submission)
        .with_context(|| format!("write {}'s tests as JSON", student.id))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn is_open(mark: &Mark) -> bool {
    mark.verdict == Graded::Inconclusive
}

fn summary(student: &Student, open: &[&Mark]) -> String {
    let (points, of) = (student.points(), student.of());
    let mut text = String::new();
    if open.is_empty() {
        let _ = writeln!(text, "{points} of {of} points.");
    } else {
        let open_points: u32 = open.iter().map(|mark| mark.of).sum();
        let judged = of - open_points;
        let _ = match judged {
            0 => writeln!(text, "NOT FINAL: nothing could be judged yet."),
            _ => writeln!(
                text,
                "NOT FINAL: {points} of the {judged} points that could be \
                 judged; {open_points} more are open."
            ),
        };
        let _ = writeln!(text, "{OPEN}");
    }
    for mark in open {
        let (name, why) = (shown(&mark.exercise), shown(&mark.why));
        let _ = writeln!(text, "open: {name}: {why}");
    }
    for left in &student.left_out {
        let (path, why) = (shown(&left.path), shown(&left.why));
        let _ = writeln!(text, "left out: {path}: {why}");
    }
    text
}

fn tests(exercises: &[Assigned], student: &Student) -> Vec<Test> {
    let mut tests = Vec::new();
    for (n, (exercise, mark)) in
        exercises.iter().zip(&student.marks).enumerate()
    {
        for (m, (worth, outcome)) in
            outcomes(exercise, mark).into_iter().enumerate()
        {
            let number = format!("{}.{}", n + 1, m + 1);
            tests.push(test(number, mark, worth, outcome));
        }
    }
    tests
}

fn test(
    number: String,
    mark: &Mark,
    worth: &Worth,
    outcome: Outcome<'_>,
) -> Test {
    let (exercise, rule) = (shown(&mark.exercise), shown(&worth.rule));
    let points = worth.points;
    let (score, visibility, name) = match outcome {
        Outcome::Open => (
            None,
            "hidden",
            format!("{exercise}: {rule} (inconclusive: no mark yet)"),
        ),
        Outcome::Holds => {
            (Some(points), "visible", format!("{exercise}: {rule}"))
        }
        _ => (Some(0), "visible", format!("{exercise}: {rule}")),
    };
    let holds = outcome == Outcome::Holds;
    Test {
        score,
        max_score: score.map(|_| points),
        status: if holds { "passed" } else { "failed" },
        name,
        name_format: "text",
        number,
        output: output(mark, outcome),
        output_format: "text",
        tags: vec![exercise, cause(mark.cause).into()],
        visibility,
    }
}

fn output(mark: &Mark, outcome: Outcome<'_>) -> String {
    let why = shown(&mark.why);
    match outcome {
        Outcome::Holds => "This rule holds.".into(),
        Outcome::Open => format!("{OPEN}\n{why}"),
        Outcome::NotRun => format!("{}\n{why}", sentence(mark.cause)),
        Outcome::First(ruled) | Outcome::Also(ruled) => {
            let mut text = format!(
                "wanted  {}\nsaw     {}\n",
                shown(&ruled.wanted),
                shown(&ruled.saw)
            );
            if matches!(outcome, Outcome::First(_)) {
                text += &format!("\n{}\n", shown(&mark.ladder));
                text += &printed(mark);
            }
            text
        }
    }
}

fn printed(mark: &Mark) -> String {
    let mut text = String::new();
    for program in &mark.programs {
        let (host, how) = (shown(&program.host), shown(&program.how));
        let _ = writeln!(text, "\nyour program in {host}: {how}");
        text += &shown(&program.text);
    }
    text
}
