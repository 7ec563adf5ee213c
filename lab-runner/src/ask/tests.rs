use std::collections::BTreeSet;
use std::path::Path;

use lab_kit::Evidence;

use super::*;

/// Who answer with the number of their process.
fn residents() -> Residents {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    Residents::of(tests.join("fixtures/resident"))
}

fn number(answer: &[u8]) -> Result<u32> {
    let text = std::str::from_utf8(answer)?;
    text.trim().parse().with_context(|| format!("no number: {text:?}"))
}

fn judged_about(
    all: &Residents,
    experiment: &str,
    evidence: &Evidence,
) -> Result<u32> {
    all.ask(Some((experiment, &Case::of(evidence))), number)
}

fn judged(all: &Residents, experiment: &str) -> Result<u32> {
    judged_about(all, experiment, &Evidence::default())
}

#[test]
fn a_thousand_questions_are_answered_by_one_process() {
    let all = residents();
    let first = all.ask(None, number).unwrap();
    for _ in 0..1000 {
        assert_eq!(judged(&all, "fine").unwrap(), first);
    }
}

#[test]
fn whoever_asks_first_may_end_first() {
    let all = residents();
    let ask = || judged(&all, "fine").unwrap();
    let first = std::thread::scope(|scope| scope.spawn(ask).join().unwrap());
    assert_eq!(ask(), first);
}

#[test]
fn many_who_ask_at_once_share_as_many_as_there_are_cores() {
    let all = residents();
    let ask = || (0..100).map(|_| judged(&all, "fine").unwrap()).collect();
    let pids: Vec<BTreeSet<u32>> = std::thread::scope(|scope| {
        let askers: Vec<_> = (0..32).map(|_| scope.spawn(ask)).collect();
        askers.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let pids: BTreeSet<u32> = pids.into_iter().flatten().collect();
    assert!((1..=cores()).contains(&pids.len()), "{pids:?}");
}

/// It is an error of this question alone.
#[track_caller]
fn could_not(experiment: &str, words: &[&str]) {
    let all = residents();
    let first = judged(&all, "fine").unwrap();
    let why = format!("{:#}", judged(&all, experiment).unwrap_err());
    for word in words {
        assert!(why.contains(word), "no {word:?} in {why}");
    }
    let next = judged(&all, "fine").unwrap();
    assert_ne!(next, first);
    assert_eq!(judged(&all, "fine").unwrap(), next);
}

#[test]
fn who_ends_without_an_answer_is_told_with_its_words() {
    could_not("panics", &["without an answer (exit status: 101)", "no idea"]);
    could_not("leaves", &["without an answer (exit status: 0)"]);
}

#[test]
fn what_is_no_answer_to_this_question_is_refused() {
    could_not("prints", &["no number", "hello, world"]);
    could_not("answers-another", &["no number"]);
    could_not("says-not-whose", &["answers another question"]);
    could_not("answers-twice", &["no number"]);
}

#[test]
fn who_ends_after_its_answer_is_asked_nothing_more() {
    let all = residents();
    let first = judged(&all, "leaves-later").unwrap();
    let stat = format!("/proc/{first}/stat");
    while !std::fs::read_to_string(&stat).unwrap().contains(") Z ") {
        std::thread::yield_now();
    }
    assert_ne!(judged(&all, "fine").unwrap(), first);
}

#[test]
fn who_hears_no_more_is_not_told_forever() {
    let mut long = Evidence::default();
    long.options.insert("x".into(), "x".repeat(1 << 20));
    let all = residents();
    let why = judged_about(&all, "hears-no-more", &long).unwrap_err();
    let why = format!("{why:#}");
    assert!(why.contains("(signal: 9 (SIGKILL)): deaf"), "{why}");
    assert!(judged_about(&all, "fine", &long).is_ok());
}

#[test]
fn words_beside_an_answer_hold_nobody_up() {
    let all = residents();
    let first = judged(&all, "complains").unwrap();
    assert_eq!(judged(&all, "complains").unwrap(), first);
}

#[test]
fn who_can_t_be_started_is_named() {
    let nobody = Residents::of("/there/is/nobody".into());
    for _ in 0..2 {
        let why = format!("{:#}", judged(&nobody, "fine").unwrap_err());
        assert!(why.contains("start /there/is/nobody"), "{why}");
    }
}

#[test]
fn who_is_no_longer_asked_ends() {
    let all = residents();
    let first = judged(&all, "fine").unwrap();
    drop(all);
    // The keeper buries it, so not even a zombie is left.
    while Path::new(&format!("/proc/{first}")).exists() {
        std::thread::yield_now();
    }
}
