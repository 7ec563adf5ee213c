//! A student's results -> their page: for each exercise what went well first,
//! then the one wrong step, wanted and seen.

use maud::{Markup, html};

use super::super::words::outcomes;
use super::judged::{broken, held, others};
use super::parts::{badge, counted, points, scrolls};
use super::ran::{particulars, programs, wire};
use super::{Bare, Facts, Text, page};
use crate::grade::results::{Assigned, Graded, LeftOut, Mark, Student};

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
    let judged = student.of() - open_points;
    html! {
        p.standing {
            @if judged > 0 || count == 0 {
                b { (student.points()) } " of " (judged) " points"
                @if count > 0 { ", " (open_points) " more still open" }
            } @else { b { "–" } " of " (open_points) " points" }
        }
        @if count > 0 {
            p.note.inconclusive {
                b { (counted(count, "exercise has", "exercises have"))
                    " no mark yet. " }
                "It can't be said whether the answer is right; it is not \
                 wrong, and it counts neither for nor against."
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
                span { (points(mark)) span.soft { " points" } } " "
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
            p { "These files were not taken; the marks above are without \
                them." }
            (scrolls("Files that were left out", &table))
        }
    }
}
