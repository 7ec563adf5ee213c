//! Where untrusted text ends: a judge, a terminal, a snapshot. It is data there.

use std::path::Path;

use lab_kit::figure::{self, Drawn};
use lab_kit::protocol::{FORMAT, Judgement};
use lab_kit::{Described, Evidence, Plan, line, names};

use super::evidence;
use super::packets::{in_memory, notes};
use super::source::Source;
use super::vocabulary::experiment;
use crate::check::{Accepted, Comparison, snap};
use crate::discover::Lab;
use crate::report::{
    BAD, BOLD, DIM, Detail, GOOD, WARN, colored_diff, harmless, harmless_line,
    report, write_whole,
};
use crate::run::Run;

/// Any evidence, judged with every word that claims are made of, reported and
/// kept.
pub fn judge(bytes: &[u8]) {
    judged(&evidence::of(&mut Source::new(bytes)));
}

/// Text that nobody vouches for, through everything that prints it.
pub fn terminal(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    obeys_nothing(&harmless(&text));
    is_one_line(&harmless_line(&text));
    obeys_nothing(&colored_diff(&harmless(&text)));
    let (left, right) = text.split_once(' ').unwrap_or((&text, ""));
    let near = names::nearest(left, [right, "client", "server"]);
    obeys_nothing(&harmless(&near));
    let mut run = Evidence::default();
    run.trace.hosts = vec!["client".into(), "server".into()];
    evidence::says(&mut run, &text);
    judged(&run);
}

/// Judges, draws, prints and keeps; what comes of it is the text.
pub(super) fn judged(run: &Evidence) -> String {
    let experiment = experiment();
    let judgement = Judgement {
        format: FORMAT,
        findings: experiment.judge(run),
        figures: experiment.draw(run),
    };
    assert_eq!(judgement.findings.len(), experiment.plan().claims.len());
    told(experiment.plan(), run, judgement)
}

/// The report and the snapshot of a run.
pub(super) fn told(
    plan: &Plan,
    run: &Evidence,
    judgement: Judgement,
) -> String {
    draws(&judgement.figures);
    let run = Run::made_of(plan, run, judgement, notes(false));
    let lab = lab();
    let at = |columns| Detail { verbose: columns > 0, columns };
    let [none, wide] = [0, 100].map(|n| report(&lab, &run, at(n)));
    obeys_nothing(&none);
    obeys_nothing(&wide);
    write_whole(&mut std::io::sink(), &lab, &run).expect("it takes all");
    kept(&lab, &run);
    wide + &run.text
}

/// A snapshot's text reads back, and the kept file is the same as the run.
fn kept(lab: &Lab, run: &Run) {
    if run.text.trim().is_empty() {
        return;
    }
    let lines = line::parse(&run.text).expect("our own snapshot");
    let again: Vec<String> = lines.iter().map(ToString::to_string).collect();
    assert_eq!(again, run.text.lines().collect::<Vec<_>>());
    let (path, _file) = in_memory(snap(lab, run, None).as_bytes());
    let accepted = Accepted::read(&path).expect("our own file");
    let same = accepted.compare(path, &run.text, "6.18");
    assert!(matches!(same, Comparison::Same { .. }), "{same:?}");
}

fn lab() -> Lab {
    let described = Described {
        format: FORMAT,
        name: "ch99".into(),
        title: "Fuzz".into(),
        experiments: Vec::new(),
        exercises: Vec::new(),
    };
    Lab::nowhere(Path::new("/labs/ch99-fuzz"), described)
}

/// Figures in terminals of all widths: lines that fit.
pub(super) fn draws(figures: &[Drawn]) {
    for drawn in figures {
        for width in [0, 60, 1000] {
            figure::text::draw(&drawn.figure, width);
        }
    }
}

/// Nothing in it but our own colours commands a terminal.
fn obeys_nothing(text: &str) {
    let mut text = text.to_string();
    for style in [BAD, BOLD, DIM, GOOD, WARN] {
        text = text.replace(&style.render().to_string(), "");
    }
    text = text.replace("\x1b[0m", "");
    text.split('\n').for_each(is_one_line);
}

/// No control character, nothing that breaks or reorders a line.
pub(super) fn is_one_line(text: &str) {
    let commands = |c: &char| {
        c.is_control()
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(c, '\u{2066}'..='\u{2069}')
    };
    assert_eq!(text.chars().find(commands), None, "{text:?}");
}
