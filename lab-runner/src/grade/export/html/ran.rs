//! A mark's run -> its packets, what was printed, and the box it was in.

use maud::{Markup, html};

use super::parts::{counted, lines, scrolls};
use super::{Bare, Text, short};
use crate::grade::results::{Graded, Mark};

/// Open where there is something to look for.
pub(super) fn wire(mark: &Mark) -> Markup {
    let is_wrong = matches!(mark.verdict, Graded::Partial | Graded::Fail);
    html! {
        @if !mark.ladder.is_empty() {
            details.wire open[is_wrong] {
                summary { "What was on the wire" }
                (lines("Packets in order", &mark.ladder))
            }
        }
    }
}

pub(super) fn programs(mark: &Mark) -> Markup {
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

pub(super) fn particulars(mark: &Mark) -> Markup {
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
    html! { @if !mark.digest.is_empty() {
        details {
            summary { "How it was run" }
            p {
                @if runs == 0 { "No run" }
                @else { (counted(runs, "run", "runs")) }
                " of the answer with the digest "
                code { (Bare(&short(&mark.digest))) }
                @if !mark.layers.is_empty() { ", in a box of these layers:" }
            }
            @if !mark.layers.is_empty() {
                (scrolls("Layers of the box", &table))
            }
        }
    } }
}
