//! A stranger's first steps: a scaffolded lab builds, runs, can be accepted,
//! and is told what it lacks. With the real cargo, in a copy of the workspace.

mod common;

use std::fs;

use common::{run_judged, workspace::Workspace};

#[test]
fn a_scaffolded_lab_runs_and_learns_what_it_lacks() {
    let work = Workspace::new();
    let said = work.run("author new ch08-slow-start first-window");
    assert_eq!(said.code, 0, "{}", said.all());
    said.says(&[
        "wrote    labs/ch08-slow-start/src/first_window.rs",
        "changed  book/src/SUMMARY.md",
        "./run ch08 first-window",
    ]);

    let said = run_judged(&mut work.command("ch08"));
    assert_eq!(said.code, 1, "{}", said.all());
    said.says(&["nothing is accepted yet", "NEW   ch08/first-window"]);
    let said = run_judged(&mut work.command("ch08 --every-what-if"));
    assert_eq!(said.code, 0, "{}", said.all());

    let said = work.run("author check ch08");
    assert_eq!(said.code, 1, "{}", said.all());
    said.says(&[
        "ch08  lacks words\n  book/src/ch08-slow-start.md says TODO",
        "ch08/first-window  lacks its accepted first-window.snap",
        "./run accept ch08 first-window",
    ]);

    let done = |text: String| text.replace("TODO: ", "");
    work.edit("labs/ch08-slow-start/src/first_window.rs", done);
    work.edit("book/src/ch08-slow-start.md", done);
    let mut accept = work.command("accept ch08 --yes");
    let said = run_judged(accept.env_remove("CI"));
    assert_eq!(said.code, 0, "{}", said.all());
    let said = run_judged(&mut work.command("ch08 --repeat 3"));
    assert_eq!(said.code, 0, "{}", said.all());
    let said = work.run("author check");
    assert_eq!(said.code, 0, "{}", said.all());
    said.says(&["1 experiments: nothing is missing; 0 claims"]);

    let said = work.run("author new ch08 second-window");
    assert_eq!(said.code, 0, "{}", said.all());
    let said = work.run("list ch08");
    said.says(&["first-window", "second-window"]);
}

#[test]
fn nothing_of_the_authors_is_overwritten() {
    let work = Workspace::new();
    assert_eq!(work.run("author new ch08-a one").code, 0);
    work.edit("labs/ch08-a/src/one.rs", |_| "mine".into());
    let said = work.run("author new ch08-a one");
    said.could_not(&["labs/ch08-a/src/one.rs is there already"]);
    let said = work.run("author new ch08-a");
    said.could_not(&["ch08-a is there already", "author new ch08-a NAME"]);
    let said = work.run("author new ../evil");
    said.could_not(&["is no name for a lab"]);
    let mine = fs::read_to_string(work.at().join("labs/ch08-a/src/one.rs"));
    assert_eq!(mine.unwrap(), "mine");
}
