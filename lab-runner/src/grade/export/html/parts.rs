//! What both pages have: a verdict, points, a section.

use maud::{Markup, html};

use super::super::words::verdict;
use super::Bare;
use crate::grade::results::{Graded, Mark};

/// A verdict: shape, word and colour.
pub(super) fn badge(graded: Graded) -> Markup {
    let (sign, word) = verdict(graded);
    html! {
        span class={ "badge " (word) } {
            span.sign aria-hidden="true" { (sign) } " " (word)
        }
    }
}

/// `3 of 5`; an open mark has no number.
pub(super) fn points(mark: &Mark) -> Markup {
    html! {
        @if mark.verdict == Graded::Inconclusive {
            span.soft { "– of " (mark.of) }
        } @else {
            (mark.points) span.soft { " of " (mark.of) }
        }
    }
}

/// A table that is wider than a telephone scrolls by itself.
pub(super) fn scrolls(label: &str, inner: &Markup) -> Markup {
    html! {
        div.scrolls role="region" aria-label=(label) tabindex="0" { (inner) }
    }
}

/// Lines as they are, in a box that scrolls.
pub(super) fn lines(label: &str, text: &str) -> Markup {
    html! {
        pre role="region" aria-label=(label) tabindex="0" dir="ltr" {
            // A line feed right after <pre> would be swallowed.
            "\n" (Bare(text))
        }
    }
}

/// `1 point`, `3 points`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
