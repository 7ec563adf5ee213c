//! A lab's program, asked by `serve`: one process for as long as it is asked,
//! in the same memory.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use common::fixture;
use lab_kit::Evidence;
use lab_kit::protocol::{Case, Judgement, answered, question};

const QUESTIONS: u64 = 10_000;

/// Of the small lab, built.
fn start() -> Child {
    drop(fixture("ch90-small"));
    let program = common::project::target().join("debug/ch90-small");
    let mut command = Command::new(program);
    command.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped());
    command.stderr(Stdio::null()).spawn().expect("start a lab")
}

/// Kilobytes in memory.
fn resident(lab: &Child) -> u64 {
    let path = format!("/proc/{}/status", lab.id());
    let status = std::fs::read_to_string(path).expect("its status");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let mut words = line.expect("VmRSS").split_whitespace();
    words.nth(1).and_then(|kb| kb.parse().ok()).expect("a number")
}

#[test]
fn ten_thousand_questions_take_the_memory_of_one() {
    let mut lab = start();
    let mut asked = lab.stdin.take().expect("its input");
    let mut told = BufReader::new(lab.stdout.take().expect("its output"));
    let evidence = Evidence::default();
    let case = Case::of(&evidence);
    let mut after_some = 0;
    for n in 0..QUESTIONS {
        let question = question(n, Some(("refused-once", &case)));
        asked.write_all(&question.expect("JSON")).expect("ask");
        let mut line = Vec::new();
        told.read_until(b'\n', &mut line).expect("hear");
        let answer = answered(n, &line).expect("an answer to this question");
        let judgement: Judgement =
            serde_json::from_slice(answer).expect("a judgement");
        assert!(!judgement.findings[0].holds);
        if n == QUESTIONS / 10 {
            after_some = resident(&lab);
        }
    }
    let grew = resident(&lab).saturating_sub(after_some);
    assert!(grew < 512, "{grew} KB more than {after_some}");
    drop(asked);
    assert!(lab.wait().expect("its end").success());
}

#[test]
fn what_is_no_question_ends_it_with_a_sentence() {
    let mut lab = start();
    let mut asked = lab.stdin.take().expect("its input");
    asked.write_all(b"hello\n").expect("ask");
    assert_eq!(lab.wait().expect("its end").code(), Some(2));
}
