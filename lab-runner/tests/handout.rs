//! What students get: it builds, runs and judges, and gives nothing away. With
//! the real project and the real cargo.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use common::{Said, root, run, run_judged, runner};

/// A folder for handouts; gone with this value.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

fn hand_out(words: &str, out: &Path) -> Said {
    let mut command = runner();
    command.arg("handout").arg("--out").arg(out);
    run(command.args(words.split_whitespace()))
}

/// The runner in a handout; what it builds goes where our tests build.
fn in_handout(at: &Path, words: &str) -> Command {
    let mut command = runner();
    command
        .env("LAB_ROOT", at)
        .env("CARGO_TARGET_DIR", common::project::target())
        .env("CARGO_NET_OFFLINE", "true")
        .current_dir(at)
        .args(words.split(' '));
    command
}

/// Every file below, with its text.
fn files(at: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![at.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(at).unwrap();
                    let bytes = fs::read(&path).unwrap();
                    files.insert(name.display().to_string(), bytes);
                }
            }
        }
    }
    files
}

fn is_of_an_exercise(path: &str) -> bool {
    path.starts_with("labs/") && path.contains("/exercises/")
}

#[test]
fn it_is_the_whole_project_without_solutions_and_always_the_same() {
    let dir = folder();
    let out = dir.path().join("out");
    let said = hand_out("--json", &out);
    assert_eq!(said.code, 0, "{}", said.all());
    let told = &said.json()[0];
    let all = files(&out);
    assert_eq!(told["files"], all.len() - 1, "handout.json is not counted");
    let answers = |path: &&String| path.contains("fixtures/class");
    assert_eq!(all.keys().find(answers), None, "our class's answers");
    for path in ["run", "Cargo.lock", "book/src/SUMMARY.md"] {
        let ours = fs::read(root().join(path)).unwrap();
        assert_eq!(all[path], ours, "{path}");
    }
    let given: Vec<&String> =
        all.keys().filter(|path| is_of_an_exercise(path)).collect();
    let allowed = ["task.md", "starter.rs"];
    for path in &given {
        let name = path.rsplit('/').next().unwrap();
        assert!(allowed.contains(&name), "{path} is given away");
    }
    let tasks = given.iter().filter(|path| path.ends_with("/task.md"));
    let exercises = told["exercises"].as_array().unwrap().len();
    assert_eq!(tasks.count(), exercises);
    assert!(exercises > 0);
    let texts: Vec<_> = all.values().collect();
    for (path, text) in files(&root().join("labs")) {
        let name = path.rsplit('/').next().unwrap();
        if path.contains("/exercises/") && name.starts_with("solution.") {
            assert!(!texts.contains(&&text), "{path} is given away");
        }
    }

    let metadata = run(Command::new("cargo")
        .args(["metadata", "--offline", "--no-deps", "--format-version=1"])
        .current_dir(&out));
    assert_eq!(metadata.code, 0, "{}", metadata.err);

    let again = dir.path().join("again");
    assert_eq!(hand_out("", &again).code, 0);
    assert!(files(&again) == all, "two handouts differ");
}

#[test]
fn a_student_can_work_with_it() {
    // Always the same folder: cargo builds it once.
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("handout");
    let _ = fs::remove_dir_all(&out);
    let said = hand_out("--exercise ch05/no-stall", &out);
    assert_eq!(said.code, 0, "{}", said.all());
    said.says(&["1 exercise, ", "./run exercise list"]);
    let run = |words: &str| run_judged(&mut in_handout(&out, words));

    let said = run("exercise list ch05 --json");
    assert_eq!(said.code, 0, "{}", said.all());
    assert_eq!(said.json().len(), 1, "{}", said.all());
    run("exercise start ch05/no-stall").says(&["# Three requests"]);
    let said = run("exercise check ch05/no-stall");
    assert_eq!(said.code, 1, "{}", said.all());
    said.says(&["FAIL  ② no request waits", "3 of 10 points"]);
    run("exercise hint ch05/no-stall").says(&["1: Look at"]);

    let solution = "labs/ch05-delayed-ack/exercises/no-stall/solution.rs";
    let answer = out.join("answers/ch05-no-stall/src/main.rs");
    fs::copy(root().join(solution), answer).unwrap();
    let said = run("exercise check ch05/no-stall");
    assert_eq!(said.code, 0, "{}", said.all());
    said.says(&["PASS  10 of 10 points", "next:  ./run exercise list"]);
    for spoil in ["", " --spoil"] {
        run(&format!("exercise solution ch05/no-stall{spoil}"))
            .could_not(&["without solutions: your teacher has them"]);
    }
    run("author check ch05").could_not(&["was handed out", "it was made of"]);
    run("handout --out x").could_not(&["handed out itself"]);
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let dir = folder();
    let out = dir.path().join("mine");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("thesis.tex"), "years").unwrap();
    hand_out("", &out).could_not(&["mine: it is not empty"]);
    assert_eq!(files(dir.path()).len(), 1);
    let other = dir.path().join("other");
    hand_out("--exercise no-stal", &other)
        .could_not(&["did you mean no-stall?"]);
    hand_out("--chapter ch99", &other).could_not(&["no chapter \"ch99\""]);
    assert_eq!(files(dir.path()).len(), 1);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}
