//! What the first build compiles, and that it compiles it once.

mod common;

use std::collections::BTreeSet;
use std::process::Command;

use common::{root, run};

/// Other people's packages that these programs need, with their features.
fn needed(packages: &[&str]) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let said = run(Command::new(cargo)
        .current_dir(root())
        .args(["tree", "--offline", "--locked", "--prefix", "none"])
        .args(["--edges", "normal,build", "--format", "{p} {f}"])
        .args(packages.iter().flat_map(|package| ["-p", package])));
    assert_eq!(said.code, 0, "{}", said.all());
    let others = |line: &&str| !line.is_empty() && !line.contains("(/");
    let lines = said.out.lines().filter(others);
    lines.map(|line| line.trim_end_matches(" (*)").into()).collect()
}

/// `lab-runner` selects the features that it was compiled with itself when it
/// builds a lab (`discover/cargo.rs`). One more and all is compiled again.
#[test]
fn no_lab_has_libraries_compiled_again_for_features_of_its_own() {
    let runner = needed(&["lab-runner"]);
    let labs = std::fs::read_dir(root().join("labs")).expect("labs");
    let names = labs.flatten().map(|lab| lab.file_name());
    let names: Vec<String> =
        names.map(|name| name.to_string_lossy().into_owned()).collect();
    for lab in names.iter().filter(|name| name.starts_with("ch")) {
        let both = needed(&["lab-runner", lab]);
        let again: Vec<&String> = both.difference(&runner).collect();
        assert!(
            again.is_empty(),
            "{lab} asks for {again:?}: features belong into Cargo.toml's \
             [workspace.dependencies], where all have them"
        );
    }
}

/// mdBook's libraries cost as much as all the rest.
#[test]
fn a_lab_needs_nothing_of_the_books() {
    let all = needed(&["lab-runner", "ch05-delayed-ack"]);
    for package in ["mdbook", "tokio", "axum"] {
        let of = |line: &&String| line.starts_with(package);
        assert_eq!(all.iter().find(of), None);
    }
}
