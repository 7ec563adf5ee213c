//! A mark's rules -> what went well, then the one wrong step, then the others.

use maud::{Markup, html};

use super::super::words::{OPEN, Outcome, sentence};
use super::Text;
use super::parts::{counted, lines};
use crate::grade::results::{Graded, Mark, Ruled, Worth};

/// What went well, first.
pub(super) fn held(outcomes: &[(&Worth, Outcome<'_>)]) -> Markup {
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
pub(super) fn broken(
    mark: &Mark,
    outcomes: &[(&Worth, Outcome<'_>)],
) -> Markup {
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
                @if mark.why.contains('\n') { (lines("Why", &mark.why)) }
                @else { p.why { (Text(&mark.why)) } }
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

pub(super) fn others(outcomes: &[(&Worth, Outcome<'_>)]) -> Markup {
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
