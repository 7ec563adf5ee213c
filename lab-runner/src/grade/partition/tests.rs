//! Every id in exactly one part; every engine's words.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Dealt, Partition, auto};

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("s{n}")).collect()
}

fn asked(variables: &[(&str, &str)]) -> Result<String, String> {
    let variables: BTreeMap<_, _> = variables.iter().copied().collect();
    let found = auto::find(|name| variables.get(name).map(|v| v.to_string()));
    found.map(|p| p.to_string()).map_err(|e| format!("{e:#}"))
}

proptest! {
    #[test]
    fn every_id_is_in_exactly_one_part(
        ids in prop::collection::btree_set("[a-z0-9._-]{1,8}", 0..60),
        of in 1_u32..40,
        hash in any::<bool>(),
    ) {
        let dealt = if hash { Dealt::Hash } else { Dealt::Slice };
        let sorted: Vec<String> = ids.into_iter().collect();
        let backwards: Vec<String> = sorted.iter().rev().cloned().collect();
        let first = Partition::new(dealt, 1, of).unwrap();
        let mut dealt_out: Vec<String> = Vec::new();
        for part in first.all() {
            prop_assert_eq!(part.members(&sorted), part.members(&backwards));
            dealt_out.extend(part.members(&sorted));
        }
        dealt_out.sort();
        prop_assert_eq!(dealt_out, sorted);
    }

    #[test]
    fn slices_differ_by_one_at_most(count in 0_usize..90, of in 1_u32..30) {
        let first = Partition::new(Dealt::Slice, 1, of).unwrap();
        let sizes: Vec<_> =
            first.all().map(|part| part.members(&ids(count)).len()).collect();
        let (least, most) = (sizes.iter().min(), sizes.iter().max());
        prop_assert!(most.unwrap() - least.unwrap() <= 1);
    }

    #[test]
    fn by_hash_nobody_moves_when_one_leaves(
        count in 1_usize..60, gone in any::<prop::sample::Index>(),
    ) {
        let (all, mut fewer) = (ids(count), ids(count));
        let gone = fewer.remove(gone.index(count));
        for part in Partition::new(Dealt::Hash, 1, 5).unwrap().all() {
            let mut before = part.members(&all);
            before.retain(|id| *id != gone);
            prop_assert_eq!(before, part.members(&fewer));
        }
    }

    #[test]
    fn what_is_written_is_read(
        of in 1_u32..=10_000, part in any::<prop::sample::Index>(),
    ) {
        let part = 1 + part.index(of as usize) as u32;
        let partition = Partition::new(Dealt::Hash, part, of).unwrap();
        prop_assert_eq!(partition.to_string().parse::<Partition>().unwrap(),
            partition);
    }

    #[test]
    fn no_text_panics(text in ".{0,24}") {
        let _ = text.parse::<Partition>();
        let _ = asked(&[("LAB_PARTITION_INDEX", &text),
            ("LAB_PARTITION_COUNT", &text)]);
    }
}

#[test]
fn a_hash_is_the_same_for_ever() {
    let parts: Vec<Vec<String>> = Partition::new(Dealt::Hash, 1, 3)
        .unwrap()
        .all()
        .map(|part| part.members(&ids(9)))
        .collect();
    let by_python =
        [&["s1", "s4"][..], &["s2", "s6"], &["s0", "s3", "s5", "s7", "s8"]];
    assert_eq!(parts, by_python);
}

#[test]
fn a_wrong_partition_says_what_was_found() {
    for (text, says) in [
        ("slice:0/4", "part 0 of 4"),
        ("slice:5/4", "part 5 of 4"),
        ("slice:1/0", "0 parts"),
        ("hash:1/99999", "99999 parts"),
        ("count:1/2", "\"count\""),
        ("slice:1", "no `/`"),
        ("1/2", "no `:`"),
        ("slice:+1/2", "\"+1\" is not a number"),
        ("slice:1/", "\"\" is not a number"),
        ("hash:1/99999999999", "\"99999999999\" is not a number"),
    ] {
        let error = format!("{:#}", text.parse::<Partition>().unwrap_err());
        assert!(error.contains(says), "{text}: {error}");
        assert!(error.contains(&format!("{text:?}")), "{error}");
    }
}

#[test]
fn auto_knows_the_engines() {
    let slurm = |id, least, most, count, step| {
        asked(&[
            ("SLURM_ARRAY_TASK_ID", id),
            ("SLURM_ARRAY_TASK_MIN", least),
            ("SLURM_ARRAY_TASK_MAX", most),
            ("SLURM_ARRAY_TASK_COUNT", count),
            ("SLURM_ARRAY_TASK_STEP", step),
        ])
    };
    let four = ("LAB_PARTITION_COUNT", "4");
    for found in [
        slurm("1", "0", "3", "4", "1"),
        slurm("2", "1", "4", "4", "1"),
        slurm("3", "1", "7", "4", "2"),
        asked(&[("JOB_COMPLETION_INDEX", "1"), four]),
        asked(&[("NOMAD_ALLOC_INDEX", "1"), four]),
        asked(&[("LAB_PARTITION_INDEX", "1"), four]),
        asked(&[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "4")]),
        asked(&[("LAB_PARTITION", "slice:2/4"), ("CI_NODE_INDEX", "1")]),
    ] {
        assert_eq!(found.as_deref(), Ok("slice:2/4"));
    }
    let hash = asked(&[("LAB_PARTITION", "hash:1/2")]);
    assert_eq!(hash.as_deref(), Ok("hash:1/2"));
    // GitLab sets the total in every job.
    let none = asked(&[("CI_NODE_TOTAL", "1")]).unwrap_err();
    assert!(none.contains("none of"), "{none}");
}

#[test]
fn auto_says_what_it_found() {
    let array = |id, count| {
        [
            ("SLURM_ARRAY_TASK_ID", id),
            ("SLURM_ARRAY_TASK_MIN", "1"),
            ("SLURM_ARRAY_TASK_MAX", "7"),
            ("SLURM_ARRAY_TASK_COUNT", count),
            ("SLURM_ARRAY_TASK_STEP", "1"),
        ]
    };
    let again = |least, most, count| {
        [
            ("SLURM_ARRAY_TASK_ID", most),
            ("SLURM_ARRAY_TASK_MIN", least),
            ("SLURM_ARRAY_TASK_MAX", most),
            ("SLURM_ARRAY_TASK_COUNT", count),
            ("SLURM_ARRAY_TASK_STEP", "1"),
        ]
    };
    let index = ("JOB_COMPLETION_INDEX", "4");
    for (variables, says) in [
        (&[index][..], "LAB_PARTITION_COUNT is not set"),
        (&[index, ("LAB_PARTITION_COUNT", "4")], "part 5 of 4"),
        (&[index, ("LAB_PARTITION_COUNT", "four")], "\"four\""),
        (&[index, ("CI_NODE_INDEX", "1")], "INDEX and CI_NODE_INDEX"),
        (&[("CI_NODE_INDEX", "1")], "CI_NODE_TOTAL is not set"),
        (&[("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "2")], "part 0 of 2"),
        (&[("LAB_PARTITION", "2/4")], "read LAB_PARTITION"),
        (&array("3", "3"), "gaps"),
        (&again("3", "3", "1"), "set LAB_PARTITION to slice:K/N"),
        (&again("1", "1", "1"), "set LAB_PARTITION_COUNT to 1"),
        (&again("2", "3", "2"), "an array of 2 tasks, 2 to 3 by 1"),
        (&array("9", "7"), "this is task 9"),
        (&[("SLURM_ARRAY_TASK_ID", "1")], "TASK_MIN is not set"),
    ] {
        let error = asked(variables).unwrap_err();
        assert!(error.contains(says), "{variables:?}: {error}");
    }
    let mut whole = again("3", "3", "1").to_vec();
    whole.push(("LAB_PARTITION_COUNT", "1"));
    assert_eq!(asked(&whole).as_deref(), Ok("slice:1/1"));
    whole.push(("LAB_PARTITION", "slice:3/4"));
    assert_eq!(asked(&whole).as_deref(), Ok("slice:3/4"));
    let mut many = array("3", "7").to_vec();
    many.push(("LAB_PARTITION_COUNT", "9"));
    let error = asked(&many).unwrap_err();
    assert!(error.contains("LAB_PARTITION_COUNT is 9"), "{error}");
}
