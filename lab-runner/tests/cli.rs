//! What each subcommand answers, and with which exit code: names, knobs,
//! JSON, escapes. The reports themselves are in `reports.rs`.

mod common;

use common::{Project, fixture, run};

fn small() -> Project {
    fixture("ch90-small")
}

#[test]
fn a_chapters_name_may_be_short() {
    let project = small();
    for name in ["ch90", "90", "ch9", "ch90-small"] {
        let said = project.run(&format!("list {name}"));
        assert_eq!(said.code, 0, "{}", said.all());
        said.says(&["ch90  A small lab", "refused-once", "Is anybody there?"]);
    }
}

#[test]
fn labs_that_were_built_elsewhere_need_no_cargo() {
    let project = small();
    let list = |programs: &std::path::Path| {
        let mut runner = project.runner();
        runner.env("CARGO", "/there/is/no/cargo").env("LAB_PROGRAMS", programs);
        run(runner.args(["list", "ch90"]))
    };
    let said = list(&common::project::target().join("debug"));
    assert_eq!(said.code, 0, "{}", said.all());
    said.says(&["ch90  A small lab"]);
    list(project.dir.path()).could_not(&["LAB_PROGRAMS=", "has no ch90-small"]);
}

#[test]
fn the_beginning_of_several_names_runs_them_all() {
    let said = small().run("ch90 refused --json --what-if nobody-knocks");
    let mut names: Vec<_> =
        said.json().iter().map(|run| run["experiment"].to_string()).collect();
    names.sort();
    assert_eq!(names, ["\"refused-again\"", "\"refused-once\""]);
    assert_eq!(said.code, 0, "{}", said.all());
}

#[test]
fn all_is_a_line_for_each_and_the_failures_in_full() {
    let project = small();
    project.accept("ch90 refused-once");
    project.accept("ch90 refused-again");
    let said = project.run("all");
    assert_eq!(said.code, 1, "{}", said.all());
    said.says(&[
        "pass  ch90/refused-once",
        "pass  ch90/refused-again",
        "FAIL  ② pigs fly",
        "error: ch90/broken could not run",
        "2 of 4 passed in ",
        "; not: ch90/untrue, ch90/broken; 1 skipped: ch90/to-come",
        "SKIPPED  ch90/to-come: needs Linux 99.1 for a knob to come \
         (0123456789ab)",
    ]);
}

#[test]
fn a_chapter_is_told_in_its_order_however_it_ran() {
    let said = small().run("ch90 --keep-going --jobs 8");
    let begins = ["ch90/refused-once  Is", "ch90/refused-again  Is"];
    let at = begins.map(|text| said.out.find(text).expect(text));
    assert!(at[0] < at[1], "{}", said.out);
}

#[test]
fn an_unknown_chapter_names_the_near_ones() {
    small().run("ch09").could_not(&["no chapter \"ch09\"", "ch90-small"]);
    small().run("list ch8").could_not(&["no chapter \"ch8\"", "ch90-small"]);
}

#[test]
fn an_unknown_experiment_names_the_near_ones() {
    small()
        .run("ch90 untrü")
        .could_not(&["ch90 has no experiment", "did you mean untrue?"]);
    small().run("ch90 zzzzzzzzz").could_not(&["there are refused-once"]);
}

#[test]
fn an_unknown_perturbation_names_the_near_ones() {
    small()
        .run("ch90 refused-once --what-if nobody-nocks")
        .could_not(&["no perturbation", "did you mean nobody-knocks?"]);
}

#[test]
fn a_knob_that_does_not_exist_is_not_turned() {
    let set =
        |knob: &str| small().run(&format!("ch90 refused-once --set {knob}"));
    set("client:knokcs=1").could_not(&["client has no knob", "knocks"]);
    set("clint:knocks=1").could_not(&["no host \"clint\"", "client"]);
    set("link:delay=5ms").could_not(&["has no wire"]);
    set("client=1").could_not(&["write it as host:key=value"]);
    set("client:knocks").could_not(&["no value"]);
    set("client:net.ipv4.tcp_sak=1").could_not(&["tcp_sak", "tcp_sack"]);
    set("client:route.quikack=1").could_not(&["quikack", "quickack"]);
}

#[test]
fn arguments_that_nobody_knows_are_refused() {
    for words in ["ch90 --no-such-flag", "frobnicate", "all x", ""] {
        assert_eq!(small().run(words).code, 2, "{words}");
    }
    let said = small().run("--help");
    assert_eq!(said.code, 0);
    said.says(&["Exit codes: 0 pass", "lab-runner ch05"]);
}

#[test]
fn a_machine_accepts_nothing() {
    let said = small().run("accept ch90 refused-once --yes");
    said.could_not(&["CI is set"]);
}

#[test]
fn nobody_to_ask_means_no() {
    let project = small();
    let mut command = project.runner();
    command.env_remove("CI").args(["accept", "ch90", "refused-once"]);
    run(&mut command).could_not(&["nobody to ask", "--yes"]);
    assert!(!project.kept("refused-once.snap").exists());
}

#[test]
fn what_was_accepted_is_the_same_next_time() {
    let project = small();
    project.accept("ch90 refused-once");
    for file in ["snap", "pcap", "notes.json", "figures.json"] {
        let path = project.kept(&format!("refused-once.{file}"));
        assert!(path.is_file(), "{}", path.display());
    }
    let said = project.run("ch90 refused-once");
    assert_eq!(said.code, 0, "{}", said.all());
    let mut again = project.runner();
    again.env_remove("CI").args(["accept", "ch90", "refused-once"]);
    run(&mut again).says(&["already accepted"]);
    std::fs::write(project.kept("refused-once.figures.json"), "[]").unwrap();
    run(again.arg("--yes")).says(&["accepted: "]);
    run(&mut again).says(&["already accepted"]);
}

#[test]
fn a_variant_is_accepted_under_its_own_name_if_declared() {
    let project = small();
    project.accept("ch90 refused-once --variant other");
    assert!(project.kept("refused-once@other.snap").is_file());
    assert_eq!(project.run("ch90 refused-once").code, 0);
    let mut command = project.runner();
    command.env_remove("CI").args(["accept", "ch90", "refused-once"]);
    run(command.args(["--variant", "ohter"]))
        .could_not(&["declares no variant", "did you mean other?"]);
}

#[test]
fn another_series_has_a_trace_of_its_own_with_a_reason() {
    let project = small();
    project.accept("ch90 refused-once");
    let main = project.kept("refused-once.snap");
    let text = std::fs::read_to_string(&main).unwrap();
    let ours = text.lines().find(|l| l.starts_with("description:")).unwrap();
    let old = "description: accepted on Linux 4.4.0";
    let text = text.replace(ours, old).replace("R.", "R");
    std::fs::write(&main, text).unwrap();
    let accept = |more: &[&str]| {
        let mut accept = project.runner();
        accept.env_remove("CI").args(["accept", "ch90", "refused-once"]);
        run(accept.arg("--yes").args(more))
    };
    accept(&[]).could_not(&["of Linux 4.4.0", "--reason", "--main"]);
    accept(&["--reason", "it is: \"newer\""]).says(&["accepted: "]);
    let said = project.run("ch90 refused-once");
    assert_eq!(said.code, 0, "{}", said.all());
    said.says(&["the same as labs/", "refused-once@", "it is: \"newer\""]);
    let json = &project.run("ch90 refused-once --json").json()[0];
    assert_eq!(json["snapshot"]["other"]["than"], "4.4.0");
    let kept = json["snapshot"]["path"].as_str().unwrap();
    let judged = project.run("recheck ch90 --json");
    let wanted = "refused-once@";
    let mut all = judged.json().into_iter();
    let again = all.find(|o| o["name"].as_str().unwrap().contains(wanted));
    assert_eq!(again.unwrap()["verdict"], "pass");
    // Without its reason it is not whole; without a difference, not wanted.
    let with = std::fs::read_to_string(kept).unwrap();
    let without = with.replace("it is: \\\"newer\\\"", "");
    std::fs::write(kept, without).unwrap();
    project
        .run("author check ch90 --no-run")
        .says(&["lacks the reason why this series differs"]);
    let same = with.replace("R.", "R");
    std::fs::write(kept, same).unwrap();
    project
        .run("author check ch90 --no-run")
        .says(&["lacks a difference from refused-once.snap"]);
    std::fs::write(&main, with.replace(ours, old)).unwrap();
    accept(&[]).says(&["no variant is needed; removed: refused-once@"]);
    assert!(!std::path::Path::new(kept).exists());
    accept(&["--main"]).says(&["accepted: "]);
}

#[test]
fn every_json_has_a_version() {
    let project = small();
    project.accept("ch90 refused-once");
    project.only("refused-once");
    let commands = [
        "list --json",
        "doctor --json",
        "all --json",
        "ch90 --json",
        "ch90 --every-what-if --keep-going --json",
        "recheck --json",
    ];
    for words in commands {
        let objects = project.run(words).json();
        assert!(!objects.is_empty(), "{words}");
        for object in objects {
            assert_eq!(object["version"], 1, "{words}: {object}");
        }
    }
    let mut accept = project.runner();
    accept.env_remove("CI").args(["accept", "ch90", "--json"]);
    assert_eq!(run(&mut accept).json()[0]["version"], 1);
    let broken = small().run("ch90 broken --json");
    assert_eq!(broken.json()[0]["verdict"], "could-not-run");
    assert_eq!(broken.json()[0]["exit_code"], 2);
    assert_eq!(broken.code, 2);
}

#[test]
fn where_no_terminal_is_there_are_no_escapes() {
    for words in ["list", "doctor", "ch90 refused-once", "ch90 broken", "no"] {
        let said = small().run(words);
        assert!(!said.all().contains('\x1b'), "{words}: {}", said.all());
    }
}

#[test]
fn no_color_is_respected_even_when_colour_is_forced() {
    let project = small();
    let colours = |key: &str| {
        let mut command = project.runner();
        command.args(["list"]).env("CLICOLOR_FORCE", "1").env(key, "1");
        run(&mut command).out.contains('\x1b')
    };
    assert!(colours("SOMETHING_ELSE"));
    assert!(!colours("NO_COLOR"));
}

#[test]
fn a_folder_without_labs_is_said_to_be_one() {
    let mut command = common::runner();
    command.env_remove("LAB_ROOT").current_dir("/").arg("list");
    run(&mut command).could_not(&["no labs in /", "inside the project"]);
    let mut command = common::runner();
    command.env("LAB_ROOT", "/nowhere").arg("list");
    run(&mut command).could_not(&["LAB_ROOT=/nowhere has no labs"]);
}

#[test]
fn repeats_end_with_a_table_and_the_worst_exit_code() {
    let project = small();
    project.accept("ch90 refused-once");
    let said = project.run("ch90 refused-once --repeat 3 --jobs 2");
    assert_eq!(said.code, 0, "{}", said.all());
    said.says(&["ch90/refused-once", "3"]);
    let said = project.run("all --jobs 2");
    assert_eq!(said.code, 1, "a claim failed: {}", said.all());
    said.says(&["ch90/untrue", "ch90/broken could not run"]);
}

#[test]
fn packets_are_saved_where_they_were_asked_for() {
    let project = small();
    project.accept("ch90 refused-once");
    let said = project.run("ch90 refused-once --pcap packets");
    assert_eq!(said.code, 0, "{}", said.all());
    let path = project.path("packets/ch90-refused-once.pcapng");
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(bytes[..4], [0x0a, 0x0d, 0x0d, 0x0a]);
}
