//! `--events`: a run is told as it happens, in its order, and always to an
//! end; when nobody listens any more, it ends.

mod common;

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use common::processes::{ours, soon};
use common::{Said, fixture, run};
use serde_json::Value;

const MARK: &str = "SOCKET_LAB_TEST_EVENTS";

fn told(lab: &str, words: &str) -> (Vec<Value>, Said) {
    let project = fixture(lab);
    let mut runner = project.runner();
    let said = run(runner.args(words.split(' ')).arg("--events"));
    (said.json(), said)
}

fn named<'a>(events: &'a [Value], name: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["event"] == name).collect()
}

/// Labels of packets.
fn packets(rows: &Value) -> Vec<String> {
    let rows = rows.as_array().expect("rows").iter();
    let packets = rows.filter(|row| row["row"] == "packet");
    packets.map(|row| row["label"].as_str().unwrap_or("?").into()).collect()
}

/// Ends with `end`, and has no other.
#[track_caller]
fn end(events: &[Value], verdict: &str) -> Value {
    assert_eq!(named(events, "end").len(), 1, "{events:#?}");
    let end = events.last().expect("an event").clone();
    assert_eq!(
        (&end["event"], &end["verdict"]),
        (&"end".into(), &verdict.into())
    );
    end
}

#[test]
fn a_run_is_told_in_its_order() {
    let (events, said) = told("ch90-small", "ch90 refused-once");
    let phases: Vec<_> =
        named(&events, "phase").into_iter().map(|e| &e["phase"]).collect();
    let order = ["building", "capturing", "running", "settling", "judging"];
    assert_eq!(phases, order);
    let begin = named(&events, "begin")[0];
    assert_eq!(begin["of"], "ch90/refused-once");
    assert_eq!(begin["claims"][0], "the answer is a reset");
    assert_eq!(named(&events, "saw")[0]["key"], "connect");
    let mut rows: Vec<Value> = Vec::new();
    for change in named(&events, "rows") {
        let from = change["from"].as_u64().expect("from") as usize;
        rows.truncate(from);
        rows.extend(change["rows"].as_array().expect("rows").clone());
    }
    assert_eq!(packets(&rows.into()), ["SYN", "RST ACK"], "{events:#?}");
    let end = end(&events, "new");
    assert_eq!(packets(&end["model"]["rows"]), ["SYN", "RST ACK"]);
    assert_eq!(end["model"]["claims"][0]["holds"], true);
    assert_eq!(end["claims"][0]["holds"], true);
    assert_eq!(said.code, 1, "nothing is accepted");
    let path = end["json"]["snapshot"]["path"].as_str().expect("a path");
    assert!(path.starts_with("labs/ch90-small/"), "{path}");
}

#[test]
fn what_was_turned_is_told() {
    let words = "ch90 refused-once --what-if nobody-knocks";
    let (events, said) = told("ch90-small", words);
    let what_if = &named(&events, "begin")[0]["what_if"];
    assert_eq!(what_if["name"], "nobody-knocks");
    assert_eq!(what_if["knobs"][0], "client:knocks=0");
    assert_eq!(what_if["fails"][0], "the answer is a reset");
    let end = end(&events, "pass");
    assert_eq!(end["claims"][0]["holds"], false);
    assert_eq!(said.code, 0, "{}", said.all());
}

#[test]
fn there_is_an_end_whatever_goes_wrong() {
    for (words, why) in [
        ("ch90 broken", "out of order"),
        ("ch90 refused", "means refused-once, refused-again"),
        ("ch90 nobody", "no experiment"),
        ("ch90", "name an experiment"),
        ("ch77 x", "no chapter"),
        ("ch90 refused-once --what-if x", "no perturbation"),
        ("ch90 refused-once --set x=1", "no host"),
    ] {
        let (events, said) = told("ch90-small", words);
        let end = end(&events, "could-not-run");
        assert_eq!(said.code, 2, "{words}: {}", said.all());
        assert!(end["why"].to_string().contains(why), "{words}: {end}");
    }
    let (events, said) = told("ch90-small", "ch90 to-come");
    end(&events, "skipped");
    assert_eq!(said.code, 0);
}

#[test]
fn a_flood_of_marks_is_not_told_one_by_one() {
    let (events, _) = told("ch91-hostile", "ch91 floods");
    end(&events, "could-not-run");
    let marks = named(&events, "mark").len();
    assert!((1..=2_000).contains(&marks), "{marks}");
}

#[test]
fn when_nobody_listens_any_more_the_run_ends() {
    let project = fixture("ch91-hostile");
    let mut runner = project.runner();
    let value = std::process::id().to_string();
    let mut runner = runner
        .args(["ch91", "lingers", "--events"])
        .env(MARK, &value)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("start the runner");
    let mut events = BufReader::new(runner.stdout.take().expect("its events"));
    let mut line = String::new();
    while !line.contains("\"running\"") {
        line.clear();
        assert!(events.read_line(&mut line).expect("an event") > 0, "it ended");
    }
    let mark = format!("{MARK}={value}");
    assert!(!ours(&mark).is_empty());
    drop(events);
    assert_eq!(runner.wait().expect("its end").code(), Some(2));
    soon("a process of a run that nobody reads", || ours(&mark).is_empty());
}
