//! A copy of the workspace with our kit and little else, for the real cargo.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::{Said, project::target, root, run, runner};

/// A workspace of our kit and nothing else.
pub(crate) struct Workspace(tempfile::TempDir);

impl Workspace {
    pub(crate) fn new() -> Workspace {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"));
        let dir = dir.expect("a temporary folder");
        let at = dir.path();
        let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
        let lines = manifest.lines().filter(|l| !l.starts_with("default-"));
        let lines = lines.map(|line| match line.starts_with("members") {
            true => "members = [\"labs/*\"]",
            false => line,
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        fs::write(at.join("Cargo.toml"), text).unwrap();
        fs::copy(root().join("Cargo.lock"), at.join("Cargo.lock")).unwrap();
        fs::create_dir_all(at.join("labs")).unwrap();
        fs::create_dir_all(at.join("book/src")).unwrap();
        symlink(root().join("labs/kit"), at.join("labs/kit")).unwrap();
        let summary = "# Summary\n\n- [5. Old](ch05-old.md)\n";
        fs::write(at.join("book/src/SUMMARY.md"), summary).unwrap();
        Workspace(dir)
    }

    /// With a lab of ours in it.
    pub(crate) fn with(lab: &str) -> Workspace {
        let work = Workspace::new();
        let inside = format!("labs/{lab}");
        symlink(root().join(&inside), work.at().join(&inside)).unwrap();
        work
    }

    pub(crate) fn at(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = runner();
        command
            .env("LAB_ROOT", self.at())
            .env("CARGO_TARGET_DIR", target())
            .env("CARGO_NET_OFFLINE", "true")
            .current_dir(self.at())
            .args(words.split(' '));
        command
    }

    pub(crate) fn run(&self, words: &str) -> Said {
        run(&mut self.command(words))
    }

    pub(crate) fn edit(&self, path: &str, how: impl Fn(String) -> String) {
        let path = self.at().join(path);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, how(text)).unwrap();
    }
}
