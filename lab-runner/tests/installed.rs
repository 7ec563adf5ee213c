//! A project that was installed: its runner finds it from anywhere, needs no
//! cargo, and changes nothing in it.

mod common;

use std::fs;

use common::{fixture, run};

#[test]
fn an_installed_runner_needs_neither_cargo_nor_a_folder_to_stand_in() {
    let (project, home) = (fixture("ch90-small"), tempfile::tempdir().unwrap());
    project.install();
    let before = project.files();
    let said = run(project.installed_runner(home.path()).arg("list"));
    assert_eq!(said.code, 0, "{}", said.all());
    said.says(&["ch90"]);
    let said = run(project.installed_runner(home.path()).arg("doctor"));
    said.says(&["built elsewhere", "no cargo, no cc", "answers in Rust"]);
    let mut accept = project.installed_runner(home.path());
    accept.args(["accept", "ch90", "--yes"]);
    run(&mut accept).could_not(&["accept changes", "may not be written"]);
    let mut author = project.installed_runner(home.path());
    author.args(["author", "new", "ch90", "x"]);
    run(&mut author).could_not(&["author new changes", "may not be written"]);
    assert_eq!(project.files(), before);
}

#[test]
fn programs_that_are_older_than_their_sources_are_named() {
    let (project, home) = (fixture("ch90-small"), tempfile::tempdir().unwrap());
    project.install();
    let list = || run(project.installed_runner(home.path()).arg("list"));
    assert!(!list().err.contains("newer"), "{}", list().all());
    let source = project.path("labs/ch90-small/src/main.rs");
    let later =
        std::time::SystemTime::now() + std::time::Duration::from_secs(9);
    let file = fs::File::create(&source).unwrap();
    file.set_modified(later).unwrap();
    list().says(&["src/main.rs is newer than", "LAB_PROGRAMS="]);
    let mut built = project.installed_runner(home.path());
    let said = run(built.env("LAB_PROGRAMS", "").arg("list"));
    said.could_not(&["start cargo", "is Rust installed"]);
}

#[test]
fn a_folder_without_labs_is_said_to_have_none() {
    let nowhere = tempfile::tempdir().unwrap();
    let mut lost = common::runner();
    lost.env_remove("LAB_ROOT").current_dir(nowhere.path());
    run(lost.arg("list")).could_not(&["no labs in", "LAB_ROOT"]);
}
