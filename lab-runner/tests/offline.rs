//! What is committed is whole and true, and needs no privileges to be checked:
//! captures -> traces -> verdicts, and every experiment with all its parts.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use common::{root, run, runner};
use lab_kit::{Described, Kind, Plan};
use serde_json::Value;

fn labs() -> Vec<Described> {
    let said = run(runner().args(["list", "--json"]));
    let all: Vec<Value> = said.json();
    serde_json::from_value(all[0]["labs"].clone()).expect("a list of labs")
}

/// Every experiment, and every sick system that an exercise is about, with its
/// lab's folder.
fn experiments() -> Vec<(PathBuf, Plan)> {
    let folders = fs::read_dir(root().join("labs")).expect("labs");
    let folders: Vec<PathBuf> = folders.flatten().map(|e| e.path()).collect();
    let folder = |lab: &Described| {
        let begin = format!("{}-", lab.name);
        let mut all = folders.iter();
        let found = all.find(|f| name(f).starts_with(&begin));
        found.unwrap_or_else(|| panic!("no folder labs/{begin}*")).clone()
    };
    let labs = labs();
    let all = labs.iter().flat_map(|lab| {
        let sick = lab.exercises.iter().filter(|e| e.kind == Kind::Diagnose);
        let plans = lab.experiments.iter().chain(sick.map(|e| &e.plan));
        plans.map(|plan| (folder(lab), plan.clone())).collect::<Vec<_>>()
    });
    all.collect()
}

fn name(path: &std::path::Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into()
}

/// The names that `git` knows in all snapshot folders, or those that are there
/// where there is no git.
fn snapshots() -> Vec<PathBuf> {
    let pattern = fs::read_dir(root().join("labs")).expect("labs");
    let folders = pattern.flatten().map(|e| e.path().join("snapshots"));
    let files = folders.filter_map(|f| fs::read_dir(f).ok()).flatten();
    files.flatten().map(|e| e.path()).collect()
}

/// What was said of the experiments' own traces, without other kernels'.
fn own(said: &common::Said) -> Vec<Value> {
    let mut all = said.json();
    all.retain(|o| !o["name"].as_str().is_some_and(|n| n.contains('@')));
    all
}

/// `6.1`, if that is how a trace of another series is called.
fn series_of(file: &str, experiment: &str) -> Option<String> {
    let on = file.strip_prefix(experiment)?.strip_prefix('@')?;
    let mut numbers = on.split('.');
    let (major, minor) = (numbers.next()?, numbers.next()?);
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    (digits(major) && digits(minor)).then(|| format!("{major}.{minor}"))
}

#[test]
fn every_committed_capture_is_judged_as_it_was() {
    let said = run(runner().args(["recheck", "--json"]));
    assert_eq!(said.code, 0, "{}", said.all());
    let verdicts = said.json();
    assert_eq!(own(&said).len(), experiments().len());
    assert!(verdicts.len() > experiments().len(), "other kernels' too");
    assert!(verdicts.iter().all(|v| v["verdict"] == "pass"), "{}", said.out);
}

#[test]
fn every_committed_figure_is_drawn_as_it_was() {
    let said = run(runner().args(["recheck", "--json"]));
    for (again, (folder, plan)) in own(&said).iter().zip(experiments()) {
        let path = folder.join(format!("snapshots/{}.figures.json", plan.name));
        let kept = match plan.figures.is_empty() {
            true => Value::Array(Vec::new()),
            false => {
                let text = fs::read(&path)
                    .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                serde_json::from_slice(&text).expect("figures")
            }
        };
        assert_eq!(again["figures"], kept, "{}", path.display());
    }
}

#[test]
fn every_committed_ladder_of_a_sick_system_is_drawn_as_it_was() {
    let said = run(runner().args(["recheck", "--json"]));
    for (again, (folder, plan)) in own(&said).iter().zip(experiments()) {
        let path = folder.join(format!("snapshots/{}.ladder.json", plan.name));
        let kept = match plan.asks {
            false => Value::Null,
            true => {
                let text = fs::read(&path)
                    .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                serde_json::from_slice(&text).expect("a ladder")
            }
        };
        assert_eq!(again["ladder"], kept, "{}", path.display());
    }
}

#[test]
fn a_recheck_needs_no_privileges() {
    if !nix::unistd::geteuid().is_root() {
        return every_committed_capture_is_judged_as_it_was();
    }
    let project = common::Project::of_real_labs();
    let said = run(&mut project.runner_as_nobody(&["recheck"]));
    assert_eq!(said.code, 0, "{}", said.all());
    let no_user_namespaces = "user.max_user_namespaces=0";
    assert!(!said.all().contains(no_user_namespaces));
}

#[test]
fn no_lab_lacks_anything() {
    let said = run(runner().args(["author", "check", "--no-run"]));
    assert_eq!(said.code, 0, "{}", said.all());
}

#[test]
fn every_file_in_snapshots_belongs_to_an_experiment() {
    let mut wanted = BTreeSet::new();
    for (folder, plan) in experiments() {
        let variants = plan.variants.iter();
        let names = variants.map(|v| format!("{}@{}", plan.name, v.name));
        let all = snapshots().into_iter().filter(|p| p.starts_with(&folder));
        let series = all.filter_map(|p| series_of(&name(&p), &plan.name));
        let series = series.map(|on| format!("{}@{on}", plan.name));
        let series: BTreeSet<String> = series.collect();
        for name in names.chain(series).chain([plan.name.clone()]) {
            let hosts = plan
                .hosts
                .iter()
                .flat_map(|h| [format!("{h}.pcap"), format!("link2.{h}.pcap")]);
            let endings = ["snap", "pcap", "notes.json"].map(String::from);
            let figures =
                (!plan.figures.is_empty()).then(|| "figures.json".to_string());
            let ladder = plan.asks.then(|| "ladder.json".to_string());
            let endings = endings.into_iter().chain(figures).chain(ladder);
            for ending in hosts.chain(endings) {
                let file = format!("snapshots/{name}.{ending}");
                wanted.insert(folder.join(file));
            }
        }
    }
    let strays: Vec<_> = snapshots()
        .into_iter()
        .filter(|path| !wanted.contains(path))
        .filter(|path| !name(path).ends_with(".snap.new"))
        .collect();
    assert!(strays.is_empty(), "whose are these? {strays:#?}");
}

#[test]
fn no_proposed_snapshot_is_committed() {
    let said = run(Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "*.snap.new"])
        .current_dir(root()));
    assert!(said.out.is_empty(), "committed: {}", said.out);
}
