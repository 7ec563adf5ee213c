//! Small things that the tests share: the runner, projects of fixture labs,
//! committed traces.
#![allow(dead_code, reason = "each test file uses its own part of this")]

pub(crate) mod class;
pub(crate) mod processes;
pub(crate) mod project;
pub(crate) mod workspace;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lab_kit::Evidence;
use serde_json::Value;

#[allow(unused_imports, reason = "as above")]
pub(crate) use project::{Project, fixture};

/// The workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the workspace is above").into()
}

/// The runner on the real labs, deaf to what this machine's user has set.
pub(crate) fn runner() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab-runner"));
    command
        .env("LAB_ROOT", root())
        .env("CI", "1")
        .env_remove("COLUMNS")
        .env_remove("CLICOLOR_FORCE");
    command
}

/// What a program answered.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn run(command: &mut Command) -> Said {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    Said {
        code: status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&stdout).into(),
        err: String::from_utf8_lossy(&stderr).into(),
    }
}

/// As [`run`], but again when the machine stood still: nothing follows from
/// such a run, and tests share their two cores with others.
pub(crate) fn run_judged(command: &mut Command) -> Said {
    for _ in 0..6 {
        let said = run(command);
        if !said.all().contains("the machine stood still") {
            return said;
        }
    }
    run(command)
}

impl Said {
    /// Both outputs, for the message of a failed test.
    pub(crate) fn all(&self) -> String {
        format!("exit {}\n{}\n{}", self.code, self.out, self.err)
    }

    /// Exit code 2, and every one of these words.
    #[track_caller]
    pub(crate) fn could_not(&self, words: &[&str]) {
        assert_eq!(self.code, 2, "{}", self.all());
        self.says(words);
    }

    #[track_caller]
    pub(crate) fn says(&self, words: &[&str]) {
        for word in words {
            assert!(self.all().contains(word), "no {word:?} in {}", self.all());
        }
    }

    /// Standard output as JSON, an object a line.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<Value> {
        let line = |line| {
            serde_json::from_str(line)
                .unwrap_or_else(|e| panic!("{e}: {line}\n{}", self.err))
        };
        self.out.lines().map(line).collect()
    }

    /// The evidence of the only run.
    #[track_caller]
    pub(crate) fn evidence(&self) -> Evidence {
        assert_ne!(self.code, 2, "{}", self.all());
        let all = self.json();
        serde_json::from_value(all[0]["evidence"].clone())
            .unwrap_or_else(|e| panic!("{e}: {}", self.all()))
    }
}

/// The report without what differs from run to run and machine to machine.
pub(crate) fn redacted(text: &str) -> String {
    let mut done = String::new();
    for line in text.lines() {
        let mut line = line.trim_end().to_string();
        if let Some(at) = line.find("  Linux ") {
            line.replace_range(at.., "  Linux KERNEL");
        }
        if let (Some(a), Some(b)) = (line.find(" in "), line.find(" ms")) {
            line.replace_range(a + 4..b, "N");
        }
        done += &line;
        done.push('\n');
    }
    done
}
