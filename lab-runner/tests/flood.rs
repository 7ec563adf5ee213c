//! A program that sends more than can be read: all of it is in the trace, or
//! nothing is judged. No run that lost a frame passes, or fails.

mod common;

use std::time::{Duration, Instant};

use common::{Said, fixture};

/// Soon; `--set`: no snapshot is compared.
fn meet(experiment: &str) -> Said {
    let project = fixture("ch91-hostile");
    let knob = "--set client:net.ipv4.tcp_sack=1";
    let start = Instant::now();
    let said = project.run(&format!("ch91 {experiment} {knob}"));
    assert!(start.elapsed() < Duration::from_secs(120), "{}", said.all());
    said
}

/// Exit code 1 would be a claim that a lost frame broke.
#[track_caller]
fn all_or_nothing(experiment: &str) {
    let said = meet(experiment);
    match said.code {
        0 => {}
        2 => {
            let words = ["lost", "counted", "did not come to its end"];
            let told = words.iter().any(|word| said.all().contains(word));
            assert!(told, "{}", said.all());
        }
        _ => panic!("{}", said.all()),
    }
}

#[test]
fn ten_thousand_datagrams() {
    all_or_nothing("many-datagrams");
}

#[test]
fn ten_thousand_small_datagrams() {
    all_or_nothing("many-small-ones");
}

#[test]
fn ten_thousand_datagrams_on_a_wire() {
    all_or_nothing("many-on-a-wire");
}

#[test]
fn ten_thousand_connections() {
    all_or_nothing("many-connections");
}

/// The interface counts what its capture didn't see.
#[test]
fn a_frame_that_no_capture_saw_is_missed() {
    meet("unseen").could_not(&["counted", "libpcap gave"]);
}
