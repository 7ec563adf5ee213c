//! An appeal -> what a teacher reads, from the record to the verdict.

use std::fmt::Write;
use std::path::PathBuf;

use crate::grade::appeal::{Appealed, Beside, File, Order, alike};
use crate::grade::results::{Graded, Mark};
use crate::report::{
    BAD, BOLD, DIM, Detail, GOOD, WARN, harmless_line, moment, painted,
    shortened,
};
use crate::run::Run;

pub(super) fn told(
    order: &Order,
    one: &Appealed,
    saved: Option<PathBuf>,
    columns: usize,
) -> String {
    let title = format!("{}  {}", order.student, one.found.name());
    let task = &one.found.task.title;
    let mut text = format!("{}  {task}\n", painted(BOLD, &title));
    let _ = writeln!(text, "mark: {}", worth(&one.mark));
    for note in &one.notes {
        let note = harmless_line(note);
        let _ = writeln!(text, "{}  {note}", painted(WARN, "note"));
    }
    text += &section("On what it rests");
    match one.mark.digest.is_empty() && one.answer.changed.is_none() {
        true => text += &line(DIM, "nothing was taken in for it"),
        false => text += &file(order, &one.answer),
    }
    for it in &one.evidence {
        text += &file(order, it);
    }
    text += &section("What was recorded, judged again");
    match &one.kept {
        Ok((run, now)) => text += &kept(run, now, &one.mark, columns),
        Err(why) => text += &line(DIM, &harmless_line(why)),
    }
    if let Some(path) = saved {
        let _ = writeln!(text, "  packets: {}", path.display());
    }
    text += &programs(&one.mark);
    match &one.beside {
        Some(Ok(both)) => text += &beside(both, columns),
        Some(Err(why)) => {
            text += &section("Beside the solution");
            text += &line(DIM, &harmless_line(why));
        }
        None => {}
    }
    text += &again(one);
    text + &verdict(one)
}

fn section(title: &str) -> String {
    format!("\n{}\n", painted(BOLD, title))
}

fn line(style: anstyle::Style, words: &str) -> String {
    format!("  {}\n", painted(style, words))
}

fn worth(mark: &Mark) -> String {
    let (points, of) = (mark.points, mark.of);
    let (style, word) = match mark.verdict {
        Graded::Pass => (GOOD, "pass"),
        Graded::Partial => (WARN, "partial"),
        Graded::Fail => (BAD, "fail"),
        Graded::Inconclusive => (BOLD, "open"),
    };
    let first = mark.why.lines().next().unwrap_or_default();
    let why = shortened(&harmless_line(first), 110);
    match mark.verdict {
        Graded::Inconclusive => format!("{}: {why}", painted(style, word)),
        _ => format!("{points} of {of}, {}: {why}", painted(style, word)),
    }
}

fn file(order: &Order, file: &File) -> String {
    let path = order.class.folder.join(&file.path);
    let path = harmless_line(&path.display().to_string());
    match &file.changed {
        None => format!("  {}  {path}\n", painted(GOOD, "as it was")),
        Some(why) => {
            let why = harmless_line(why);
            format!("  {}    {path}: {why}\n", painted(BAD, "CHANGED"))
        }
    }
}

fn kept(run: &Run, now: &Mark, mark: &Mark, columns: usize) -> String {
    let detail = Detail { verbose: false, columns };
    let mut text = moment(run, detail);
    if run.evidence.trace.segments.is_empty() {
        let _ = writeln!(text, "{:12}{}", "", painted(DIM, "no packet passed"));
    }
    text += "\n";
    for (n, rule) in now.rules.iter().enumerate() {
        let sign = lab_kit::ladder::number(n);
        let word = match rule.holds {
            true => painted(GOOD, "ok  "),
            false => painted(BAD, "FAIL"),
        };
        let _ =
            writeln!(text, "  {word}  {sign} {} ({})", rule.rule, rule.points);
        if !rule.holds {
            let _ = writeln!(text, "          wanted  {}", rule.wanted);
            let saw = harmless_line(&rule.saw);
            let _ = writeln!(text, "          saw     {saw}");
        }
    }
    let (points, of) = (now.points, now.of);
    let same = match alike(now, mark) {
        true => painted(GOOD, "as the mark has it"),
        false => painted(BAD, "the mark has it otherwise"),
    };
    let _ = writeln!(text, "\n  {points} of {of}: {same}");
    text
}

/// Lines of what a program printed.
const PRINTED: usize = 12;

fn programs(mark: &Mark) -> String {
    let mut text = String::new();
    for program in &mark.programs {
        let (host, how) = (harmless_line(&program.host), &program.how);
        let how = harmless_line(how);
        let _ = writeln!(text, "\n  the program in {host}: {how}");
        for words in program.text.lines().take(PRINTED) {
            let words = shortened(&harmless_line(words), 100);
            let _ = writeln!(text, "    {}", painted(DIM, &words));
        }
    }
    text
}

/// Rows that are shown before the first that differs, and from it on.
const BEFORE: usize = 6;
const AFTER: usize = 14;

fn beside(both: &Beside, columns: usize) -> String {
    let mut text = section("Beside the solution, run here and now");
    let Some(at) = both.parts_at else {
        return text
            + &line(DIM, "no packet differs: look at times and counters");
    };
    let width = (columns.max(80) - 7) / 2;
    let cell = |lines: &[String], n: usize| {
        shortened(lines.get(n).map_or("", String::as_str), width)
    };
    let _ = writeln!(text, "    {:width$} │ the solution", "this answer");
    let rows = both.answer.len().max(both.solution.len());
    let first = at.saturating_sub(BEFORE);
    if first > 0 {
        let _ = writeln!(text, "    {:width$} │", format!("... {first} alike"));
    }
    for n in first..rows.min(at + AFTER) {
        let (left, right) = (cell(&both.answer, n), cell(&both.solution, n));
        let sign = if n == at { painted(BAD, "≠") } else { " ".into() };
        let _ = writeln!(text, "  {sign} {left:width$} │ {right}");
    }
    if rows > at + AFTER {
        let more = format!("... {} more", rows - at - AFTER);
        let _ = writeln!(text, "    {more:width$} │");
    }
    let note = "≠ is where they part. Another way is not a wrong one: the \
                rules above decide.";
    text + &line(DIM, note)
}

fn again(one: &Appealed) -> String {
    if one.again.is_empty() {
        return String::new();
    }
    let mut text = section("The answer, run again");
    for (n, mark) in one.again.iter().enumerate() {
        let sign =
            if one.differs(mark) { painted(BAD, "≠") } else { " ".into() };
        let _ = writeln!(text, "  {sign} {:>3}  {}", n + 1, worth(mark));
    }
    text
}

fn verdict(one: &Appealed) -> String {
    let against = one.against();
    match one.exit_code() {
        0 => format!("\n{}\n", painted(GOOD, "THE MARK STANDS")),
        1 => {
            let words = painted(BAD, "SOMETHING SPEAKS AGAINST THE MARK");
            let mut text = format!("\n{words}\n");
            for why in against {
                let _ = writeln!(text, "  {}", harmless_line(&why));
            }
            text
        }
        _ => format!(
            "\n{}  nothing follows from what could be looked at\n",
            painted(WARN, "NOT JUDGED")
        ),
    }
}
