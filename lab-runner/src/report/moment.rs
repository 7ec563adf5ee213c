//! The lines of a ladder -> those that somebody reads: all of a short one; of a
//! long one its beginning, its end, and what a broken rule is about.

use lab_kit::ladder::text::{TextLine, Tone};

/// A ladder of so many lines is shown whole.
const SHORT: usize = 48;
/// Lines that are shown of a long one: at its ends, and at each thing that is
/// wrong, before and after it.
const ENDS: usize = 12;
const NEAR: usize = 3;
/// The first wrong things; the others are like them.
const WRONG: usize = 4;

/// Leaves out what nothing is said about.
pub(super) fn around_what_fails(lines: Vec<TextLine>) -> Vec<TextLine> {
    if lines.len() <= SHORT {
        return lines;
    }
    let wrong = lines.iter().enumerate();
    let wrong = wrong.filter(|(_, line)| line.tone == Tone::Bad);
    let wrong: Vec<usize> = wrong.map(|(n, _)| n).take(WRONG).collect();
    let last = lines.len();
    let is_kept = |n: usize| {
        n <= ENDS
            || n + ENDS >= last
            || wrong.iter().any(|at| at.abs_diff(n) <= NEAR)
    };
    let mut kept = Vec::new();
    let mut left_out = 0;
    for (n, line) in lines.into_iter().enumerate() {
        if !is_kept(n) {
            left_out += 1;
            continue;
        }
        if left_out > 0 {
            kept.push(gap(left_out));
            left_out = 0;
        }
        kept.push(line);
    }
    kept
}

fn gap(left_out: usize) -> TextLine {
    let text = format!("       ...  {left_out} more lines, by check -v");
    TextLine { text, tone: Tone::Dim }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize, wrong: &[usize]) -> Vec<TextLine> {
        let line = |n| TextLine {
            text: n_th(n),
            tone: if wrong.contains(&n) { Tone::Bad } else { Tone::Plain },
        };
        (0..count).map(line).collect()
    }

    fn n_th(n: usize) -> String {
        format!("line {n}")
    }

    #[test]
    fn a_short_ladder_is_whole() {
        assert_eq!(around_what_fails(lines(48, &[9])), lines(48, &[9]));
    }

    #[test]
    fn a_long_one_shows_where_it_fails() {
        let shown = around_what_fails(lines(2000, &[1000, 1500, 1501]));
        let has = |n| shown.iter().any(|line| line.text == n_th(n));
        let seen = [0, 12, 997, 1000, 1003, 1498, 1504, 1988, 1999];
        assert!(seen.into_iter().all(has), "{shown:?}");
        assert!(![13, 996, 1004, 1987].into_iter().any(has), "{shown:?}");
        let gaps: Vec<_> =
            shown.iter().filter(|l| l.text.contains("more lines")).collect();
        assert_eq!(gaps.len(), 3, "{gaps:?}");
        assert!(gaps[0].text.contains(" 984 more"), "{gaps:?}");
    }

    #[test]
    fn however_much_is_wrong_it_stays_short() {
        let all: Vec<usize> = (0..5000).collect();
        assert!(around_what_fails(lines(5000, &all)).len() < SHORT);
    }
}
