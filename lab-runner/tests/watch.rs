//! `exercise watch`: a learner who saves, in the ways in which editors do.

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use common::{root, workspace::Workspace};

const LONGEST: Duration = Duration::from_secs(120);

/// A runner that watches; it dies with the test.
struct Watching {
    child: Child,
    lines: Receiver<String>,
    answer: PathBuf,
}

impl Watching {
    fn start(work: &Workspace) -> Watching {
        work.run("exercise start no-stall").says(&["main.rs"]);
        let mut command = work.command("exercise watch no-stall");
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = channel();
        thread::spawn(move || {
            out.lines().map_while(Result::ok).try_for_each(|l| tell.send(l))
        });
        let answer = work.at().join("answers/ch05-no-stall/src/main.rs");
        Watching { child, lines, answer }
    }

    /// What it says until it waits again, or ends.
    fn says(&self, wanted: &str) {
        let mut said = String::new();
        loop {
            let line = self.lines.recv_timeout(LONGEST);
            let line = line.unwrap_or_else(|e| panic!("{e} after {said}"));
            let stops =
                line.starts_with("waiting for") || line.contains("next:");
            said += &(line + "\n");
            if stops {
                break;
            }
        }
        // What is said of a machine that stood still says nothing of the answer.
        let open = said.contains("INCONCLUSIVE");
        assert!(open || said.contains(wanted), "no {wanted:?} in {said}");
    }

    fn is_quiet(&self) {
        let line = self.lines.recv_timeout(Duration::from_millis(300));
        assert!(line.is_err(), "it says {line:?}");
    }

    /// Another file takes its place, as vim and sed -i do.
    fn replace(&self, text: &str) {
        let beside = self.answer.with_extension("new");
        fs::write(&beside, text).unwrap();
        fs::rename(&beside, &self.answer).unwrap();
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ours(name: &str) -> String {
    let folder = "labs/ch05-delayed-ack/exercises/no-stall";
    let file: &Path = &root().join(folder).join(name);
    fs::read_to_string(file).unwrap()
}

#[test]
fn every_way_to_save_is_seen() {
    let work = Workspace::with("ch05-delayed-ack");
    let mut watching = Watching::start(&work);
    watching.says("FAIL  ② no request waits for a delayed ACK");

    // Nothing new, and nothing of ours.
    fs::write(&watching.answer, ours("starter.rs")).unwrap();
    fs::write(watching.answer.with_extension("swp"), "x").unwrap();
    watching.is_quiet();

    watching.replace("fn main() { nothing() }\n");
    watching.says("does not compile yet");

    fs::remove_file(&watching.answer).unwrap();
    watching.is_quiet();
    fs::write(&watching.answer, ours("wrong/nodelay.rs")).unwrap();
    watching.says("FAIL  ③ each request is one segment");

    watching.replace(&ours("solution.rs"));
    watching.says("PASS  10 of 10 points");
    assert_eq!(watching.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_folder_that_goes_away_ends_it() {
    let work = Workspace::with("ch05-delayed-ack");
    let mut watching = Watching::start(&work);
    watching.says("FAIL  ② no request waits for a delayed ACK");
    fs::remove_dir_all(work.at().join("answers")).unwrap();
    assert_eq!(watching.child.wait().unwrap().code(), Some(2));
}
