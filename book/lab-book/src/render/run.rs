//! An experiment -> the place of its Run button: `widgets/run.js` makes it.

use serde_json::json;

use crate::html::escape;
use crate::labs::Found;

/// Empty, and nothing to see, where no script runs.
pub(super) fn place(found: &Found) -> String {
    let plan = found.plan;
    let what_ifs = plan.perturbations.iter().map(|what_if| {
        let knobs = what_if.knobs.iter().map(ToString::to_string);
        let number = |claim| plan.claims.iter().position(|c| c == claim);
        json!({
            "name": what_if.name,
            "knobs": knobs.collect::<Vec<_>>(),
            "fails": what_if.fails.iter().filter_map(number)
                .collect::<Vec<_>>(),
        })
    });
    let what_ifs = json!(what_ifs.collect::<Vec<_>>()).to_string();
    let root = match plan.root_only {
        Some(_) => " data-root",
        None => "",
    };
    format!(
        "<div class=\"lab-run\" data-of=\"{}\" data-what-ifs=\"{}\"{root}>\
         </div>\n\n",
        escape(&found.name()),
        escape(&what_ifs)
    )
}
