//! One exercise -> the Markdown of its page: the task, how to do it, what to
//! begin with, the rules with their hints folded. Never its solution.

use std::fmt::Write;

use lab_kit::Kind;
use lab_kit::ladder::number;

use super::code::{listing, protect};
use super::given::given;
use crate::exercises::Exercise;
use crate::html::{code, escape, inline};

/// The page of the n-th exercise of so many of its lab.
pub(super) fn page(
    exercise: &Exercise,
    place: (usize, usize),
) -> Result<String, String> {
    let task = exercise.read("task.md")?;
    let (heading, story) = task.split_once('\n').unwrap_or((&task, ""));
    let heading = heading.strip_prefix("# ").ok_or_else(|| {
        format!("task.md of {} begins without `# `", exercise.name())
    })?;
    Ok(format!(
        "# {heading}\n\n{facts}\n\n{story}\n\n{given}## How to do it\n\n{how}\n\n\
         ## What you begin with\n\n{begin}\n\n## Rules and hints\n\n{rules}\n",
        given = evidence(exercise)?,
        heading = inline(heading.trim()),
        story = protect(story.trim()),
        facts = facts(exercise, place),
        how = how(exercise),
        begin = begin(exercise)?,
        rules = rules(exercise),
    ))
}

fn facts(exercise: &Exercise, (n, of): (usize, usize)) -> String {
    let task = exercise.task;
    let mut items = String::new();
    let mut fact = |what: &str, is: String| {
        let _ = writeln!(items, "<div><dt>{what}</dt><dd>{is}</dd></div>");
    };
    let chapter = exercise.library.page(&exercise.lab.name).unwrap_or_default();
    let title = escape(&exercise.lab.title);
    fact(
        "Chapter",
        format!("<a href=\"../{chapter}\">{title}</a>, {n} of {of}"),
    );
    fact("Name", code(&exercise.name()));
    fact("Kind", exercise.kind().into());
    fact("Points", task.points().to_string());
    let plays = |host: &&String| task.plan.answers.contains(host);
    let (yours, others): (Vec<_>, Vec<_>) =
        task.plan.hosts.iter().partition(plays);
    if !yours.is_empty() {
        fact("Your program runs in", names(&yours));
        fact("It meets", names(&others));
        fact("The run may take", seconds(task.plan.within_ms));
    }
    format!("<dl class=\"exercise-facts\">\n{items}</dl>")
}

fn names(hosts: &[&String]) -> String {
    let names: Vec<String> = hosts.iter().map(|host| code(host)).collect();
    names.join(", ")
}

fn seconds(ms: u64) -> String {
    match ms % 1000 {
        0 => format!("{} s", ms / 1000),
        _ => format!("{ms} ms"),
    }
}

/// What there is to look at before an answer.
fn evidence(exercise: &Exercise) -> Result<String, String> {
    match exercise.task.kind {
        Kind::Make | Kind::Predict => Ok(String::new()),
        Kind::Diagnose => {
            let given = given(exercise)?;
            Ok(format!("## What was recorded\n\n{given}\n\n"))
        }
    }
}

fn how(exercise: &Exercise) -> String {
    let name = exercise.name();
    let file = code(&exercise.answer());
    let (begin, judged) = match exercise.task.kind {
        Kind::Make => ("the program", "builds it, runs it, and judges the run"),
        Kind::Diagnose => (
            "the form, the capture and all that the kernels said",
            "holds it against what was recorded",
        ),
        Kind::Predict => ("the form", "makes a run, and holds it against that"),
    };
    let mut commands = vec![
        ("start", format!("puts {begin} into your folder: {file}")),
        ("check", judged.into()),
        ("watch", "does so at once, and each time you save".into()),
        ("hint", "the next hint for the rule that it broke first".into()),
    ];
    if !exercise.library.is_handout() {
        commands.push(("solution", "one way to do it, after a pass".into()));
    }
    let mut items = String::new();
    for (command, does) in commands {
        let _ = writeln!(
            items,
            "<div><dt>{}</dt><dd>{does}</dd></div>",
            code(&format!("./run exercise {command} {name}"))
        );
    }
    format!("<dl class=\"commands\">\n{items}</dl>")
}

fn begin(exercise: &Exercise) -> Result<String, String> {
    let file = exercise.answer();
    Ok(match exercise.task.kind {
        Kind::Make => {
            let starter = exercise.read("starter.rs")?;
            listing(&file, "rust,noplayground", &starter)
        }
        Kind::Diagnose | Kind::Predict => {
            let form = listing(&file, "toml", &exercise.task.blank());
            format!("<div class=\"form\">\n\n{form}\n\n</div>")
        }
    })
}

fn rules(exercise: &Exercise) -> String {
    let mut items = String::new();
    for (n, rule) in exercise.task.rules.iter().enumerate() {
        let _ = writeln!(
            items,
            "<li><p><span class=\"claim-number\">{}</span> {} \
             <span class=\"points\">{}</span></p>",
            number(n),
            inline(&rule.claim),
            points(rule.points),
        );
        for (step, hint) in rule.hints.iter().enumerate() {
            let _ = writeln!(
                items,
                "<details class=\"hint\"><summary>Hint {}</summary><p>{}</p>\
                 </details>",
                step + 1,
                inline(hint)
            );
        }
        items += "</li>\n";
    }
    format!(
        "The first rule that does not hold is the one to see to. Each has three \
         hints; the third all but gives the answer.\n\n\
         <ol class=\"rules\">\n{items}</ol>"
    )
}

fn points(n: u32) -> String {
    match n {
        1 => "1 point".into(),
        n => format!("{n} points"),
    }
}
