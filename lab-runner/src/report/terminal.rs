//! Run -> what a reader sees: the ladder, the claims, the snapshot, and what
//! to do next. Words carry the meaning; colour repeats it.

use std::fmt::Write;
use std::path::Path;

use lab_kit::ladder::text::{Page, TextLine, Tone, draw};
use lab_kit::ladder::{Ladder, Row, number, rows};
use lab_kit::{LinkKind, figure};

use super::moment::around_what_fails;
use super::{
    BAD, BOLD, DIM, GOOD, WARN, harmless_line, me, painted, shortened, wrapped,
};
use crate::check::{Comparison, Verdict};
use crate::discover::Lab;
use crate::run::Run;

/// How much to show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Detail {
    pub(crate) verbose: bool,
    pub(crate) columns: usize,
}

/// The whole report of a run.
pub(crate) fn report(lab: &Lab, run: &Run, detail: Detail) -> String {
    let mut text = heading(lab, run);
    text += &ladder(run, detail);
    text += &claims(run, detail.columns.max(80));
    text += &figures(run, detail.columns);
    text += &snapshot(lab, run);
    text += &verdict(lab, run);
    text
}

/// The ladder alone.
fn ladder(run: &Run, detail: Detail) -> String {
    let trace = &run.evidence.trace;
    let page = Page::new(&trace.hosts, &run.plan.claims, detail.columns);
    let heading = page.heading(!trace.segments.is_empty());
    let windows = detail.verbose || run.plan.shows_windows;
    let rows = rows_of(run, detail.verbose, windows);
    let lines = rows.map(|row| page.row(&row));
    written(std::iter::once(heading).chain(lines))
}

/// Of a long ladder, its beginning, its end and what a broken rule is about;
/// all of it, if that is wanted. What programs saw is in it, unless that is what
/// somebody was to foretell.
pub(crate) fn moment(run: &Run, detail: Detail) -> String {
    if detail.verbose {
        return ladder(run, detail);
    }
    let mut shown = ladder_of(run, false);
    if !run.plan.asks {
        let windows = run.plan.shows_windows;
        shown = ladder_with(run, true, windows);
        shown.rows.retain(|row| match row {
            Row::Note { at, text, .. } => {
                at.is_some() && !text.starts_with("mark ")
            }
            _ => true,
        });
    }
    written(around_what_fails(draw(&shown, detail.columns)))
}

fn written(lines: impl IntoIterator<Item = TextLine>) -> String {
    lines.into_iter().map(|line| tinted(&line) + "\n").collect()
}

/// What a run left, for somebody who is to find out what it means: the ladder
/// with numbers, the kernel's counters, and both queues of every socket.
pub(crate) fn evidence(run: &Run, columns: usize) -> String {
    let mut text = ladder(run, Detail { verbose: true, columns });
    let panel = run.evidence.panel();
    if !run.evidence.steps.is_empty() {
        text += "\n";
        for line in figure::text::draw(&panel.into(), columns) {
            let _ = writeln!(text, "{}", harmless_line(&line));
        }
    }
    for (host, sockets) in &run.evidence.left {
        for socket in sockets {
            let _ = writeln!(text, "left at {host}: {socket}");
        }
    }
    text
}

/// The ladder of a run, before it is drawn.
pub(crate) fn ladder_of(run: &Run, verbose: bool) -> Ladder {
    ladder_with(run, verbose, verbose || run.plan.shows_windows)
}

fn ladder_with(run: &Run, verbose: bool, windows: bool) -> Ladder {
    Ladder {
        hosts: run.evidence.trace.hosts.clone(),
        rows: rows_of(run, verbose, windows).collect(),
        claims: run.plan.claims.clone(),
    }
}

fn rows_of(
    run: &Run,
    verbose: bool,
    windows: bool,
) -> impl Iterator<Item = Row> + '_ {
    let by_arrival = run.plan.is_stepped();
    let numbered = run.plan.asks;
    let detail = lab_kit::ladder::Detail {
        verbose,
        windows,
        by_arrival,
        numbered,
        goes_on: false,
    };
    rows(&run.evidence, &run.findings, detail).map(|mut row| {
        if let Row::Note { text, .. } = &mut row {
            *text = harmless_line(text);
        }
        row
    })
}

fn tinted(line: &TextLine) -> String {
    match line.tone {
        Tone::Plain => line.text.clone(),
        Tone::Dim => painted(DIM, &line.text),
        Tone::Good => painted(GOOD, &line.text),
        Tone::Bad => painted(BAD, &line.text),
    }
}

fn heading(lab: &Lab, run: &Run) -> String {
    let name = format!("{}/{}", lab.described.name, run.plan.name);
    let mut text = format!(
        "{}  {}\n{}\n{}\n",
        painted(BOLD, &name),
        run.plan.question,
        painted(DIM, &run.plan.source),
        painted(DIM, &network(run)),
    );
    if let Some(what_if) = &run.turned.what_if {
        let knobs: Vec<_> =
            what_if.knobs.iter().map(ToString::to_string).collect();
        let line = format!("what if {}: {}", what_if.name, knobs.join(" "));
        let _ = writeln!(text, "{}", painted(WARN, &line));
    }
    for knob in run.plan.knobs.iter().chain(&run.turned.set) {
        let _ = writeln!(text, "{}", painted(DIM, &format!("set {knob}")));
    }
    text + "\n"
}

/// `client 192.0.2.1 -- cable -- server 192.0.2.2   Linux 6.18.44`
fn network(run: &Run) -> String {
    let address = |host: &str| {
        let mut ends = run.notes.seen.ends.iter();
        let end = ends.find(|e| e.host == host);
        end.map_or(String::new(), |e| e.address.clone())
    };
    let links: Vec<String> = run
        .plan
        .links
        .iter()
        .map(|link| {
            let kind = match link.kind {
                LinkKind::Cable => "cable",
                LinkKind::Wire => "wire",
                LinkKind::Loopback => "loopback",
            };
            let [a, b] = &link.ends;
            format!("{a} {} ── {kind} ── {b} {}", address(a), address(b))
        })
        .collect();
    format!("{}   Linux {}", links.join(", "), run.notes.seen.kernel)
}

fn claims(run: &Run, columns: usize) -> String {
    let mut text = format!("\n{}\n", painted(BOLD, "Claims"));
    let named = run.turned.what_if.iter().flat_map(|w| &w.fails);
    let foreseen: Vec<&String> = named.collect();
    for (n, (claim, finding)) in
        run.plan.claims.iter().zip(&run.findings).enumerate()
    {
        let word = match (finding.holds, foreseen.contains(&claim)) {
            (true, false) => painted(GOOD, "ok  "),
            (true, true) => painted(BAD, "held"),
            (false, true) => painted(WARN, "gone"),
            (false, false) => painted(BAD, "FAIL"),
        };
        let saw = harmless_line(&finding.saw);
        let mut line = format!("{} {claim}", number(n));
        if finding.holds {
            line = shortened(&format!("{line}: {saw}"), columns - 10);
        }
        let _ = writeln!(text, "  {word}  {line}");
        if !finding.holds {
            let _ = writeln!(text, "          wanted  {}", finding.wanted);
            let _ = writeln!(text, "          saw     {saw}");
        }
    }
    text
}

fn figures(run: &Run, columns: usize) -> String {
    let mut text = String::new();
    for drawn in &run.figures {
        let _ = writeln!(text, "\n{}", painted(BOLD, &drawn.title));
        for line in figure::text::draw(&drawn.figure, columns.saturating_sub(2))
        {
            let _ = writeln!(text, "  {}", harmless_line(&line));
        }
    }
    text
}

fn snapshot(lab: &Lab, run: &Run) -> String {
    let mut text = String::new();
    match &run.comparison {
        Comparison::Same { path, lines, other } => {
            let path = short(lab, path);
            let _ = write!(
                text,
                "\n{}\n  {}  {lines} lines, the same as {path}\n",
                painted(BOLD, "Snapshot"),
                painted(GOOD, "ok  ")
            );
            if let Some(other) = other {
                let why = harmless_line(&format!(
                    "not as on Linux {}, which the book draws: {}",
                    other.than, other.reason
                ));
                for line in wrapped(&why, 72).lines() {
                    let _ = writeln!(text, "        {line}");
                }
            }
        }
        Comparison::Differs { path, diff, kernel, elsewhere } => {
            let path = short(lab, path);
            let _ = write!(
                text,
                "\n{}\n  {}  from {path} (- accepted, + seen)\n{}",
                painted(BOLD, "Snapshot"),
                painted(if *elsewhere { WARN } else { BAD }, "differs"),
                colored_diff(diff)
            );
            if *elsewhere {
                let _ = writeln!(
                    text,
                    "note: this is Linux {}, the trace was accepted on \
                     {kernel}; claims must hold on every kernel, packets only \
                     on that series (--strict to insist)",
                    run.notes.seen.kernel
                );
            }
        }
        Comparison::New { .. } => {
            let _ = write!(
                text,
                "\n{}\n  {}  nothing was accepted yet; seen:\n\n",
                painted(BOLD, "Snapshot"),
                painted(WARN, "new ")
            );
            for line in run.text.lines() {
                let _ = writeln!(text, "      {line}");
            }
        }
        Comparison::Other => {}
    }
    text
}

/// A unified diff without its line numbers, indented and coloured.
pub(crate) fn colored_diff(diff: &str) -> String {
    let mut text = String::new();
    for line in diff.lines().filter(|l| !l.starts_with("@@")) {
        if line.starts_with("\\ No newline") {
            continue;
        }
        let style = match line.chars().next() {
            Some('+') => GOOD,
            Some('-') => BAD,
            _ => DIM,
        };
        let _ = writeln!(text, "      {}", painted(style, line));
    }
    text
}

fn verdict(lab: &Lab, run: &Run) -> String {
    let name = format!("{}/{}", lab.described.name, run.plan.name);
    let took = format!("{name} in {} ms", run.took.as_millis());
    let again = format!("{} {} {}", me(), lab.described.name, run.plan.name);
    let mut text = String::from("\n");
    match &run.verdict {
        Verdict::Pass => {
            let _ = writeln!(text, "{}  {took}", painted(GOOD, "PASS"));
            text += &next_steps(&again, run);
        }
        Verdict::ClaimsFail(failing) => {
            let which: Vec<_> = failing.iter().map(|&n| number(n)).collect();
            let _ = writeln!(
                text,
                "{}  {took}: {} of {} claims, see {}",
                painted(BAD, "FAIL"),
                failing.len(),
                run.findings.len(),
                which.join(" ")
            );
            text += &help(lab, run, &again);
        }
        Verdict::Differs => {
            let _ = writeln!(
                text,
                "{}  {took}: the claims hold, but the trace is not the \
                 accepted one",
                painted(BAD, "FAIL")
            );
            let _ = writeln!(
                text,
                "if that is meant: ./run accept {} {}",
                lab.described.name, run.plan.name
            );
        }
        Verdict::New => {
            let _ = writeln!(
                text,
                "{}  {took}: the claims hold; nothing is accepted yet",
                painted(WARN, "NEW ")
            );
            let _ = writeln!(
                text,
                "break it: {again} --every-what-if\nrepeat it: {again} \
                 --repeat 50\nkeep it: ./run accept {} {}",
                lab.described.name, run.plan.name
            );
        }
        Verdict::Unforeseen(wrong) => {
            let _ = writeln!(
                text,
                "{}  {took}: the perturbation did not break what it says",
                painted(BAD, "FAIL")
            );
            for line in wrong {
                let _ = writeln!(text, "  {}", harmless_line(line));
            }
        }
        Verdict::Inconclusive(why) => {
            let _ = writeln!(
                text,
                "{}  {took}: {why}; nothing follows from this run",
                painted(WARN, "INCONCLUSIVE")
            );
            let _ = writeln!(text, "again:   {again}");
        }
    }
    text
}

/// What to do about claims that failed.
fn help(lab: &Lab, run: &Run, again: &str) -> String {
    let turned: Vec<String> =
        run.turned.set.iter().map(|knob| format!(" --set {knob}")).collect();
    let turned = turned.concat();
    let chapter = lab.dir.file_name().unwrap_or_default().to_string_lossy();
    let hint = match turned.is_empty() {
        true => "✗ in the ladder marks the segments that show it".into(),
        false => format!("you turned{turned}; without it: {again}"),
    };
    format!(
        "\nhint:    {hint}\nwhy:     book/src/{chapter}.md\nmore:    \
         {again}{turned} -v\npackets: {again}{turned} --pcap .\n"
    )
}

fn next_steps(again: &str, run: &Run) -> String {
    if let Some(what_if) = &run.turned.what_if {
        return format!(
            "the perturbation broke exactly what it says: {}\n",
            what_if.fails.join("; ")
        );
    }
    match run.plan.perturbations.first() {
        Some(first) if run.turned.set.is_empty() => {
            format!("next:  {again} --what-if {}\n", first.name)
        }
        _ => String::new(),
    }
}

/// A path as it is written in the project.
fn short(lab: &Lab, path: &Path) -> String {
    let root = lab.dir.parent().and_then(Path::parent);
    let short = root.and_then(|root| path.strip_prefix(root).ok());
    short.unwrap_or(path).display().to_string()
}
