//! What was measured -> a table for each line: how many times ours, first.

use std::collections::BTreeSet;
use std::fmt::Write;

use lab_bench::results::{LineResult, Measured, Results};
use lab_bench::table::{ratio_of, short, spread, why_file};

use super::Desk;
use crate::html::escape;

/// One line, or all of them, on each machine that was measured.
pub(super) fn bench(desk: &Desk, line: Option<&str>) -> Result<String, String> {
    let mut html = String::new();
    let mut told = BTreeSet::new();
    for results in desk.library.bench()? {
        let wanted = |it: &&LineResult| line.is_none_or(|name| it.name == name);
        let lines: Vec<_> = results.lines.iter().filter(wanted).collect();
        if lines.is_empty() {
            continue;
        }
        html += &about(&results);
        for line in lines {
            html += &table(line);
            if told.insert(line.name.clone()) {
                html += &left(line, desk.library.why(&line.name));
            }
        }
    }
    match (html.is_empty(), line) {
        (false, _) => Ok(html),
        (true, Some(name)) => Err(format!(
            "nobody has measured {name}; `./run bench {name} --keep` does"
        )),
        (true, None) => Err("nothing is measured in benches/results".into()),
    }
}

fn about(results: &Results) -> String {
    format!(
        "<p>Measured on {}, Linux {}, {}, {} build, by turns, with a load of \
         {} before and {} after.</p>\n",
        escape(&results.date),
        escape(&results.kernel),
        escape(&results.machine),
        escape(&results.profile),
        short(results.load[0]),
        short(results.load[1])
    )
}

/// What its time is spent on, in Markdown between the tables; who misses a goal
/// owes it.
fn left(line: &LineResult, why: Option<String>) -> String {
    let missed = line.goal.as_ref().is_some_and(|goal| !goal.met);
    match why {
        Some(why) => format!("\n{why}\n\n"),
        None if missed => format!(
            "\n> [!WARNING]\n> Nobody has written down yet why not: `{}`.\n\n",
            why_file(&line.name)
        ),
        None => String::new(),
    }
}

fn table(line: &LineResult) -> String {
    let (title, unit) = (escape(&line.title), escape(&line.unit));
    let first = if line.exponent.is_some() { "Amount" } else { "Ratio" };
    let mut html = format!(
        "<div class=\"bench table-wrapper\">\n<table>\n<caption>{title}\
         </caption>\n<thead><tr><th scope=\"col\">{first}</th>\
         <th scope=\"col\">Who</th><th scope=\"col\">{unit}, the median and \
         the middle half</th><th scope=\"col\">Right verdicts</th>\
         <th scope=\"col\">Largest process</th></tr></thead>\n<tbody>\n"
    );
    line.contenders.iter().for_each(|one| html += &row(one));
    html += "</tbody>\n</table>\n</div>\n";
    let mut said = Vec::new();
    said.push(match &line.goal {
        Some(goal) => {
            let word = if goal.met { "Reached" } else { "Not reached" };
            format!("<strong>{word}</strong>: {}.", escape(&goal.words))
        }
        None => "No goal was set.".into(),
    });
    if let Some(exponent) = line.exponent {
        said.push(format!("It grows with the power {exponent:.2}."));
    }
    if !line.note.is_empty() {
        said.push(escape(&line.note).to_string());
    }
    for absent in &line.absent {
        let (name, why) = (escape(&absent.name), escape(&absent.why));
        said.push(format!("Without {name}: {why}."));
    }
    let _ = writeln!(html, "<p>{}</p>", said.join(" "));
    html
}

fn row(one: &Measured) -> String {
    let class = if one.ours { " class=\"ours\"" } else { "" };
    let first = match one.x {
        Some(x) => short(x),
        None => ratio_of(one),
    };
    let flood = one.flood.map(|flood| format!(": {flood}"));
    format!(
        "<tr{class}><td class=\"number\">{}</td><th scope=\"row\">{}{}</th>\
         <td class=\"number\">{}</td><td class=\"number\">{} of {}</td>\
         <td class=\"number\">{} MB</td></tr>\n",
        escape(&first),
        escape(&one.name),
        flood.unwrap_or_default(),
        escape(&spread(&one.spread)),
        one.right[0],
        one.right[1],
        short(one.peak_mb)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab_bench::results::{Absent, Goal};
    use lab_bench::statistics::Spread;

    fn one(name: &str, ours: bool, median: f64, by: Option<f64>) -> Measured {
        let spread = |median: f64| Spread {
            min: median / 2.0,
            q1: median - 1.0,
            median,
            q3: median + 1.0,
        };
        Measured {
            name: name.into(),
            ours,
            x: None,
            spread: spread(median),
            ratio: by.map(spread),
            right: [9, 10],
            flood: None,
            peak_mb: 12.0,
            samples: vec![median],
        }
    }

    #[test]
    fn ratios_stand_first_and_names_are_data() {
        let line = LineResult {
            name: "x".into(),
            title: "A thing".into(),
            unit: "ms".into(),
            more_is_better: false,
            goal: Some(Goal { words: "be quick".into(), met: false }),
            contenders: vec![
                one("lab-runner", true, 14.0, None),
                one("<script>", false, 70.0, Some(5.0)),
            ],
            absent: vec![Absent {
                name: "scapy".into(),
                why: "not here".into(),
            }],
            exponent: None,
            note: String::new(),
        };
        let html = table(&line);
        let ratio = html.find("5.00 x").unwrap();
        assert!(ratio < html.find("&lt;script&gt;").unwrap(), "{html}");
        assert!(html.contains("70.0 (69.0 to 71.0)"), "{html}");
        assert!(html.contains("9 of 10"), "{html}");
        assert!(html.contains("Not reached</strong>: be quick."), "{html}");
        assert!(html.contains("Without scapy: not here."), "{html}");
        assert!(!html.contains("<script>"));
        assert!(left(&line, None).contains("benches/results/why/x.md"));
        let why = Some("*The kernel*.".into());
        assert_eq!(left(&line, why), "\n*The kernel*.\n\n");
        let no_goal = LineResult { goal: None, ..line };
        assert!(table(&no_goal).contains("No goal was set."));
        assert_eq!(left(&no_goal, None), "");
    }
}
