//! The reports that readers see: pass, a claim failed, the snapshot differs,
//! could not run, a perturbation; whole, with times taken out.
//!
//! Accepted by `INSTA_UPDATE=always cargo test -p lab-runner --test reports`,
//! after reading them.

mod common;

use common::{Project, Said, fixture, redacted};

/// Ready to be run: its trace is accepted.
fn accepted() -> Project {
    let project = fixture("ch90-small");
    project.accept("ch90 refused-once");
    project
}

/// Both outputs, and the exit code, as a reader sees them.
fn whole(said: &Said, project: &Project) -> String {
    let folder = project.dir.path().display().to_string();
    let text = format!(
        "{}\n-- standard error\n{}\n-- exit code {}\n",
        said.out.trim_end(),
        said.err.trim_end(),
        said.code
    );
    let text = redacted(&text.replace(&folder, "PROJECT"));
    let times = |line: &str| match line.find(|c: char| c.is_ascii_digit()) {
        // The ladder's first column is milliseconds since the start.
        Some(at) if at > 3 && line[..at].trim().is_empty() => {
            let end = line[at..].find("  ").map_or(line.len(), |n| at + n);
            format!("{}TIME{}", &line[..at.min(4)], &line[end..])
        }
        _ => line.to_string(),
    };
    text.lines().map(times).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn assert_report(name: &str, project: &Project, words: &str, code: i32) {
    let said = project.run(words);
    assert_eq!(said.code, code, "{}", said.all());
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, whole(&said, project));
    });
}

#[test]
fn a_pass_is_reported_with_what_to_try_next() {
    assert_report("pass", &accepted(), "ch90 refused-once", 0);
}

#[test]
fn a_failed_claim_is_reported_with_wanted_and_saw() {
    let project = accepted();
    assert_report("claim-failed", &project, "ch90 untrue", 1);
}

#[test]
fn another_trace_is_reported_as_a_diff() {
    let project = accepted();
    let path = project.kept("refused-once.snap");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("server  S ", "server  SE")).unwrap();
    assert_report("snapshot-differs", &project, "ch90 refused-once", 1);
}

#[test]
fn what_could_not_run_is_reported_with_the_programs_words() {
    assert_report("could-not-run", &accepted(), "ch90 broken", 2);
}

#[test]
fn a_perturbation_is_reported_by_what_it_broke() {
    let words = "ch90 refused-once --what-if nobody-knocks";
    assert_report("perturbed", &accepted(), words, 0);
}

#[test]
fn a_perturbation_that_breaks_nothing_is_reported_as_a_failure() {
    let words = "ch90 refused-once --what-if nothing-changes";
    assert_report("unforeseen", &accepted(), words, 1);
}
