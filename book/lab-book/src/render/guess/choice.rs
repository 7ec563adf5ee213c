//! `kind=choice`: options, each with a check; right are those whose check
//! holds on the accepted trace.

use serde_json::json;

use super::{Made, list, shown};
use crate::checks::{Ground, check};
use crate::fields::{Fault, Field, groups, one};

pub(super) fn make(fields: &[Field], ground: &Ground) -> Result<Made, Fault> {
    let groups = groups(fields, &["option"]);
    let mut options = Vec::new();
    for (option, own) in &groups {
        let when = one(own, "when").map_err(|why| {
            option.fault(format!("the option `{}`: {why}", option.value))
        })?;
        let odd = |why: String| when.fault(why);
        let when = check(&when.value).map_err(odd)?;
        options.push(json!({
            "text": option.value,
            "check": when.told(ground).map_err(odd)?,
            "right": when.holds(ground).map_err(odd)?,
        }));
    }
    let right = options.iter().filter(|o| o["right"] == true).count();
    let many = fields.iter().any(|f| f.key == "pick" && f.value == "several");
    let wrong = match right {
        _ if options.len() < 2 => "a choice has two options or more".into(),
        0 => "no option is right by the accepted trace".to_string(),
        1 => String::new(),
        _ if many => String::new(),
        n => format!(
            "{n} options are right by the accepted trace; say `pick: several` \
             if that is meant"
        ),
    };
    if !wrong.is_empty() {
        let below = fields.first().map_or(0, |f| f.below);
        return Err(Fault { below, what: wrong });
    }
    let paper = list(groups.iter().map(|(option, _)| shown(&option.value)));
    Ok(Made { key: json!({"many": many, "options": options}), paper })
}
