//! A student's results -> their page: for each exercise what went well first,
//! then the one wrong step, wanted and seen.

use maud::{Markup, html};

use super::super::words::{OPEN, Outcome, outcomes, sentence};
use super::parts::{badge, counted, lines, points, scrolls};
use super::{Bare, Facts, Text, page, short};
use crate::grade::results::{
    Assigned, Graded, LeftOut, Mark, Ruled, Student, Worth,
};

pub(in super::super) fn student_page(
    facts: &Facts,
    exercises: &[Assigned],
    student: &Student,
) -> Vec<u8> {
    let marks: Vec<_> = exercises.iter().zip(&student.marks).collect();
    let body = html! {
        header {
            p.kind { "Results" }
            h1 { (Text(&student.name)) }
            p.id { code { (Bare(&student.id)) } }
            (standing(student))
        }
        (overview(&marks))
        @for (n, (exercise, mark)) in marks.iter().enumerate() {
            (one(n, exercise, mark))
        }
        @if !student.left_out.is_empty() { (left_out(&student.left_out)) }
    };
    page(&format!("Results: {}", student.name), facts, &body)
}

fn standing(student: &Student) -> Markup {
    let open = student.marks.iter().filter(|mark| is_open(mark));
    let (count, open_points) =
        open.fold((0, 0), |(n, of), mark| (n + 1, of + mark.of));
    html! {
        p.standing {
            b { (student.points()) }
            " of " (student.of() - open_points) " points"
            @if count > 0 { ", " (open_points) " more still open" }
        }
        @if count > 0 {
            p.note.inconclusive {
                b { (counted(count, "exercise has", "exercises have"))
                    " no mark yet. " }
                "It can't be said whether the answer is right; it is not wrong, \
                 and it counts neither for nor against."
            }
        }
    }
}

fn is_open(mark: &Mark) -> bool {
    mark.verdict == Graded::Inconclusive
}

fn overview(marks: &[(&Assigned, &Mark)]) -> Markup {
    let rows = html! {
        table.overview {
            caption.hidden { "Verdict and points of each exercise" }
            thead { tr {
                th scope="col" { "Exercise" }
                th scope="col" { "Verdict" }
                th.number scope="col" { "Points" }
            } }
            tbody {
                @for (n, (exercise, mark)) in marks.iter().enumerate() {
                    tr {
                        th scope="row" {
                            a href={ "#e" (n + 1) } { (Text(&exercise.title)) }
                            " " code { (Bare(&exercise.name)) }
                        }
                        td { (badge(mark.verdict)) }
                        td.number { (points(mark)) }
                    }
                }
            }
        }
    };
    html! {
        section aria-label="Overview" { (rows) }
    }
}

fn one(n: usize, exercise: &Assigned, mark: &Mark) -> Markup {
    let outcomes = outcomes(exercise, mark);
    html! {
        section.exercise id={ "e" (n + 1) } {
            h2 { (Text(&exercise.title)) }
            p.line {
                (badge(mark.verdict)) " "
                span.got { (points(mark)) " points" } " "
                code { (Bare(&exercise.name)) }
            }
            (held(&outcomes))
            (broken(mark, &outcomes))
            (others(&outcomes))
            (wire(mark))
            (programs(mark))
            (particulars(mark))
        }
    }
}

/// What went well, first.
fn held(outcomes: &[(&Worth, Outcome<'_>)]) -> Markup {
    let held = outcomes.iter().filter(|(_, o)| *o == Outcome::Holds);
    let held: Vec<_> = held.collect();
    html! {
        @if !held.is_empty() {
            h3 { "What holds" }
            ul.rules { @for (worth, _) in held { li {
                span.sign.pass aria-hidden="true" { "✓" } " "
                (Text(&worth.rule)) " " span.soft { "(" (worth.points) ")" }
            } } }
        }
    }
}

/// The one wrong step; or why nothing could be judged.
fn broken(mark: &Mark, outcomes: &[(&Worth, Outcome<'_>)]) -> Markup {
    let first = outcomes.iter().find_map(|(worth, outcome)| match outcome {
        Outcome::First(ruled) => Some((worth, ruled)),
        _ => None,
    });
    match (mark.verdict, first) {
        (Graded::Inconclusive, _) => html! {
            div.note.inconclusive {
                h3 { (sentence(mark.cause)) }
                p.why { (Text(&mark.why)) }
                p { (OPEN) }
            }
        },
        (_, Some((worth, ruled))) => html! {
            div.note.fail {
                h3 { span.sign aria-hidden="true" { "✗" }
                    " The first step that is not right" }
                p.rule { (Text(&worth.rule)) " "
                    span.soft { "(" (worth.points) ")" } }
                (wanted(ruled))
            }
        },
        (Graded::Pass, None) => html! {},
        (_, None) => html! {
            div.note.fail {
                h3 { (sentence(mark.cause)) }
                (lines("Why", &mark.why))
            }
        },
    }
}

fn wanted(ruled: &Ruled) -> Markup {
    html! {
        dl.wanted {
            div { dt { "wanted" } dd { (Text(&ruled.wanted)) } }
            div { dt { "saw" } dd { (Text(&ruled.saw)) } }
        }
    }
}

fn others(outcomes: &[(&Worth, Outcome<'_>)]) -> Markup {
    let also: Vec<_> = outcomes
        .iter()
        .filter_map(|(worth, outcome)| match outcome {
            Outcome::Also(ruled) => Some((worth, *ruled)),
            _ => None,
        })
        .collect();
    let summary = counted(also.len(), "rule does", "rules do");
    html! {
        @if !also.is_empty() {
            details {
                summary { (summary) " not hold either, perhaps for the same \
                    reason" }
                @for (worth, ruled) in also {
                    p.rule { span.sign.fail aria-hidden="true" { "✗" } " "
                        (Text(&worth.rule)) " "
                        span.soft { "(" (worth.points) ")" } }
                    (wanted(ruled))
                }
            }
        }
    }
}

/// Open where there is something to look for.
fn wire(mark: &Mark) -> Markup {
    html! {
        @if !mark.ladder.is_empty() {
            details open[mark.verdict != Graded::Pass] {
                summary { "What was on the wire" }
                (lines("Packets in order", &mark.ladder))
            }
        }
    }
}

fn programs(mark: &Mark) -> Markup {
    html! {
        @for program in &mark.programs {
            details {
                summary { "Your program in " (Text(&program.host)) ": "
                    (Text(&program.how)) }
                @if program.text.is_empty() {
                    p.soft { "It printed nothing." }
                } @else {
                    (lines("What it printed", &program.text))
                }
            }
        }
    }
}

fn particulars(mark: &Mark) -> Markup {
    let table = html! { table {
        thead { tr {
            th scope="col" { "Layer" }
            th scope="col" { "On" }
            th scope="col" { "Note" }
        } }
        tbody { @for held in &mark.layers { tr {
            th scope="row" { (Text(&held.layer)) }
            td { @if held.on { "yes" } @else { b { "no" } } }
            td { (Text(&held.note)) }
        } } }
    } };
    let runs = usize::try_from(mark.runs).unwrap_or(usize::MAX);
    html! {
        details {
            summary { "How it was run" }
            p { (counted(runs, "run", "runs")) " of the answer with the digest "
                code { (Bare(&short(&mark.digest))) }
                @if !mark.layers.is_empty() { ", in a box of these layers:" }
            }
            @if !mark.layers.is_empty() {
                (scrolls("Layers of the box", &table))
            }
        }
    }
}

fn left_out(left_out: &[LeftOut]) -> Markup {
    let table = html! { table {
        thead { tr {
            th scope="col" { "File" }
            th scope="col" { "What" }
            th scope="col" { "Why" }
        } }
        tbody { @for left in left_out { tr {
            th scope="row" { code { (Text(&left.path)) } }
            td { (Text(&left.what)) }
            td { (Text(&left.why)) }
        } } }
    } };
    html! {
        section {
            h2 { "Left out of what you handed in" }
            p { "These files were not taken; the marks above are without them." }
            (scrolls("Files that were left out", &table))
        }
    }
}
