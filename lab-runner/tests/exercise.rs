//! A learner's way through an exercise, with the real cargo and real packets.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{root, run, run_judged, workspace::Workspace};

const ANSWER: &str = "answers/ch05-no-stall/src/main.rs";

fn work() -> Workspace {
    Workspace::with("ch05-delayed-ack")
}

fn ours(name: &str) -> String {
    let folder = "labs/ch05-delayed-ack/exercises/no-stall";
    fs::read_to_string(root().join(folder).join(name)).unwrap()
}

#[test]
fn from_the_starter_to_the_solution() {
    let work = work();
    let judged = |words: &str| run_judged(&mut work.command(words));
    work.run("exercise check no-stall")
        .could_not(&["exercise start ch05/no-stall"]);
    work.run("exercise list").says(&["ch05/no-stall  ", " 0 of 10  make"]);
    work.run("exercise start no-stall").says(&["# Three requests", ANSWER]);
    work.run("exercise start no-stall").could_not(&["is there already"]);
    work.run("exercise hint no-stall").could_not(&["exercise check"]);

    let said = judged("exercise check no-stall");
    assert_eq!(said.code, 1, "{}", said.all());
    said.says(&[
        "ok    ① three requests arrive whole",
        "FAIL  ② no request waits for a delayed ACK (4)",
        "wanted  TcpExtDelayedACKs of server: 0",
        "open  ③",
        "3 of 10 points",
    ]);
    work.run("exercise hint no-stall").says(&["1: Look at", "2 more"]);
    work.run("exercise hint no-stall").says(&["2: Nagle's", "1 more"]);
    work.run("exercise solution no-stall").could_not(&["not passed yet"]);

    work.edit(ANSWER, |text| text.replace("Ok(())", "Okay(())"));
    let said = judged("exercise check no-stall");
    assert_eq!(said.code, 1, "{}", said.all());
    said.says(&["cannot find function", "does not compile yet"]);

    work.edit(ANSWER, |_| ours("wrong/nodelay.rs"));
    let said = judged("exercise check no-stall");
    said.says(&["FAIL  ③ each request is one segment", "7 of 10 points"]);
    work.run("exercise hint no-stall").says(&["1: It is quick now"]);

    work.edit(ANSWER, |_| ours("solution.rs"));
    let said = judged("exercise check no-stall");
    assert_eq!(said.code, 0, "{}", said.all());
    said.says(&["PASS  10 of 10 points"]);
    work.run("exercise list")
        .says(&["passed   ch05/no-stall", "10 of 10  make"]);
    work.run("exercise solution no-stall").says(&["BufWriter"]);

    work.run("exercise reset no-stall").says(&["yours is now", "main.rs.1"]);
    let kept = fs::read_to_string(work.at().join(format!("{ANSWER}.1")));
    assert_eq!(kept.unwrap(), ours("solution.rs"));
    work.run("exercise list").says(&["passed   ch05/no-stall"]);
}

#[test]
fn python_and_c_may_answer() {
    let work = work();
    let other = root().join("labs/ch05-delayed-ack/exercises/no-stall/other");
    let c = work.at().join("answer");
    let mut compile = Command::new("cc");
    compile.args(["-Wall", "-Wextra", "-Werror", "-o"]);
    let compiled = run(compile.arg(&c).arg(other.join("answer.c")));
    assert_eq!(compiled.code, 0, "{}", compiled.all());
    let check = |program: &[&Path]| {
        let mut command = work.command("exercise check no-stall --json --exec");
        command.args(program);
        command
    };
    let python = |file: &str| check(&["python3".as_ref(), &other.join(file)]);

    for mut command in [check(&[&c]), python("answer.py")] {
        let said = run_judged(&mut command);
        assert_eq!(said.code, 0, "{}", said.all());
        assert_eq!(said.json()[0]["points"], 10, "{}", said.all());
    }
    let said = run(&mut python("wrong.py"));
    // On a machine that other tests keep busy, a failure may be excused.
    assert!([1, 2].contains(&said.code), "{}", said.all());
    assert_eq!(said.json()[0]["points"], 7, "{}", said.all());
    assert_eq!(said.json()[0]["rules"][2]["saw"], "6", "{}", said.all());
}

#[test]
fn any_program_may_answer() {
    let work = work();
    let script = r#"exec 3<>"/dev/tcp/${1%:*}/${1#*:}"
        for round in 1 2 3; do
            printf 'header, body' >&3
            read -r -N 6 <&3
        done"#;
    fs::write(work.at().join("answer.sh"), script).unwrap();
    let words = "exercise check no-stall --json --exec bash answer.sh";
    let said = run_judged(&mut work.command(words));
    assert_eq!(said.code, 0, "{}", said.all());
    assert_eq!(said.json()[0]["points"], 10, "{}", said.all());

    let words = "exercise check no-stall --json --exec true";
    let said = run(&mut work.command(words));
    // Three seconds on a machine that other tests keep busy may be excused.
    assert!([1, 2].contains(&said.code), "{}", said.all());
    assert_eq!(said.json()[0]["points"], 0, "{}", said.all());
}
