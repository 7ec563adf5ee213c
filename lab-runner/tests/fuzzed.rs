//! The labs' own judges, fed with evidence that no run left: every claim finds
//! it false, or true, or not there; none panics.

mod common;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{root, run, runner};
use lab_kit::Described;
use serde_json::{Value, json};

/// What is done to the evidence of an accepted run, and how.
type Damage = (&'static str, fn(&mut Value));

const DAMAGE: [Damage; 8] = [
    ("nothing is left", |run| {
        for key in ["marks", "observations", "steps", "quiets"] {
            run[key] = json!([]);
        }
        run["trace"]["segments"] = json!([]);
        run["counters"] = json!({});
        run["left"] = json!({});
    }),
    ("one segment is left", |run| segments(run).truncate(1)),
    ("every second segment is lost", |run| {
        let mut odd = false;
        segments(run).retain(|_| {
            odd = !odd;
            odd
        });
    }),
    ("backwards", |run| segments(run).reverse()),
    ("at impossible times", |run| {
        for (n, segment) in segments(run).iter_mut().enumerate() {
            segment["at"] = json!([i64::MAX, i64::MIN][n % 2]);
            segment["arrived"] = Value::Null;
            segment["seq"] = json!(i64::MAX);
            segment["len"] = json!(u32::MAX);
        }
    }),
    ("without a byte", |run| {
        for segment in segments(run) {
            segment["bytes"] = json!("");
            segment["payload"] = json!("");
            segment["len"] = json!(0);
        }
    }),
    ("with bytes that are no packet", |run| {
        for segment in segments(run) {
            segment["bytes"] = json!("4fff");
            segment["proto"] = json!("udp");
        }
    }),
    ("programs saw something else", |run| {
        let seen = run["observations"].as_array_mut().expect("a list");
        for (n, one) in seen.iter_mut().enumerate() {
            let said = ["", "-1", "9223372036854775807", "\u{1b}é, 3 of 2"];
            one["value"] = json!(said[n % 4]);
        }
    }),
];

fn segments(run: &mut Value) -> &mut Vec<Value> {
    run["trace"]["segments"].as_array_mut().expect("a list")
}

#[test]
fn no_claim_of_any_lab_panics_at_any_evidence() {
    let said = run(runner().args(["recheck", "--json"]));
    let rechecked = said.json();
    assert!(rechecked.len() > 100, "{}", said.all());
    let mut panicked = Vec::new();
    for one in &rechecked {
        let name = one["name"].as_str().expect("a name");
        let (lab, experiment) = name.split_once('/').expect("lab/experiment");
        // `flow-control@6.1`: a trace of the same experiment.
        let experiment = experiment.split('@').next().unwrap_or(experiment);
        panicked.extend(panics(lab, experiment, &one["evidence"]));
    }
    for (lab, exercise) in exercises() {
        let begin = format!("{lab}/");
        let of_lab = |one: &&Value| {
            one["name"].as_str().is_some_and(|name| name.starts_with(&begin))
        };
        let one = rechecked.iter().find(of_lab).expect("an experiment");
        panicked.extend(panics(&lab, &exercise, &one["evidence"]));
    }
    assert!(panicked.is_empty(), "{panicked:#?}");
}

/// Lab and name of every exercise: they keep no evidence, so they get that of
/// another.
fn exercises() -> Vec<(String, String)> {
    let all = run(runner().args(["list", "--json"])).json();
    let labs: Vec<Described> =
        serde_json::from_value(all[0]["labs"].clone()).expect("labs");
    let named = |lab: Described| {
        let tasks = lab.exercises.into_iter();
        tasks.map(|t| (lab.name.clone(), t.plan.name)).collect::<Vec<_>>()
    };
    labs.into_iter().flat_map(named).collect()
}

/// What the judge does not survive.
fn panics(lab: &str, experiment: &str, evidence: &Value) -> Vec<String> {
    let fails = |(damage, apply): &Damage| {
        let mut evidence = evidence.clone();
        apply(&mut evidence);
        let case = json!({"format": 1, "evidence": evidence});
        let code = judged(lab, experiment, &case);
        let says = format!("{lab}/{experiment}, {damage}: {code:?}");
        (code != Some(0)).then_some(says)
    };
    DAMAGE.iter().filter_map(fails).collect()
}

/// Beside the runner, as cargo builds it.
fn program(lab: &str) -> PathBuf {
    let labs = std::fs::read_dir(root().join("labs")).expect("labs").flatten();
    let mut names = labs.map(|entry| entry.file_name());
    let begin = format!("{lab}-");
    let name = names.find(|n| n.to_string_lossy().starts_with(&begin));
    let built = Path::new(env!("CARGO_BIN_EXE_lab-runner")).parent();
    built.expect("a folder").join(name.expect("a lab of this name"))
}

/// The judge's exit code.
fn judged(lab: &str, experiment: &str, case: &Value) -> Option<i32> {
    let mut judge = Command::new(program(lab))
        .args(["judge", experiment])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a lab that recheck has built");
    let mut stdin = judge.stdin.take().expect("its input");
    let _ = stdin.write_all(case.to_string().as_bytes());
    drop(stdin);
    judge.wait().expect("its end").code()
}
