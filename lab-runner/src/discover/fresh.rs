//! A program and its sources -> whether cargo would find nothing to do. Asking
//! cargo itself takes several times as long as an experiment.
//!
//! `PROGRAM.fresh` is as old as the beginning of the build that made it; `./run`
//! reads and writes such files, too. A source must be older than that, strictly:
//! what was saved while cargo compiled is compiled again.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What changes a build without changing a file.
const TURNS: [&str; 4] =
    ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC", "RUSTC_WRAPPER"];

/// A package's program, if no file that it was made of has changed since.
pub(super) fn program(
    root: &Path,
    target: &Path,
    package: &str,
) -> Option<PathBuf> {
    if turned() {
        return None;
    }
    let program = target.join("debug").join(package);
    let built = modified(&beside(&program, "fresh"))?;
    if !program.is_file() {
        return None;
    }
    let list = fs::read_to_string(beside(&program, "d")).ok()?;
    let sources = sources(&list)?;
    let files = sources.iter().cloned().chain(settings(root, &sources));
    let mut files = files.map(|file| modified(&file));
    files.all(|it| it.is_some_and(|it| it < built)).then_some(program)
}

/// A build that has begun.
pub(super) struct Begun(Vec<(PathBuf, PathBuf)>);

impl Begun {
    pub(super) fn now(target: &Path, packages: &[&str]) -> Begun {
        let pid = std::process::id();
        let notes = packages.iter().filter_map(|package| {
            let program = target.join("debug").join(package);
            let note = beside(&program, &format!("fresh.{pid}"));
            fs::write(&note, "").ok()?;
            Some((note, beside(&program, "fresh")))
        });
        Begun(notes.collect())
    }

    /// It ended well.
    pub(super) fn ended(mut self) {
        for (note, kept) in self.0.drain(..) {
            let _ = fs::rename(note, kept);
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        for (note, _) in &self.0 {
            let _ = fs::remove_file(note);
        }
    }
}

fn turned() -> bool {
    let groups = ["CARGO_BUILD_", "CARGO_PROFILE_", "CARGO_TARGET_X"];
    std::env::vars_os().any(|(name, _)| {
        let name = name.to_string_lossy();
        TURNS.contains(&&*name) || groups.iter().any(|it| name.starts_with(it))
    })
}

fn beside(program: &Path, ending: &str) -> PathBuf {
    let mut name = program.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// `program: source source`, as cargo leaves it: a space in a name is `\ `.
fn sources(list: &str) -> Option<Vec<PathBuf>> {
    let (_, list) = list.lines().next()?.split_once(": ")?;
    let list = list.replace("\\ ", "\0");
    let names = list.split(' ').filter(|name| !name.is_empty());
    Some(names.map(|name| name.replace('\0', " ").into()).collect())
}

/// The manifests above the sources, and what else cargo goes by.
fn settings(root: &Path, sources: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut all: BTreeSet<PathBuf> =
        ["Cargo.toml", "Cargo.lock"].map(|name| root.join(name)).into();
    let optional = [".cargo/config.toml", "rust-toolchain.toml"];
    let optional = optional.iter().map(|name| root.join(name));
    let folders = sources.iter().flat_map(|source| source.ancestors().skip(1));
    let folders: BTreeSet<&Path> =
        folders.filter(|folder| folder.starts_with(root)).collect();
    let manifests = folders.iter().map(|folder| folder.join("Cargo.toml"));
    all.extend(optional.chain(manifests).filter(|path| path.exists()));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Built {
        root: tempfile::TempDir,
        target: PathBuf,
    }

    /// A program of two sources, built just now.
    fn built() -> Built {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let target = at("target");
        fs::create_dir_all(target.join("debug")).unwrap();
        fs::create_dir_all(at("labs/x y/src")).unwrap();
        for name in ["Cargo.toml", "Cargo.lock", "labs/x y/Cargo.toml"] {
            old(&at(name));
        }
        let sources = ["main.rs", "other.rs"].map(|name| {
            let path = at("labs/x y/src").join(name);
            old(&path);
            path.display().to_string().replace(' ', "\\ ")
        });
        let list = format!("{}: {}\n", "it", sources.join(" "));
        fs::write(target.join("debug/x.d"), list).unwrap();
        fs::write(target.join("debug/x"), "").unwrap();
        Begun::now(&target, &["x"]).ended();
        Built { root, target }
    }

    fn old(path: &Path) {
        let file = fs::File::create(path).unwrap();
        let minute = std::time::Duration::from_secs(60);
        file.set_modified(SystemTime::now() - minute).unwrap();
    }

    impl Built {
        fn is_fresh(&self) -> bool {
            program(self.root.path(), &self.target, "x").is_some()
        }

        fn touch(&self, name: &str) {
            let file = fs::File::options().append(true).open(self.at(name));
            file.unwrap().set_modified(SystemTime::now()).unwrap();
        }

        fn at(&self, name: &str) -> PathBuf {
            self.root.path().join(name)
        }
    }

    #[test]
    fn what_was_changed_is_built_again() {
        assert!(built().is_fresh());
        for name in
            ["labs/x y/src/other.rs", "labs/x y/Cargo.toml", "Cargo.lock"]
        {
            let built = built();
            built.touch(name);
            assert!(!built.is_fresh(), "{name}");
        }
    }

    #[test]
    fn what_has_gone_or_was_never_built_is_built_again() {
        for name in
            ["labs/x y/src/other.rs", "target/debug/x", "target/debug/x.d"]
        {
            let built = built();
            fs::remove_file(built.at(name)).unwrap();
            assert!(!built.is_fresh(), "{name}");
        }
        let built = built();
        assert!(program(built.root.path(), &built.target, "y").is_none());
    }

    #[test]
    fn a_build_that_fails_leaves_no_trace() {
        let built = built();
        built.touch("labs/x y/src/main.rs");
        drop(Begun::now(&built.target, &["x"]));
        assert!(!built.is_fresh());
        assert!(
            !built
                .at(&format!("target/debug/x.fresh.{}", std::process::id()))
                .exists()
        );
    }
}
