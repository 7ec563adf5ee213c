//! A judged answer -> what its author needs to know: what went well, then the
//! one wrong step.

use std::fmt::Write;

use lab_kit::ladder::number;

use super::{Found, first_broken, points};
use crate::check::Verdict;
use crate::report::{
    BAD, BOLD, DIM, Detail, GOOD, WARN, harmless, harmless_line, me, moment,
    painted, shortened,
};
use crate::run::Run;

/// The report of one attempt.
pub(crate) fn explain(found: &Found, run: &Run, detail: Detail) -> String {
    let title = format!("{}  {}", found.name(), found.task.title);
    let mut text = format!("{}\n\n", painted(BOLD, &title));
    text += &moment(run, detail);
    if run.evidence.trace.segments.is_empty() {
        let _ =
            writeln!(text, "{:>12}{}", "", painted(DIM, "no packet passed"));
    }
    text += &printed(run, detail.columns);
    text += "\n";
    let broken = first_broken(run);
    let is_open = matches!(run.verdict, Verdict::Inconclusive(_));
    for (n, (rule, finding)) in
        found.task.rules.iter().zip(&run.findings).enumerate()
    {
        let sign = number(n);
        let (points, claim) = (rule.points, &rule.claim);
        let word = match (finding.holds, broken == Some(n)) {
            (true, _) => painted(GOOD, "ok  "),
            (false, true) if is_open => painted(WARN, "?   "),
            (false, true) => painted(BAD, "FAIL"),
            (false, false) => painted(DIM, "open"),
        };
        let _ = writeln!(text, "  {word}  {sign} {claim} ({points})");
        if broken == Some(n) {
            let saw = harmless_line(&finding.saw);
            let _ = writeln!(text, "          wanted  {}", finding.wanted);
            let _ = writeln!(text, "          saw     {saw}");
        }
    }
    text + &verdict(found, run)
}

fn printed(run: &Run, columns: usize) -> String {
    let mut text = String::new();
    for answer in &run.notes.answers {
        let how = answer.how.as_deref();
        let how = how.unwrap_or("was still running when the run ended");
        let _ = writeln!(text, "\nyour program in {}: {how}", answer.host);
        for line in answer.printed.lines() {
            let line = shortened(&harmless(line), columns.max(80) - 2);
            let _ = writeln!(text, "  {}", painted(DIM, &line));
        }
    }
    text
}

fn verdict(found: &Found, run: &Run) -> String {
    let (me, name) = (me(), found.name());
    let got = points(found, run);
    let all = found.task.points();
    match &run.verdict {
        Verdict::Inconclusive(why) => format!(
            "\n{}  {why}; nothing follows from this run\nagain: {me} \
             exercise check {name}\n",
            painted(WARN, "INCONCLUSIVE")
        ),
        Verdict::Pass => format!(
            "\n{}  {got} of {all} points\nnext:  {}\n",
            painted(GOOD, "PASS"),
            match found.solution().is_file() {
                true => format!(
                    "{me} exercise solution {name}   (one way to do it)"
                ),
                false => format!("{me} exercise list"),
            }
        ),
        _ => format!(
            "\n{}  {got} of {all} points: the first rule that does not hold is \
             {}{}\nhint:  {me} exercise hint {name}\nagain: {me} exercise \
             check {name}\n",
            painted(BAD, "FAIL"),
            number(first_broken(run).unwrap_or_default()),
            match (first_broken(run), got) {
                (Some(0), 0) if run.findings.iter().any(|f| f.holds) =>
                    ", and the others count when it holds",
                _ => "",
            },
        ),
    }
}
