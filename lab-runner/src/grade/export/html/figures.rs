//! A class's results -> numbers to look at: which rule most got wrong, how
//! the points are spread, what came of each exercise.

use maud::{Markup, html};

use super::super::words::{Outcome, outcomes};
use super::parts::scrolls;
use super::{Bare, Text};
use crate::grade::results::{Assigned, Cause, Graded, Results, Student};

/// Rows of the table of rules.
const MOST: usize = 10;

/// Somebody's share of the points, for those with no open mark.
pub(super) fn shares(results: &Results) -> Vec<u32> {
    let complete = results.students.iter().filter(|s| !s.is_open());
    let share = |s: &Student| match s.of() {
        0 => 0,
        of => (u64::from(s.points()) * 100 / u64::from(of)) as u32,
    };
    let mut shares: Vec<u32> = complete.map(share).collect();
    shares.sort_unstable();
    shares
}

/// How many got which tenth of the points.
pub(super) fn spread(results: &Results) -> Markup {
    let shares = shares(results);
    let tenth = |share: u32| (share / 10).min(9);
    let rows: Vec<_> = (0..10)
        .rev()
        .map(|n| (n, shares.iter().filter(|s| tenth(**s) == n).count()))
        .collect();
    let most = rows.iter().map(|(_, count)| *count).max().unwrap_or(0);
    html! {
        section {
            h2 { "How the points are spread" }
            table.bars {
                caption { "Students without an open mark, by their share of \
                    the points" }
                thead.hidden { tr {
                    th scope="col" { "Share" } th scope="col" { "Students" }
                } }
                tbody { @for (n, count) in rows { tr {
                    th scope="row" { (n * 10) "–"
                        (if n == 9 { 100 } else { n * 10 + 9 }) " %" }
                    td { (bar(count, most)) (count) }
                } } }
            }
        }
    }
}

/// A bar as long as its share of the longest; the number stands beside it.
fn bar(count: usize, most: usize) -> Markup {
    let width = count * 100 / most.max(1);
    html! {
        span.bar aria-hidden="true" {
            span style={ "width:" (width) "%" } {}
        }
    }
}

struct Wrong<'a> {
    exercise: &'a Assigned,
    rule: &'a str,
    wrong: usize,
    judged: usize,
}

fn wrong(results: &Results) -> Vec<Wrong<'_>> {
    let mut all = Vec::new();
    for (n, exercise) in results.exercises.iter().enumerate() {
        let marks = results.students.iter().filter_map(|s| s.marks.get(n));
        let found: Vec<_> = marks.map(|m| outcomes(exercise, m)).collect();
        for (m, worth) in exercise.rules.iter().enumerate() {
            let of = |is: fn(&Outcome<'_>) -> bool| {
                found.iter().filter(|rules| is(&rules[m].1)).count()
            };
            let wrong =
                of(|o| matches!(o, Outcome::First(_) | Outcome::Also(_)));
            let judged = wrong + of(|o| *o == Outcome::Holds);
            all.push(Wrong { exercise, rule: &worth.rule, wrong, judged });
        }
    }
    all.retain(|rule| rule.wrong > 0);
    all.sort_by_key(|rule| std::cmp::Reverse(rule.wrong));
    all.truncate(MOST);
    all
}

/// The rules that most answers broke.
pub(super) fn worst(results: &Results) -> Markup {
    let wrong = wrong(results);
    let most = wrong.first().map_or(0, |rule| rule.wrong);
    html! {
        section {
            h2 { "Which rule most got wrong" }
            @if wrong.is_empty() {
                p { "No answer that could be judged broke a rule." }
            } @else { table.bars {
                caption { "Of the answers that could be run" }
                thead.hidden { tr {
                    th scope="col" { "Rule" } th scope="col" { "Wrong" }
                } }
                tbody { @for Wrong { exercise, rule, wrong, judged } in wrong {
                    tr {
                        th scope="row" { (Text(rule)) " "
                            code { (Bare(&exercise.name)) } }
                        td { (bar(wrong, most)) (wrong)
                            span.soft { " of " (judged) } }
                    }
                } }
            } }
        }
    }
}

/// What came of each exercise.
pub(super) fn exercises(results: &Results) -> Markup {
    let table = html! { table {
        thead { tr {
            th scope="col" { "Exercise" }
            @for name in ["Pass", "Partial", "Fail", "No answer",
                "Inconclusive", "Mean points"] {
                th.number scope="col" { (name) }
            }
        } }
        tbody { @for (n, exercise) in results.exercises.iter().enumerate() {
            tr {
                th scope="row" { (Text(&exercise.title)) " "
                    code { (Bare(&exercise.name)) } }
                @for number in counts(results, n) { td.number { (number) } }
            }
        } }
    } };
    html! {
        section {
            h2 { "Exercises" }
            (scrolls("What came of each exercise", &table))
        }
    }
}

fn counts(results: &Results, n: usize) -> Vec<String> {
    let marks = results.students.iter().filter_map(|s| s.marks.get(n));
    let marks: Vec<_> = marks.collect();
    let of = |verdict: Graded, none: bool| {
        let is_none = |cause| cause == Cause::NotHandedIn;
        let is = marks.iter().filter(|mark| mark.verdict == verdict);
        is.filter(|mark| is_none(mark.cause) == none).count()
    };
    let open = of(Graded::Inconclusive, false);
    let judged = marks.len() - open;
    let points: u32 = marks.iter().map(|mark| mark.points).sum();
    let mean = match judged {
        0 => "–".into(),
        _ => format!("{:.1}", f64::from(points) / judged as f64),
    };
    vec![
        of(Graded::Pass, false).to_string(),
        of(Graded::Partial, false).to_string(),
        of(Graded::Fail, false).to_string(),
        of(Graded::Fail, true).to_string(),
        open.to_string(),
        mean,
    ]
}
