//! What was found -> a terminal's text: the list, then one connection's ladder
//! and diagnoses. Words carry the meaning; colour repeats it.

use std::fmt::Write;

use lab_kit::claim::say as time;
use lab_kit::ladder::number;
use lab_kit::ladder::text::{TextLine, Tone, draw};

use super::finding::Severity;
use super::summary::{Listed, Wrong};
use super::{Explained, Shown};
use crate::report::{BAD, BOLD, DIM, WARN, painted, shortened, wrapped};

/// Connections that are listed without `--all`.
const LISTED: usize = 12;
/// Lines of a ladder that are shown around each piece of evidence.
const NEAR: usize = 2;
const SHORT: usize = 40;

pub(crate) fn report(
    file: &str,
    found: &Explained,
    chosen: Option<(&Listed, &Shown)>,
    all: bool,
    columns: usize,
) -> String {
    let mut text = heading(file, found);
    for note in found.notes() {
        text += &painted(WARN, &wrapped(&note, columns));
    }
    text.push('\n');
    text += &list(found, all, columns);
    if let Some((listed, shown)) = chosen {
        text.push('\n');
        text += &connection(listed, shown, all, columns);
        text.push('\n');
        text += &next(file, listed, found);
    }
    text
}

fn heading(file: &str, found: &Explained) -> String {
    let passed = &found.passed;
    let lasted =
        passed.last.saturating_sub(passed.first.unwrap_or(passed.last));
    let wrong = match found.wrong() {
        0 => "nothing is wrong".to_string(),
        1 => "1 has something wrong".into(),
        n => format!("{n} have something wrong"),
    };
    let file = painted(BOLD, file);
    format!(
        "{file}: {} packets, {}, {}; {}; {wrong}\n",
        passed.packets,
        bytes(passed.bytes),
        time(std::time::Duration::from_nanos(lasted.max(0) as u64)),
        match passed.connections {
            1 => "1 connection".into(),
            n => format!("{n} connections"),
        }
    )
}

fn list(found: &Explained, all: bool, columns: usize) -> String {
    let mut text = String::new();
    let shown = found
        .connections
        .iter()
        .filter(|c| all || !c.is_well() || found.wrong() == 0);
    let most = if all { usize::MAX } else { LISTED };
    let mut listed = 0;
    for one in shown.clone().take(most) {
        listed += 1;
        let word = match one.severity() {
            Some(severity) => severity.word(),
            None => "well",
        };
        let tone = match one.severity() {
            Some(Severity::Broken | Severity::Stalled) => BAD,
            Some(Severity::Note) | None => DIM,
            _ => WARN,
        };
        let kind = if one.key.tcp { "" } else { "udp " };
        let _ = writeln!(
            text,
            "{:>5}  {} {kind}{} > {}  {} packets, {}, {}",
            one.number,
            painted(tone, &format!("{word:<8}")),
            one.ends[0],
            one.ends[1],
            one.packets,
            bytes(one.bytes),
            time(std::time::Duration::from_nanos(one.lasted.max(0) as u64)),
        );
        if let Some(worst) = one.wrong.first() {
            let more = match one.wrong.len() {
                0 | 1 => String::new(),
                n => format!(" (+{})", n - 1),
            };
            let room = columns.saturating_sub(16 + more.len());
            let says = shortened(&worst.sentence, room.max(40));
            let _ = writeln!(text, "                {says}{more}");
        }
    }
    let hidden = shown.count() - listed;
    if hidden > 0 {
        let _ = writeln!(text, "       ... and {hidden} more, by --all");
    }
    text
}

fn connection(
    listed: &Listed,
    shown: &Shown,
    all: bool,
    columns: usize,
) -> String {
    let title = format!(
        "Connection {}: client {}, server {}",
        listed.number, listed.ends[0], listed.ends[1]
    );
    let mut text = painted(BOLD, &title) + "\n\n";
    let lines = draw(&shown.ladder(), columns);
    let lines = if all { lines } else { around(lines, shown) };
    for line in lines {
        text += &match line.tone {
            Tone::Plain => line.text,
            Tone::Dim => painted(DIM, &line.text),
            Tone::Good => painted(WARN, &line.text),
            Tone::Bad => painted(BAD, &line.text),
        };
        text.push('\n');
    }
    if shown.left_out > 0 {
        let _ = writeln!(
            text,
            "       ... {} packets in the middle are not drawn",
            shown.left_out
        );
    }
    text.push('\n');
    if listed.wrong.is_empty() {
        text += "Nothing is wrong with it.\n";
    }
    for (n, wrong) in listed.wrong.iter().enumerate() {
        text += &diagnosis(n, wrong, columns);
    }
    text
}

fn diagnosis(n: usize, wrong: &Wrong, columns: usize) -> String {
    let name = format!("{} {}", number(n), wrong.kind.name());
    let mut text =
        format!("{} ({})\n", painted(BOLD, &name), wrong.severity.word());
    let width = columns.saturating_sub(2).max(40);
    for line in wrapped(&(wrong.sentence.clone() + "."), width).lines() {
        let _ = writeln!(text, "  {line}");
    }
    let packets: Vec<String> =
        wrong.packets.iter().map(u64::to_string).collect();
    let word = if packets.len() == 1 { "packet" } else { "packets" };
    let _ = writeln!(text, "  evidence: {word} {}", packets.join(", "));
    if let Some(experiment) = wrong.kind.experiment() {
        let _ = writeln!(
            text,
            "  proven in {experiment}: lab-runner {}",
            experiment.replace('/', " ")
        );
    }
    text
}

fn next(file: &str, listed: &Listed, found: &Explained) -> String {
    let other = found.connections.iter().find(|c| c.number != listed.number);
    let mut text = String::new();
    if let Some(other) = other {
        let _ = writeln!(
            text,
            "Next: lab-runner explain {file} --connection {}",
            other.number
        );
    }
    text
}

/// Of a long ladder, what is around the evidence.
fn around(lines: Vec<TextLine>, shown: &Shown) -> Vec<TextLine> {
    if lines.len() <= SHORT {
        return lines;
    }
    let rows = shown.ladder().rows;
    let told = |row: &lab_kit::ladder::Row| match row {
        lab_kit::ladder::Row::Packet { shows, .. } => !shows.is_empty(),
        lab_kit::ladder::Row::Gap { .. } => true,
        _ => false,
    };
    let at: Vec<usize> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| told(row))
        .map(|(n, _)| n + 1)
        .take(SHORT / 3)
        .collect();
    let last = lines.len();
    let is_kept = |n: usize| {
        n <= 4 || n + 3 >= last || at.iter().any(|a| a.abs_diff(n) <= NEAR)
    };
    let mut kept = Vec::new();
    let mut left_out = 0;
    for (n, line) in lines.into_iter().enumerate() {
        if is_kept(n) {
            if left_out > 0 {
                kept.push(gap(left_out));
                left_out = 0;
            }
            kept.push(line);
        } else {
            left_out += 1;
        }
    }
    kept
}

fn gap(left_out: usize) -> TextLine {
    let text = format!("       ...  {left_out} more lines, by --all");
    TextLine { text, tone: Tone::Dim }
}

fn bytes(n: u64) -> String {
    match n {
        0..10_000 => format!("{n} B"),
        10_000..10_000_000 => format!("{:.1} kB", n as f64 / 1e3),
        10_000_000..10_000_000_000 => format!("{:.1} MB", n as f64 / 1e6),
        _ => format!("{:.1} GB", n as f64 / 1e9),
    }
}
