//! A lab's plans -> its box, its claims and what makes them fail.

use std::fmt::Write;

use lab_kit::Plan;
use lab_kit::ladder::number;

use super::Desk;
use crate::directive::Target;
use crate::expand::place;
use crate::html::{code, escape};
use crate::labs::Found;

/// How to run a chapter, and the questions of its experiments.
pub(super) fn lab(desk: &Desk, name: &str) -> Result<String, String> {
    let lab = desk.library.lab(name)?;
    let mut items = String::new();
    for plan in &lab.experiments {
        let of = Target { lab: name.into(), experiment: plan.name.clone() };
        let id = place(&of);
        let link = match desk.places.contains(&id) {
            true => format!("<a href=\"#{id}\">{}</a>", code(&plan.name)),
            false => code(&plan.name),
        };
        let why = plan.root_only.as_ref().map_or(String::new(), |why| {
            format!(
                " <em>Needs root: {}.</em>",
                escape(why.trim_end_matches('.'))
            )
        });
        let _ = writeln!(
            items,
            "<div><dt>{link}</dt><dd>{}{why}</dd></div>",
            escape(&plan.question)
        );
    }
    let (id, title) = (escape(name), escape(&lab.title));
    let run = escape(&format!("./run {name}"));
    Ok(format!(
        "<section class=\"lab-box\" aria-label=\"Lab {id}\">\n\
         <p class=\"lab-box-title\"><span>Lab {id}</span> {title}</p>\n\
         <pre><code class=\"language-console nohighlight\">{run}</code></pre>\n\
         <dl>\n{items}</dl>\n</section>"
    ))
}

/// The claims of an experiment, numbered as in its ladder.
pub(super) fn claims(found: &Found, of: &Target) -> String {
    let plan = found.plan;
    let mut rows = String::new();
    for (n, claim) in plan.claims.iter().enumerate() {
        let breakers: Vec<_> = plan
            .perturbations
            .iter()
            .filter(|p| p.fails.contains(claim))
            .map(|p| code(&format!("--what-if {}", p.name)))
            .collect();
        let breakers = match breakers.is_empty() {
            true => "none".into(),
            false => breakers.join("<br>"),
        };
        let _ = writeln!(
            rows,
            "<tr><td class=\"claim-number\">{}</td><td>{}</td>\
             <td>{breakers}</td></tr>",
            number(n),
            escape(claim)
        );
    }
    format!(
        "<div class=\"claims\">\n<p class=\"claims-run\">{run}</p>\n<table>\n<thead><tr><th scope=\"col\">\
         <span class=\"sr-only\">Number</span></th><th scope=\"col\">Claim\
         </th><th scope=\"col\">Fails with</th></tr>\
         </thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>",
        run = code(&format!("./run {} {}", of.lab, of.experiment)),
    )
}

/// What switches the phenomenon off.
pub(super) fn what_if(found: &Found) -> String {
    let plan = found.plan;
    if plan.perturbations.is_empty() {
        return "<p class=\"what-if\">No what-if is defined.</p>".into();
    }
    let mut items = String::new();
    for what_if in &plan.perturbations {
        let knobs: Vec<_> = what_if
            .knobs
            .iter()
            .map(|knob| code(&format!("--set {knob}")))
            .collect();
        let fails: Vec<_> =
            what_if.fails.iter().map(|c| numbered(plan, c)).collect();
        let fails = match fails.is_empty() {
            true => "No claim fails".into(),
            false => format!("Fails: {}", fails.join("; ")),
        };
        let _ = writeln!(
            items,
            "<div><dt>{}</dt><dd class=\"knobs\">{}</dd><dd>{fails}</dd></div>",
            code(&what_if.name),
            knobs.join(" ")
        );
    }
    format!("<dl class=\"what-if\">\n{items}</dl>")
}

fn numbered(plan: &Plan, claim: &str) -> String {
    let position = plan.claims.iter().position(|c| c == claim);
    let sign = position.map_or(String::new(), |n| format!("{} ", number(n)));
    format!("{sign}{}", escape(claim))
}
