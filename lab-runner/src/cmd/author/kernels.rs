//! The traces that a lab keeps for other series of kernels -> what they lack:
//! a reason, a difference, an experiment.

use lab_kit::{Plan, series};

use super::lacks::Lack;
use crate::check::{Accepted, stems};
use crate::discover::Lab;
use crate::kernel::version;

/// Everything that they lack.
pub(super) fn lacks(lab: &Lab) -> Vec<Lack> {
    let plans = lab.accepted(None).unwrap_or_default();
    let names = stems(lab);
    let beside = names.iter().filter_map(|name| name.split_once('@'));
    beside
        .filter_map(|(of, on)| {
            let plan = plans.iter().find(|plan| plan.name == of);
            let (what, remedy) = lack(lab, plan.copied(), of, on)?;
            let of = format!("{}/{of}@{on}", lab.described.name);
            Some(Lack { of, what, remedy, is_doubt: false })
        })
        .collect()
}

fn lack(
    lab: &Lab,
    plan: Option<&Plan>,
    of: &str,
    on: &str,
) -> Option<(String, String)> {
    let name = format!("{of}@{on}");
    let remove = format!("rm {}.*", lab.kept(&name, "").display());
    let remove = remove.replace("..*", ".*");
    let Some(plan) = plan else {
        return Some(("its experiment".into(), remove));
    };
    if plan.variants.iter().any(|variant| variant.name == on) {
        return None;
    }
    let Some(series) = series(on) else {
        return Some(("its declaration: Experiment::variant".into(), remove));
    };
    let (kept, own) = match (read(lab, &name), read(lab, of)) {
        (Ok(kept), Ok(own)) => (kept, own),
        (Err(why), _) | (_, Err(why)) => {
            return Some((
                format!("a snapshot that can be read: {why}"),
                remove,
            ));
        }
    };
    let accept = format!(
        "on Linux {on}: ./run accept {} {of} --reason TEXT",
        lab.described.name
    );
    if kept.reason.is_none() {
        return Some(("the reason why this series differs".into(), accept));
    }
    if version(&kept.kernel) != series {
        let what = format!("a trace of Linux {on}: it is of {}", kept.kernel);
        return Some((what, accept));
    }
    if version(&own.kernel) == series {
        let what = format!("a reason to be there: {of} is of Linux {on}, too");
        return Some((what, remove));
    }
    if kept.is_as(&own) {
        return Some((format!("a difference from {of}.snap"), remove));
    }
    let mut endings = ["pcap", "notes.json"].into_iter();
    let missing = endings.find(|end| !lab.kept(&name, end).is_file())?;
    Some((format!("its accepted {name}.{missing}"), accept))
}

fn read(lab: &Lab, name: &str) -> Result<Accepted, String> {
    Accepted::read(&lab.kept(name, "snap")).map_err(|e| format!("{e:#}"))
}
