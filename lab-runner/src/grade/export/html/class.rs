//! A class's results -> the teacher's page: those with an open mark first.

use anyhow::Result;
use maud::{Markup, html};

use super::super::words::verdict;
use super::figures::{exercises, shares, spread, worst};
use super::findings::{left_out, strangers, weak};
use super::parts::{counted, scrolls};
use super::{Bare, Facts, Text, page};
use crate::grade::results::{Cause, Graded, Mark, Results, Student};
use crate::grade::whole::page_name;

pub(in super::super) fn class_page(results: &Results) -> Result<Vec<u8>> {
    let body = html! {
        header {
            p.kind { "Results of the class" }
            h1 { (counted(results.students.len(), "student", "students")) ", "
                (counted(results.exercises.len(), "exercise", "exercises")) }
            @if let Some(part) = &results.partition {
                p.note.inconclusive { "Only a part of the class: "
                    code { (Bare(part)) } }
            }
        }
        (key_numbers(results))
        div.beside { (worst(results)) (spread(results)) }
        (exercises(results))
        (students(results)?)
        (left_out(results))
        (strangers(results))
        (weak(results))
    };
    Ok(page("Results of the class", &Facts::of(results), &body))
}

fn key_numbers(results: &Results) -> Markup {
    let open = results.students.iter().filter(|s| s.is_open()).count();
    let shares = shares(results);
    let median = shares.get(shares.len() / 2);
    html! {
        dl.numbers {
            div { dt { "all marks given" }
                dd { (results.students.len() - open) } }
            div { dt { "with an open mark" } dd { (open) } }
            div { dt { "median share of the points" }
                dd { @if let Some(share) = median { (share) " %" }
                    @else { "–" } } }
        }
    }
}

fn students(results: &Results) -> Result<Markup> {
    let (open, given): (Vec<_>, Vec<_>) =
        results.students.iter().partition(|s| s.is_open());
    let columns = results.exercises.len() + 2;
    let table = html! { table.students {
        thead { tr {
            th scope="col" { "Student" }
            @for exercise in &results.exercises {
                th.upright scope="col" {
                    span { (Bare(&exercise.name)) }
                }
            }
            th.number scope="col" { "Total" }
        } }
        (group("No mark yet for some exercise", columns, &open)?)
        (group("All marks given", columns, &given)?)
    } };
    Ok(html! {
        section {
            h2 { "Students" }
            p.legend { @for (sign, word) in [Graded::Pass, Graded::Partial,
                Graded::Fail, Graded::Inconclusive].map(verdict) {
                span { span.sign.(word) aria-hidden="true" { (sign) } " "
                    (word) }
            }
            span { span.sign.none aria-hidden="true" { "·" } " not handed in" }
            }
            (scrolls("Marks of each student", &table))
        }
    })
}

fn group(title: &str, columns: usize, of: &[&Student]) -> Result<Markup> {
    if of.is_empty() {
        return Ok(html! {});
    }
    let pages = of.iter().map(|s| page_name(&s.id).map(|name| (*s, name)));
    let pages = pages.collect::<Result<Vec<_>>>()?;
    Ok(html! { tbody {
        tr.group { th colspan=(columns) scope="colgroup" {
            (title) " " span.soft { "(" (of.len()) ")" }
        } }
        @for (student, page) in pages { tr {
            th scope="row" {
                a href={ (page) ".html" } { (Text(&student.name)) } " "
                code { (Bare(&student.id)) }
            }
            @for mark in &student.marks { td.mark { (cell(mark)) } }
            td.number { (total(student)) }
        } }
    } })
}

fn cell(mark: &Mark) -> Markup {
    let (sign, word) = match mark.cause {
        Cause::NotHandedIn => ("·", "not handed in"),
        _ => verdict(mark.verdict),
    };
    let class = if sign == "·" { "none" } else { word };
    html! {
        span.sign.(class) aria-hidden="true" { (sign) }
        span.hidden { (word) ", " }
        @if mark.verdict == Graded::Inconclusive { "–" }
        @else { (mark.points) }
    }
}

fn total(student: &Student) -> Markup {
    let open = student.marks.iter();
    let open = open.filter(|mark| mark.verdict == Graded::Inconclusive);
    let open: u32 = open.map(|mark| mark.of).sum();
    let judged = student.of() - open;
    html! {
        @if judged > 0 || open == 0 {
            (student.points()) span.soft { " of " (judged) }
        } @else { "–" }
        @if open > 0 { br; span.soft { "+ " (open) " open" } }
    }
}
