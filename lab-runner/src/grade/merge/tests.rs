//! Every way in which parts are no class, and the one in which they are.

use super::{Expected, Part, merge};
use crate::grade::partition::{Dealt, Partition};
use crate::grade::results::Results;
use crate::grade::sample::{Texts, sample};

fn ids(of: &Results) -> Vec<String> {
    of.students.iter().map(|student| student.id.clone()).collect()
}

fn parts(dealt: Dealt, of: u32) -> Vec<Part> {
    let class = sample(Texts::Hostile);
    let all = Partition::new(dealt, 1, of).unwrap().all();
    let part = |place: Partition| {
        let mut results = class.clone();
        let members = place.members(&ids(&class));
        results.students.retain(|s| members.contains(&s.id));
        results.partition = Some(place.to_string());
        Part { file: format!("results-{}.json", place.part), results }
    };
    all.map(part).collect()
}

fn merged(parts: Vec<Part>) -> Result<Results, String> {
    let class = sample(Texts::Hostile);
    let digest = class.roster_digest.clone();
    let expected = Expected { ids: &ids(&class), roster_digest: &digest };
    merge(parts, expected).map_err(|error| format!("{error:#}"))
}

#[test]
fn parts_in_any_order_are_the_class() {
    let class = sample(Texts::Hostile);
    for dealt in [Dealt::Slice, Dealt::Hash] {
        for of in [1, 2, 4, 7, 50] {
            let mut parts = parts(dealt, of);
            parts.reverse();
            assert_eq!(merged(parts).unwrap(), class, "{dealt:?} {of}");
        }
    }
    let whole = Part { file: "results.json".into(), results: class.clone() };
    assert_eq!(merged(vec![whole]).unwrap(), class);
}

#[test]
fn kernels_may_differ_and_are_all_named() {
    let mut parts = parts(Dealt::Slice, 3);
    parts[1].results.kernel = "6.1.0".into();
    assert_eq!(merged(parts).unwrap().kernel, "6.1.0, 6.18.44");
}

/// What is refused after a change says this.
fn refused(change: impl FnOnce(&mut Vec<Part>), says: &[&str]) {
    let mut parts = parts(Dealt::Slice, 4);
    change(&mut parts);
    let error = merged(parts).unwrap_err();
    for says in says {
        assert!(error.contains(says), "{says}: {error}");
    }
}

#[test]
fn a_missing_part_is_named_with_its_people() {
    let gone = "slice:2/4 is missing: s001, s005, s009, s013, s017";
    let again = "lab-runner grade --partition slice:2/4 ..\n";
    refused(|parts| drop(parts.remove(1)), &[gone, again]);
    let error = merged(parts(Dealt::Slice, 2)[..1].to_vec()).unwrap_err();
    assert!(error.contains("s037, s039\n\n"), "not all: {error}");
    assert!(!error.contains("in no file"), "told twice: {error}");
    refused(Vec::clear, &["nothing to merge"]);
    refused(
        |parts| {
            parts.truncate(1);
            parts[0].results.partition = None;
        },
        &["in no file, but in the roster: s001, s002", "and 18 more"],
    );
}

#[test]
fn people_are_there_once() {
    refused(
        |parts| drop(parts[2].results.students.remove(1)),
        &["in no file, but in the roster: s006"],
    );
    refused(
        |parts| {
            let student = parts[0].results.students[2].clone();
            parts[1].results.students.insert(2, student);
        },
        &[
            "s008 is in results-1.json and results-2.json",
            "results-2.json has others than slice:2/4 has: s008",
        ],
    );
    refused(
        |parts| parts[3].results.students[9].id = "s999".into(),
        &["not in the roster: s999", "in the roster: s039"],
    );
    refused(
        |parts| parts[0].results.students[1].id = "s000".into(),
        &["results-1.json is not whole", "twice"],
    );
}

#[test]
fn parts_do_not_overlap_or_mix() {
    refused(
        |parts| parts.push(parts[0].clone()),
        &["slice:1/4 is there twice", "s000 is in results-1.json and"],
    );
    refused(
        |parts| parts[0].results.partition = Some("slice:1/5".into()),
        &["more than one way: slice:1/5, slice:2/4"],
    );
    refused(
        |parts| parts[0].results.partition = Some("hash:1/4".into()),
        &["more than one way"],
    );
    refused(
        |parts| parts[0].results.partition = None,
        &["results-1.json is a whole class, and there are 4 files"],
    );
    refused(
        |parts| parts[0].results.partition = Some("slice:9/4".into()),
        &["results-1.json", "part 9 of 4"],
    );
    refused(
        |parts| parts[0].results.partition = Some("slice:3/4".into()),
        &["slice:1/4 is missing", "slice:3/4 is there twice", "others than"],
    );
}

#[test]
fn all_are_judged_alike() {
    refused(
        |parts| parts[1].results.runner = "0.2.0".into(),
        &[
            "versions of lab-runner: 0.1.0 in results-1.json, ",
            "; 0.2.0 in results-2.json",
        ],
    );
    refused(
        |parts| parts[1].results.exercises_digest = "0".repeat(64),
        &["different exercises: 000000000000 in results-2.json"],
    );
    refused(
        |parts| parts[1].results.roster_digest = "0".repeat(64),
        &["different rosters", "another roster than this one: results-2"],
    );
    refused(
        |parts| {
            for part in parts {
                part.results.roster_digest = "0".repeat(64);
            }
        },
        &["another roster than this one: results-1.json, results-2.json"],
    );
    refused(
        |parts| parts[2].results.exercises[0].title = "easier".into(),
        &["results-1.json and results-3.json say the same digest"],
    );
    refused(|parts| parts[0].results.format = 2, &["format 2"]);
}

#[test]
fn all_reasons_are_told() {
    refused(
        |parts| {
            parts.remove(3);
            parts[0].results.runner = "0.2.0".into();
            parts[1].results.students.remove(0);
        },
        &["slice:4/4 is missing", "versions of lab-runner", "s001"],
    );
}
