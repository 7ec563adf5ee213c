//! The real labs on this machine's kernel: they pass, as root and as an
//! ordinary user, and each perturbation breaks exactly what it names.
//!
//! Where namespaces can't be made this fails with what doctor says.

mod common;

use std::process::Command;

use common::{Project, Said, run, run_judged, runner};

/// Fails with doctor's words where labs can't run.
#[track_caller]
fn fit(doctor: &mut Command) {
    let said = run(doctor);
    assert_eq!(said.code, 0, "labs can't run here:\n{}", said.all());
}

/// Verdicts of all runs, `ch05/first-ack what-if: pass`.
fn verdicts(said: &Said) -> Vec<String> {
    let one = |run: serde_json::Value| {
        let word = |key: &str| run[key].as_str().unwrap_or("-").to_string();
        let name = format!("{}/{}", word("lab"), word("experiment"));
        format!("{name} {}: {}", word("what_if"), word("verdict"))
    };
    said.json().into_iter().map(one).collect()
}

fn plans() -> Vec<lab_kit::Plan> {
    let said = run(runner().args(["list", "--json"]));
    let labs = said.json()[0]["labs"].clone();
    let labs: Vec<lab_kit::Described> =
        serde_json::from_value(labs).expect("labs");
    labs.into_iter().flat_map(|lab| lab.experiments).collect()
}

#[test]
fn all_passes_as_whoever_runs_the_tests() {
    fit(runner().arg("doctor"));
    let said = run_judged(runner().args(["all", "--json"]));
    assert_eq!(said.code, 0, "{:#?}\n{}", verdicts(&said), said.all());
    let plans = plans();
    assert_eq!(verdicts(&said).len(), plans.len());
    for run in said.json() {
        has_a_model_of_its_own(&run, &plans);
    }
}

/// Each packet's bytes are in the model, and only there: claims see none that
/// their experiment doesn't keep.
fn has_a_model_of_its_own(run: &serde_json::Value, plans: &[lab_kit::Plan]) {
    if run["verdict"] == "skipped" {
        return;
    }
    let name = run["experiment"].as_str().expect("a name");
    let list = |value: &serde_json::Value| value.as_array().cloned();
    let rows = list(&run["model"]["rows"]).expect("rows");
    let packets = rows.iter().filter(|row| row["row"] == "packet");
    let packets: Vec<_> = packets.collect();
    let segments = list(&run["evidence"]["trace"]["segments"]).expect("trace");
    assert_eq!(packets.len(), segments.len(), "{name}");
    assert!(packets.iter().all(|p| p["bytes"].is_string()), "{name}");
    let seen = segments.iter().any(|s| s["bytes"].is_string());
    let mut plans = plans.iter().filter(|plan| plan.name == name);
    assert!(!seen || plans.any(|plan| plan.keeps_bytes), "{name}");
}

#[test]
fn all_passes_as_an_ordinary_user() {
    if !nix::unistd::geteuid().is_root() {
        return all_passes_as_whoever_runs_the_tests();
    }
    let project = Project::of_real_labs();
    fit(&mut project.runner_as_nobody(&["doctor"]));
    let words = ["all", "--json"];
    let said = run_judged(&mut project.runner_as_nobody(&words));
    assert_eq!(said.code, 0, "{:#?}\n{}", verdicts(&said), said.all());
    assert_eq!(verdicts(&said).len(), plans().len());
    let skipped: Vec<_> = said
        .json()
        .into_iter()
        .filter(|run| run["verdict"] == "skipped")
        .map(|run| run["experiment"].as_str().unwrap_or("?").to_string())
        .collect();
    let plans = plans().into_iter().filter(|plan| plan.root_only.is_some());
    let for_root: Vec<_> = plans.map(|plan| plan.name).collect();
    assert_eq!(skipped, for_root);
    said.says(&["needs root, since"]);
}

#[test]
fn every_perturbation_breaks_exactly_what_it_names() {
    fit(runner().arg("doctor"));
    let words = ["all", "--every-what-if", "--json"];
    let said = run_judged(runner().args(words));
    assert_eq!(said.code, 0, "{:#?}\n{}", verdicts(&said), said.all());
    let declared: usize = plans().iter().map(|p| p.perturbations.len()).sum();
    let all = verdicts(&said).len();
    assert_eq!(all, declared, "{:#?}", verdicts(&said));
}

#[test]
fn where_no_namespace_can_be_made_a_run_says_so_and_doctor_names_a_remedy() {
    let within = |words: &str| {
        let script = "echo 0 > /proc/sys/user/max_net_namespaces; exec $RUNNER";
        let script = format!("{script} {words}");
        let mut unshare = Command::new("unshare");
        unshare
            .args(["-Ur", "sh", "-c", &script])
            .env("RUNNER", runner().get_program())
            .env("LAB_ROOT", common::root())
            .env("CI", "1");
        run(&mut unshare)
    };
    within("ch05 first-ack").could_not(&["namespace", "lab-runner doctor"]);
    within("doctor").could_not(&["LACKS", "namespace"]);
    let told = within("ch05 first-ack --events");
    let events = told.json();
    let end = events.last().expect("an end");
    assert_eq!(end["verdict"], "could-not-run", "{}", told.all());
    let remedy = end["remedy"].as_str().unwrap_or_default();
    assert!(remedy.contains("sudo"), "{}", told.all());
}
