//! Whatever a lab or its files do, the runner ends soon, says in a sentence
//! what was wrong, and leaves nothing behind.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use common::{Project, Said, fixture};
use serde_json::Value;

/// Runs one misbehaving experiment; it must end well before `cargo test` does.
fn meet(experiment: &str) -> Said {
    let project = fixture("ch91-hostile");
    let before = project.files();
    let start = Instant::now();
    let said = project.run(&format!("ch91 {experiment}"));
    assert!(start.elapsed() < Duration::from_secs(40), "{}", said.all());
    assert_eq!(project.files(), before, "something was left");
    said
}

#[test]
fn a_panic_is_told_in_the_programs_own_words() {
    meet("panics").could_not(&["client panicked", "at the disco"]);
}

#[test]
fn an_error_is_told_and_commands_no_terminal() {
    let said = meet("fails");
    said.could_not(&["client failed (exit 2)", "luck"]);
    assert!(!said.all().contains('\x1b'), "{}", said.all());
}

#[test]
fn a_program_that_hangs_is_stopped() {
    meet("hangs").could_not(&[
        "still running after 500 ms",
        "client is somewhere in its own code",
        "Experiment::within",
    ]);
}

#[test]
fn a_program_that_leaves_early_is_noticed() {
    meet("exits-early").could_not(&["client ended before it was done"]);
}

#[test]
fn a_signal_is_named() {
    meet("is-killed").could_not(&["client died of SIGABRT"]);
}

#[test]
fn a_program_that_closes_its_channel_is_stopped() {
    meet("hangs-up").could_not(&["client closed its mark channel"]);
}

#[test]
fn a_flood_of_marks_is_stopped() {
    meet("floods").could_not(&["client floods its channel"]);
}

#[test]
fn a_flood_of_long_marks_is_stopped_before_it_fills_memory() {
    meet("floods-with-long-marks").could_not(&["client floods its channel"]);
}

#[test]
fn a_line_without_an_end_is_stopped() {
    meet("sends-one").could_not(&["client sent a line of over 65536 bytes"]);
}

#[test]
fn nonsense_in_the_channel_is_shown() {
    meet("talks-nonsense").could_not(&["said what is no request", "missiles"]);
}

#[test]
fn a_program_that_never_stops_printing_is_stopped() {
    let said = meet("prints-endlessly");
    said.could_not(&["still running after 500 ms"]);
    assert!(said.all().len() < 100_000, "{} bytes", said.all().len());
}

#[test]
fn a_mark_that_nobody_can_announce_is_not_awaited() {
    let said = meet("waits-in-vain");
    said.could_not(&["nobody can announce", "client for \"godot\""]);
}

#[test]
fn a_child_that_outlives_its_program_dies_with_the_run() {
    let said = meet("forks --set client:net.ipv4.tcp_sack=1");
    assert_eq!(said.code, 0, "{}", said.all());
}

#[test]
fn a_judge_that_panics_is_told_in_its_own_words() {
    meet("judge-panics").could_not(&["the judge of judge-panics", "no idea"]);
}

/// Each of a lab's judgements by its experiment: the process that made it, or
/// why there is none.
fn judgements(said: &Said) -> BTreeMap<String, String> {
    let told = |run: Value| {
        let text = |value: &Value| value.as_str().map(String::from);
        let saw = text(&run["claims"][0]["saw"]);
        let told = saw.or_else(|| text(&run["why"][0])).unwrap_or_default();
        (text(&run["experiment"]).unwrap_or_default(), told)
    };
    said.json().into_iter().map(told).collect()
}

#[test]
fn a_judge_that_fails_is_followed_by_another() {
    let said = meet("judge --json --keep-going --jobs 1");
    let by = judgements(&said);
    let of = |name: &str| &*by[&format!("judge-{name}")];
    for (name, words) in [
        ("panics", ["(exit status: 101)", "no idea"]),
        ("exits", ["without an answer", "(exit status: 0)"]),
        ("hangs", ["no answer in 20 s", "endless loop"]),
    ] {
        let whole = format!("the judge of judge-{name}");
        for word in words.into_iter().chain([&*whole]) {
            assert!(of(name).contains(word), "{word:?} {}", said.all());
        }
    }
    let pids = ["first", "second", "third", "fourth"].map(of);
    assert!(pids.iter().all(|pid| pid.parse::<u32>().is_ok()), "{pids:?}");
    assert_eq!(BTreeSet::from(pids).len(), 4, "{pids:?}");
    assert_eq!(of("prints"), of("third"), "what it prints is no answer");
}

fn described(text: &str) -> Said {
    let project = fixture("ch91-hostile");
    common::run(project.runner().arg("list").env("DESCRIBE", text))
}

#[test]
fn a_newer_description_is_refused_by_its_version() {
    let newer = r#"{"format": 99, "name": "ch91", "novelty": []}"#;
    described(newer).could_not(&["format 99", "rebuild lab-runner"]);
}

#[test]
fn a_description_that_is_none_is_refused() {
    described("hello").could_not(&["describes itself in no JSON of ours"]);
}

#[test]
fn a_description_that_never_comes_is_not_awaited() {
    described("hang").could_not(&["describe itself", "20 s"]);
}

#[test]
fn a_lab_that_does_not_compile_is_shown_with_rustcs_words() {
    let project = Project::empty();
    let at = project.path("labs/ch97-broken/src");
    std::fs::create_dir_all(&at).unwrap();
    std::fs::write(at.join("main.rs"), "fn main() { nonsense }").unwrap();
    let package = "[package]\nname = \"ch97-broken\"\nedition = \"2024\"\n";
    std::fs::write(at.join("../Cargo.toml"), package).unwrap();
    let workspace = "[workspace]\nresolver = \"3\"\nmembers = [\"labs/*\"]\n";
    std::fs::write(project.path("Cargo.toml"), workspace).unwrap();
    let mut command = project.runner();
    match std::env::var_os("CARGO") {
        Some(cargo) => command.env("CARGO", cargo),
        None => command.env_remove("CARGO"),
    };
    command.env("CARGO_TARGET_DIR", project.path("target"));
    let said = common::run(command.arg("ch97"));
    said.could_not(&["ch97-broken does not compile", "nonsense", "E0425"]);
}
