//! Parts of a class, graded apart -> the class; or every reason why not.
//!
//! Nobody may be missing, twice there or from elsewhere, and all have to be
//! judged alike: by one version, one set of exercises, one roster.

mod alike;
mod bring;
mod places;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};

use super::partition::Partition;
use super::results::{Results, Stranger, Student};
use super::whole::whole;

pub(crate) use bring::Bring;

/// Reasons that are told at once, and ids in each.
const TOLD: usize = 12;

/// A part, and the file that it was read from.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) file: String,
    pub(crate) results: Results,
}

/// Who is to be in the class.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) ids: &'a [String],
    pub(crate) roster_digest: &'a str,
}

/// The class; refused with all reasons if it would not be whole.
pub(crate) fn merge(
    parts: Vec<Part>,
    expected: Expected<'_>,
) -> Result<Results> {
    let Some(first) = parts.first() else {
        bail!("there is nothing to merge");
    };
    for part in &parts {
        whole(&part.results)
            .with_context(|| format!("{} is not whole", part.file))?;
    }
    let mut reasons = alike::differences(&parts, expected.roster_digest);
    let found = places::places(&parts, expected.ids)?;
    reasons.extend(found.reasons);
    reasons.extend(people(&parts, expected.ids, &found.free));
    if !reasons.is_empty() {
        let count = reasons.len();
        reasons.truncate(TOLD);
        bail!(
            "these parts are not a class:\n  {}{}{}",
            reasons.join("\n  "),
            more(count, "\n  and"),
            places::remedy(&found.free)
        );
    }
    let mut class = first.results.clone();
    class.partition = None;
    class.kernel = kernels(&parts);
    class.strangers = strangers(&parts);
    class.students = students(parts);
    Ok(class)
}

/// Everybody of the roster once, and nobody else. Who is in a part that is
/// missing was named with it.
fn people(parts: &[Part], ids: &[String], free: &[Partition]) -> Vec<String> {
    let mut there: BTreeMap<&str, Vec<&Part>> = BTreeMap::new();
    for part in parts {
        for student in &part.results.students {
            there.entry(&student.id).or_default().push(part);
        }
    }
    let wanted: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    let mut reasons = Vec::new();
    let mut say = |what: &str, who: Vec<&str>| {
        if !who.is_empty() {
            reasons.push(format!("{what}: {}", list(who.into_iter())));
        }
    };
    let named: BTreeSet<String> =
        free.iter().flat_map(|place| place.members(ids)).collect();
    let missing = wanted.iter().filter(|id| !there.contains_key(*id));
    let missing = missing.filter(|id| !named.contains(**id));
    say("in no file, but in the roster", missing.copied().collect());
    let foreign = there.keys().filter(|id| !wanted.contains(*id));
    say("not in the roster", foreign.copied().collect());
    let twice = there.iter().filter(|(_, parts)| parts.len() > 1);
    for (id, parts) in twice {
        reasons.push(format!("{id} is in {}", files(parts)));
    }
    reasons
}

fn files(parts: &[&Part]) -> String {
    let files: Vec<_> = parts.iter().map(|part| part.file.as_str()).collect();
    files.join(" and ")
}

fn list<'a>(of: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<_> = of.collect();
    let told = all.iter().take(TOLD).copied().collect::<Vec<_>>().join(", ");
    told + &more(all.len(), " and")
}

fn more(count: usize, and: &str) -> String {
    match count.saturating_sub(TOLD) {
        0 => String::new(),
        more => format!("{and} {more} more"),
    }
}

fn kernels(parts: &[Part]) -> String {
    let kernels: BTreeSet<_> =
        parts.iter().flat_map(|part| part.results.kernel.split(", ")).collect();
    kernels.into_iter().collect::<Vec<_>>().join(", ")
}

/// Every part sees all folders, so each says the same of them.
fn strangers(parts: &[Part]) -> Vec<Stranger> {
    let mut all: Vec<Stranger> = Vec::new();
    for stranger in parts.iter().flat_map(|part| &part.results.strangers) {
        if !all.contains(stranger) {
            all.push(stranger.clone());
        }
    }
    all
}

fn students(parts: Vec<Part>) -> Vec<Student> {
    let mut all: Vec<_> =
        parts.into_iter().flat_map(|part| part.results.students).collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}
