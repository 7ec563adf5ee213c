//! The targets without a fuzzer: the kept corpus, and changes to it, the same
//! ones on every run. What once failed is kept in the corpus.

use std::path::PathBuf;
use std::{fs, panic};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};

use super::TARGETS;

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus");
    let folder = PathBuf::from(root).join(target);
    let list = fs::read_dir(&folder).expect("a corpus for each target");
    let mut paths: Vec<_> = list.flatten().map(|e| e.path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    let read = |path: PathBuf| (path.clone(), fs::read(path).expect("read"));
    paths.into_iter().map(read).collect()
}

#[test]
fn the_kept_corpus_holds() {
    let mut broken = Vec::new();
    for (name, target) in TARGETS {
        for (path, bytes) in corpus(name) {
            if panic::catch_unwind(|| target(&bytes)).is_err() {
                broken.push(path);
            }
        }
    }
    assert!(broken.is_empty(), "./run fuzz runs these: {broken:#?}");
}

/// What a fuzzer does to an input.
#[derive(Debug, Clone)]
enum Edit {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, u8),
    Repeat(Index, u8),
    Cut(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    let some = proptest::collection::vec(any::<u8>(), 1..9);
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, to)| Edit::Set(at, to)),
        2 => (at(), some).prop_map(|(at, these)| Edit::Insert(at, these)),
        1 => (at(), 1u8..9).prop_map(|(at, n)| Edit::Remove(at, n)),
        1 => (at(), 1u8..40).prop_map(|(at, n)| Edit::Repeat(at, n)),
        1 => at().prop_map(Edit::Cut),
    ]
}

fn edited(mut bytes: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
    for edit in edits {
        let place = |at: &Index| at.index(bytes.len() + 1);
        let part =
            |at: usize, n: u8| at..(at + usize::from(n)).min(bytes.len());
        match edit {
            Edit::Set(at, to) => {
                let at = place(at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = *to;
                }
            }
            Edit::Insert(at, these) => {
                let at = place(at);
                bytes.splice(at..at, these.iter().copied());
            }
            Edit::Remove(at, n) => drop(bytes.drain(part(place(at), *n))),
            Edit::Repeat(at, n) => {
                let part = bytes[part(place(at), *n)].to_vec();
                bytes.extend(part);
            }
            Edit::Cut(at) => bytes.truncate(place(at)),
        }
    }
    bytes
}

/// Changes to what is kept, the same ones on every run.
fn holds_when_changed(name: &str, cases: u32) {
    let (_, target) =
        TARGETS.into_iter().find(|(n, _)| *n == name).expect("a target");
    let kept: Vec<Vec<u8>> =
        corpus(name).into_iter().map(|(_, bytes)| bytes).collect();
    let made = |which: &Index, edits: &[Edit]| {
        edited(kept[which.index(kept.len())].clone(), edits)
    };
    let strategy = (any::<Index>(), proptest::collection::vec(edit(), 0..6));
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(4),
        failure_persistence: None,
        ..Config::default()
    };
    let tried = TestRunner::new(config).run(&strategy, |(which, edits)| {
        target(&made(&which, &edits));
        Ok(())
    });
    if let Err(TestError::Fail(why, (which, edits))) = &tried {
        let bytes = made(which, edits).escape_ascii().to_string();
        panic!("{why}\nkeep this in fuzz/corpus/{name}/: b\"{bytes}\"");
    }
    tried.expect("cases enough");
}

macro_rules! changed {
    ($($name:ident $cases:literal)*) => { $(
        #[test]
        fn $name() {
            holds_when_changed(stringify!($name), $cases);
        }
    )* };
}

changed! {
    capture 2000
    explain 400
    flows 400
    frame 1000
    hex 4000
    json 600
    judge 600
    knob 2000
    snapshot 2000
    terminal 600
}
