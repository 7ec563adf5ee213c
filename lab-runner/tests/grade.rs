//! A class, graded: the marks that are due, whatever is handed in, however
//! many at once, and after any SIGKILL.

mod common;

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::class::Class;
use common::{root, run};

#[test]
fn everybody_gets_the_mark_that_is_due() {
    let class = Class::whole();
    let mark = "everybody";
    let said = run(class.grading("out", "--jobs 8").env(MARK, mark));
    until_nobody_is_left(mark);
    assert_eq!(said.code, 0, "{}", said.all());
    let marks = class.marks("out");
    for (mark, due) in marks.iter().zip(&class.due) {
        assert_eq!(mark, due, "{}", why(&class, mark));
    }
    assert_eq!(marks.len(), class.due.len());
    said.says(&["nobody's", "nobody"]);
    let hits = fs::read_to_string(class.work.at().join("out/results.json"));
    assert!(!hits.unwrap().contains("HIT"), "an attack got somewhere");

    // All is graded: the second time nothing is built or run.
    let again = run(&mut class.grading("out", "--jobs 8"));
    assert_eq!(again.code, 0, "{}", again.all());
    assert_eq!(class.marks("out"), marks);
}

/// What is said of a mark, for the message of a test that fails.
fn why(class: &Class, mark: &str) -> String {
    let results = class.results("out");
    let students = results["students"].as_array().unwrap();
    let id = mark.split(':').next().unwrap();
    let student = students.iter().find(|s| s["id"] == id).unwrap();
    format!("{} {:#}", student["name"], student["marks"][0])
}

const KILLS: usize = 5;

#[test]
fn a_grading_that_was_killed_goes_on() {
    let class = Class::of(12);
    let random = |n: usize| RandomState::new().hash_one(n) % 4000;
    for n in 0..KILLS {
        let mut grading = class.grading("out", "--jobs 4");
        let quiet = grading.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = quiet.env(MARK, "killed").spawn().unwrap();
        std::thread::park_timeout(Duration::from_millis(200 + random(n)));
        child.kill().unwrap();
        child.wait().unwrap();
        until_nobody_is_left("killed");
        half_written(&class.work.at().join("out"));
    }
    let said = run(&mut class.grading("out", "--jobs 4"));
    assert_eq!(said.code, 0, "{}", said.all());
    assert_eq!(class.marks("out"), class.due[..12]);
}

const MARK: &str = "SOCKET_LAB_TEST_GRADES";

/// No process of a grading, told by its variable: a runner, a stage, a warden.
fn until_nobody_is_left(mark: &str) {
    let mark = format!("{MARK}={mark}");
    let start = Instant::now();
    loop {
        let all = fs::read_dir("/proc").unwrap().flatten();
        let left: Vec<_> = all
            .filter(|entry| {
                let environ = fs::read(entry.path().join("environ"));
                let environ = environ.unwrap_or_default();
                environ.split(|&b| b == 0).any(|var| var == mark.as_bytes())
            })
            .map(|entry| entry.path())
            .collect();
        if left.is_empty() {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "left: {left:?}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// Every mark that is there is whole.
fn half_written(out: &Path) {
    let Ok(students) = fs::read_dir(out.join("marks")) else { return };
    for student in students.flatten() {
        for mark in fs::read_dir(student.path()).unwrap().flatten() {
            let text = fs::read(mark.path()).unwrap();
            let json = serde_json::from_slice::<serde_json::Value>(&text);
            assert!(json.is_ok(), "{:?}: {json:?}", mark.path());
        }
    }
}

#[test]
fn what_cannot_be_graded_is_said() {
    let class = Class::of(2);
    fs::write(class.work.at().join("twice.csv"), "id,name\na,A\na,B\n")
        .unwrap();
    let grade = |words: &str| run(&mut class.work.command(words));
    grade("grade --submissions submissions --roster twice.csv --out out")
        .could_not(&["twice.csv"]);
    grade("grade --submissions nowhere --roster roster.csv --out out")
        .could_not(&["nowhere"]);
    let words = "grade --submissions submissions --roster roster.csv --out out";
    grade(&format!("{words} --exercise nonesuch"))
        .could_not(&["no exercise is called"]);
    grade(&format!("{words} --partition slice:3/2"))
        .could_not(&["part 3 of 2"]);
}

/// The long proof: `scripts/prove-grading`.
#[test]
#[ignore = "takes long: scripts/prove-grading runs it"]
fn two_hundred_are_graded_alike() {
    let number = |name: &str, other: usize| {
        std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(other)
    };
    let class = Class::of(number("STUDENTS", 200));
    let jobs = std::env::var("JOBS").unwrap_or("8 1".into());
    for (n, jobs) in jobs.split(' ').enumerate() {
        let out = format!("out-{n}");
        let start = Instant::now();
        let said = run(&mut class.grading(&out, &format!("--jobs {jobs}")));
        let marks = class.marks(&out);
        let wrong = marks.iter().zip(&class.due).filter(|(a, b)| a != b);
        let wrong: Vec<_> = wrong.collect();
        println!(
            "{} students, {jobs} jobs: {:.1} s, exit {}, {} not as due",
            marks.len(),
            start.elapsed().as_secs_f64(),
            said.code,
            wrong.len()
        );
        for (mark, due) in &wrong {
            println!("  {mark}, due {due}");
        }
        assert!(wrong.is_empty());
    }
    let _ = root();
}
