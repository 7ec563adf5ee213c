use super::{Beside, alike};
use crate::grade::results::{Graded, Mark};
use crate::grade::sample::{Texts, sample};

fn marks() -> Vec<Mark> {
    let class = sample(Texts::Plain);
    class.students.into_iter().flat_map(|student| student.marks).collect()
}

#[test]
fn marks_are_alike_by_what_they_say_of_an_answer() {
    let all = marks();
    let run = all.iter().find(|m| m.verdict == Graded::Partial).unwrap();
    let again = Mark {
        ladder: "another".into(),
        runs: 9,
        evidence: None,
        why: "other packets".into(),
        ..run.clone()
    };
    assert!(alike(run, &again));
    let mut other = run.clone();
    other.rules.swap(0, 3);
    assert!(!alike(run, &other), "the same points by other rules");
    let right = all.iter().find(|m| m.verdict == Graded::Pass).unwrap();
    assert!(!alike(run, right));
}

#[test]
fn two_runs_part_where_the_first_line_differs() {
    let lines = |all: &[&str]| all.iter().map(|l| l.to_string()).collect();
    let part = |one: &[&str], two: &[&str]| {
        Beside::from(lines(one), lines(two)).parts_at
    };
    assert_eq!(part(&["S", "S."], &["S", "S."]), None);
    assert_eq!(part(&["S", "R."], &["S", "S."]), Some(1));
    assert_eq!(part(&["S"], &["S", "S."]), Some(1));
    assert_eq!(part(&["S", "S."], &["S"]), Some(1));
    assert_eq!(part(&[], &[]), None);
}
