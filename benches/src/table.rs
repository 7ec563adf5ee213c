//! Results -> text for a terminal: ratios first.

use std::fmt::Write;

use crate::results::{LineResult, Measured, Results};
use crate::statistics::Spread;

/// All of it.
pub fn text(results: &Results) -> String {
    let mut text = format!(
        "{}, Linux {}, {}, {} build, {} rounds, load {:.1} before and {:.1} \
         after\n",
        results.date,
        results.kernel,
        results.machine,
        results.profile,
        results.rounds,
        results.load[0],
        results.load[1]
    );
    for line in &results.lines {
        text += &line_text(line);
    }
    text
}

fn line_text(line: &LineResult) -> String {
    let mut text = format!("\n{} ({})\n", line.title, line.unit);
    for one in &line.contenders {
        let _ = writeln!(
            text,
            "  {:>9}  {:<34} {:>28}  {:>9} right  {:>7.1} MB",
            ratio_of(one),
            one.name,
            spread(&one.spread),
            format!("{}/{}", one.right[0], one.right[1]),
            one.peak_mb
        );
        if let Some(flood) = &one.flood {
            let _ = writeln!(text, "             {flood}");
        }
    }
    for absent in &line.absent {
        let _ = writeln!(text, "  without {}: {}", absent.name, absent.why);
    }
    if let Some(exponent) = line.exponent {
        let _ = writeln!(text, "  grows with the power {exponent:.2}");
    }
    let _ = match &line.goal {
        Some(goal) if goal.met => writeln!(text, "  goal met: {}", goal.words),
        Some(goal) => {
            let (words, why) = (&goal.words, why_file(&line.name));
            writeln!(text, "  goal NOT met: {words}\n  what is left: {why}")
        }
        None => writeln!(text, "  no goal was set"),
    };
    text
}

/// Where it is told what a line's time is spent on, and why: in Markdown, for the
/// book.
pub fn why_file(line: &str) -> String {
    format!("benches/results/why/{line}.md")
}

/// `7.4 x ours`, or what grows.
pub fn ratio_of(one: &Measured) -> String {
    match (one.ratio, one.ours) {
        (Some(ratio), _) => format!("{} x", short(ratio.median)),
        (None, true) if one.x.is_none() => "1 x".into(),
        _ => String::new(),
    }
}

/// `13.2 (12.9 to 14.0)`.
pub fn spread(of: &Spread) -> String {
    let [median, q1, q3] = [of.median, of.q1, of.q3].map(short);
    format!("{median} ({q1} to {q3})")
}

/// Three digits.
pub fn short(value: f64) -> String {
    match value.abs() {
        big if big >= 1000.0 => grouped(value.round() as i64),
        big if big >= 100.0 => format!("{value:.0}"),
        big if big >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn grouped(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        let all = [0.123, 4.56, 12.34, 123.4, 1234.5, 2_000_000.0];
        let all = all.map(short);
        let want = ["0.12", "4.56", "12.3", "123", "1,235", "2,000,000"];
        assert_eq!(all, want);
    }
}
