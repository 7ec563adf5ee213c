//! The project's files, and which of them students get.
//!
//! What git knows, where there is git: a teacher's roster or notes that lie
//! about are not handed out. Elsewhere, what belongs to a project.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::exercise::Found;

/// What a project consists of, at its top.
const TOP: [&str; 23] = [
    ".ci",
    ".devcontainer",
    ".github",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "Vagrantfile",
    "benches",
    "book",
    "classroom",
    "clippy.toml",
    "fuzz",
    "lab-runner",
    "labs",
    "run",
    "rustfmt.toml",
    "scripts",
];

/// Our tests answer exercises. The fixtures are members of the workspace.
const TESTS: [&str; 3] = ["fuzz", "lab-runner/tests", "book/lab-book/tests"];
const FIXTURES: &str = "lab-runner/tests/fixtures/labs";

/// Which files students get.
pub(super) struct Wanted {
    /// Folders of exercises, below the project.
    exercises: BTreeSet<PathBuf>,
}

impl Wanted {
    pub(super) fn of(root: &Path, exercises: &[Found]) -> Wanted {
        let folder = |found: &Found| {
            let folder = found.file("");
            folder.strip_prefix(root).unwrap_or(&folder).to_path_buf()
        };
        Wanted { exercises: exercises.iter().map(folder).collect() }
    }

    pub(super) fn takes(&self, path: &Path) -> bool {
        if TESTS.iter().any(|tests| path.starts_with(tests)) {
            return path.starts_with(FIXTURES);
        }
        let parts: Vec<_> =
            path.components().map(|part| part.as_os_str()).collect();
        match parts[..] {
            [labs, _, exercises, _, ref file @ ..]
                if labs == "labs" && exercises == "exercises" =>
            {
                // Named, so that nothing else can slip in.
                let [file] = file else { return false };
                let is_given = *file == "task.md" || *file == "starter.rs";
                let folder: PathBuf = parts[..4].iter().collect();
                is_given && self.exercises.contains(&folder)
            }
            _ => true,
        }
    }
}

/// Every file of the project, sorted.
pub(super) fn list(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = match root.join(".git").exists() {
        true => known_to_git(root)?,
        false => Vec::new(),
    };
    if files.is_empty() {
        for top in TOP.iter().map(Path::new) {
            walk(root, top, &mut files)?;
        }
    }
    files.sort();
    for path in &files {
        if !fs::symlink_metadata(root.join(path))?.is_file() {
            bail!("{} is no regular file", root.join(path).display());
        }
    }
    Ok(files)
}

/// What git knows and is there; nothing, if it can't be asked.
fn known_to_git(root: &Path) -> Result<Vec<PathBuf>> {
    let asked = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z"])
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let Ok(answer) = asked else { return Ok(Vec::new()) };
    if !answer.status.success() {
        return Ok(Vec::new());
    }
    let names = String::from_utf8(answer.stdout)
        .context("git ls-files: a file's name is not UTF-8")?;
    let names = names.split('\0').filter(|name| !name.is_empty());
    let paths = names.map(PathBuf::from);
    // One that is deleted and not committed yet is still known.
    Ok(paths.filter(|path| root.join(path).exists()).collect())
}

fn walk(root: &Path, at: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let from = root.join(at);
    let Ok(kind) = fs::symlink_metadata(&from) else { return Ok(()) };
    if !kind.is_dir() {
        files.push(at.into());
        return Ok(());
    }
    let tried = || format!("list {}", from.display());
    for entry in fs::read_dir(&from).with_context(tried)? {
        let name = entry.with_context(tried)?.file_name();
        let shown = name.to_string_lossy();
        // What building, editing and judging leave.
        let left = shown.ends_with(".snap.new")
            || shown.ends_with('~')
            || shown.ends_with(".pending-snap")
            || shown == "target";
        if !left {
            walk(root, &at.join(&name), files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exercise_is_its_task_and_its_starter() {
        let exercises = ["labs/ch05-x/exercises/no-stall"].map(PathBuf::from);
        let wanted = Wanted { exercises: exercises.into() };
        let takes = |path: &str| wanted.takes(Path::new(path));
        for path in [
            "labs/ch05-x/exercises/no-stall/task.md",
            "labs/ch05-x/exercises/no-stall/starter.rs",
            "labs/ch05-x/src/no_stall.rs",
            "labs/kit/src/exercise.rs",
            "lab-runner/tests/fixtures/labs/ch90-small/src/main.rs",
            "run",
        ] {
            assert!(takes(path), "{path}");
        }
        for path in [
            "labs/ch05-x/exercises/no-stall/solution.rs",
            "labs/ch05-x/exercises/no-stall/solution.rs.orig",
            "labs/ch05-x/exercises/no-stall/wrong/nodelay.rs",
            "labs/ch05-x/exercises/no-stall/other/task.md",
            "labs/ch05-x/exercises/later/task.md",
            "labs/ch05-x/exercises/README.md",
            "lab-runner/tests/exercise.rs",
            "book/lab-book/tests/book/real.rs",
        ] {
            assert!(!takes(path), "{path}");
        }
    }

    #[test]
    fn without_git_a_project_is_what_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let put = |path: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        };
        let ours = ["Cargo.toml", "labs/ch05-x/src/main.rs", "run"];
        let others = [
            "roster.csv",
            "target/debug/x",
            "answers/progress.json",
            "labs/ch05-x/snapshots/a.snap.new",
            "labs/ch05-x/src/main.rs~",
        ];
        ours.into_iter().chain(others).for_each(put);
        assert_eq!(list(dir.path()).unwrap(), ours.map(PathBuf::from));
        let link = dir.path().join("labs/key");
        std::os::unix::fs::symlink("/etc/passwd", link).unwrap();
        let refused = list(dir.path()).unwrap_err().to_string();
        assert!(refused.contains("labs/key is no regular file"), "{refused}");
    }

    #[test]
    fn everything_that_git_knows_is_named() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for path in list(root).unwrap() {
            let known = TOP.iter().any(|top| path.starts_with(top));
            assert!(known, "{} is not in TOP", path.display());
        }
    }
}
