//! The lines of `lab serve`. A question is `7 describe` or `7 judge EXPERIMENT`
//! and a [`Case`]; its answer is `7` and what the program prints that is
//! started for this question alone. The number says which answer is whose.

use serde::Serialize;

use super::Case;

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked<'a> {
    /// A description of the lab.
    Describe,
    /// Findings.
    Judge {
        /// Of which claims.
        experiment: &'a str,
        /// About what: a [`Case`] as JSON.
        case: &'a [u8],
    },
}

/// The line that asks: for a description, or for an experiment's findings.
///
/// # Errors
/// None that a [`Case`] of ours makes.
pub fn question(
    n: u64,
    judged: Option<(&str, &Case)>,
) -> serde_json::Result<Vec<u8>> {
    let Some((experiment, case)) = judged else {
        return Ok(format!("{n} describe\n").into());
    };
    line(format!("{n} judge {experiment} "), case)
}

/// The line that answers.
///
/// # Errors
/// None that answers of ours make.
pub fn answer(n: u64, said: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    line(format!("{n} "), said)
}

fn line(begin: String, said: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut line = begin.into_bytes();
    serde_json::to_writer(&mut line, said)?;
    line.push(b'\n');
    Ok(line)
}

/// Which question a line is.
pub fn asked(line: &[u8]) -> Option<(u64, Asked<'_>)> {
    let (n, asked) = numbered(line)?;
    let Some(judged) = asked.strip_prefix(b"judge ") else {
        return (asked == b"describe").then_some((n, Asked::Describe));
    };
    let (experiment, case) = parted(judged)?;
    Some((n, Asked::Judge { experiment, case }))
}

/// The answer in a line, if it is this question's.
pub fn answered(n: u64, line: &[u8]) -> Option<&[u8]> {
    numbered(line).filter(|(m, _)| *m == n).map(|(_, answer)| answer)
}

fn numbered(line: &[u8]) -> Option<(u64, &[u8])> {
    let (n, rest) = parted(line.strip_suffix(b"\n")?)?;
    Some((n.parse().ok()?, rest))
}

/// A word and what follows it.
fn parted(line: &[u8]) -> Option<(&str, &[u8])> {
    let space = line.iter().position(|byte| *byte == b' ')?;
    let word = std::str::from_utf8(&line[..space]).ok()?;
    Some((word, &line[space + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Evidence;

    #[test]
    fn a_question_is_read_as_it_was_asked() {
        let line = question(7, None).unwrap();
        assert_eq!(asked(&line), Some((7, Asked::Describe)));
        let evidence = Evidence::default();
        let case = Case::of(&evidence);
        let line = question(8, Some(("cork", &case))).unwrap();
        let json = serde_json::to_vec(&case).unwrap();
        let judge = Asked::Judge { experiment: "cork", case: &json };
        assert_eq!(asked(&line), Some((8, judge)));
    }

    #[test]
    fn an_answer_belongs_to_one_question() {
        let line = answer(7, &[1, 2]).unwrap();
        assert_eq!(answered(7, &line), Some(&b"[1,2]"[..]));
        assert_eq!(answered(8, &line), None);
    }

    #[test]
    fn other_lines_are_neither() {
        let long = format!("{} describe\n", "9".repeat(30));
        for line in [
            "",
            "\n",
            " \n",
            "7\n",
            "describe\n",
            "7 describe",
            "7 judge\n",
            "7 judge x\n",
            "7  describe\n",
            "-7 describe\n",
            "7 sing\n",
            &long,
        ] {
            assert_eq!(asked(line.as_bytes()), None, "{line:?}");
        }
        assert_eq!(answered(7, b"hello\n"), None);
        assert_eq!(answered(7, b"\xff 7\n"), None);
    }
}
