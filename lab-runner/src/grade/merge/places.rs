//! Parts -> which of the places of a division they have, and which are free:
//! who is missing for it, and how they are graded after all.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

use super::{Part, files, list};
use crate::grade::partition::Partition;

type Places<'a> = BTreeMap<Partition, Vec<&'a Part>>;

/// Reasons, and who is missing because a place is free.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) reasons: Vec<String>,
    pub(super) free: Vec<Partition>,
}

/// Each part has the place that its partition names, and its people.
pub(super) fn places(parts: &[Part], ids: &[String]) -> Result<Found> {
    let mut places = Places::new();
    let mut reasons = Vec::new();
    for part in parts {
        let file = &part.file;
        match &part.results.partition {
            Some(text) => {
                let place = text.parse().with_context(|| file.clone())?;
                places.entry(place).or_default().push(part);
            }
            None if parts.len() > 1 => reasons.push(format!(
                "{file} is a whole class, and there are {} files",
                parts.len()
            )),
            None => {}
        }
    }
    for (place, there) in places.iter().filter(|(_, there)| there.len() > 1) {
        reasons.push(format!("{place} is there twice: {}", files(there)));
    }
    let mut found = division(&places, ids);
    reasons.append(&mut found.reasons);
    Ok(Found { reasons, ..found })
}

/// All places of one division of the class, and none of another.
fn division(places: &Places<'_>, ids: &[String]) -> Found {
    let Some(first) = places.keys().next() else { return Found::default() };
    let is_alike = |p: &&Partition| (p.dealt, p.of) == (first.dealt, first.of);
    if !places.keys().all(|place| is_alike(&place)) {
        let kinds: Vec<_> = places.keys().map(Partition::to_string).collect();
        let kinds = list(kinds.iter().map(String::as_str));
        let why = format!("the class is divided in more than one way: {kinds}");
        return Found { reasons: vec![why], free: Vec::new() };
    }
    let free = first.all().filter(|place| !places.contains_key(place));
    let free: Vec<_> = free.collect();
    let mut reasons: Vec<_> = free.iter().map(|p| missing(*p, ids)).collect();
    for (place, parts) in places {
        let wrong = parts.iter().filter_map(|part| misdealt(*place, part, ids));
        reasons.extend(wrong);
    }
    Found { reasons, free }
}

fn missing(place: Partition, ids: &[String]) -> String {
    let members = place.members(ids);
    let who = match members.len() {
        0 => "nobody is in it, but its file shows that it ran".into(),
        _ => members.join(", "),
    };
    format!("{place} is missing: {who}")
}

/// What grades the parts that are missing.
pub(super) fn remedy(free: &[Partition]) -> String {
    let Some(first) = free.first() else { return String::new() };
    let again = free
        .iter()
        .map(|place| format!("\n    lab-runner grade --partition {place} .."));
    format!(
        "\n\ngrade what is missing, with the options that the other parts had, \
         and merge again\n(marks that are there already are kept):{}\n\
         or start its job again with LAB_PARTITION={} in its environment,\n\
         which --partition auto reads",
        again.collect::<String>(),
        first
    )
}

fn misdealt(place: Partition, part: &Part, ids: &[String]) -> Option<String> {
    let members: BTreeSet<_> = place.members(ids).into_iter().collect();
    let there = part.results.students.iter().map(|s| &s.id);
    let known = there.filter(|id| ids.contains(id));
    let others: Vec<_> = known.filter(|id| !members.contains(*id)).collect();
    let file = &part.file;
    let who = list(others.iter().map(|id| id.as_str()));
    (!others.is_empty())
        .then(|| format!("{file} has others than {place} has: {who}"))
}
