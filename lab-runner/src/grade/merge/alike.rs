//! Parts -> what they were not judged alike by.

use std::collections::BTreeMap;

use super::Part;
use crate::grade::results::Results;

type Of = fn(&Results) -> &str;

/// One line for each thing in which the parts differ, with the files.
pub(super) fn differences(parts: &[Part], roster_digest: &str) -> Vec<String> {
    let mut reasons = Vec::new();
    let told: [(&str, Of); 3] = [
        ("versions of lab-runner", |r| &r.runner),
        ("exercises", |r| &r.exercises_digest),
        ("rosters", |r| &r.roster_digest),
    ];
    for (what, of) in told {
        let mut by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for part in parts {
            by.entry(of(&part.results)).or_default().push(&part.file);
        }
        if by.len() > 1 {
            reasons.push(mixed(what, &by));
        }
    }
    let first = &parts[0];
    let other = parts.iter().find(|part| {
        let (one, two) = (&part.results, &first.results);
        one.exercises_digest == two.exercises_digest
            && one.exercises != two.exercises
    });
    if let Some(other) = other {
        reasons.push(format!(
            "{} and {} say the same digest of exercises that differ: one was \
             changed by hand",
            first.file, other.file
        ));
    }
    let foreign = parts
        .iter()
        .filter(|part| part.results.roster_digest != roster_digest)
        .map(|part| part.file.as_str());
    let foreign: Vec<_> = foreign.collect();
    if !foreign.is_empty() {
        reasons.push(format!(
            "graded by another roster than this one: {}",
            foreign.join(", ")
        ));
    }
    reasons
}

fn mixed(what: &str, by: &BTreeMap<&str, Vec<&str>>) -> String {
    let kinds = by.iter().map(|(value, files)| {
        let short: String = value.chars().take(12).collect();
        format!("{short} in {}", files.join(", "))
    });
    let kinds: Vec<_> = kinds.collect();
    format!("different {what}: {}", kinds.join("; "))
}
