//! Sources -> programs: one workspace, one call of cargo, without a network.
//!
//! Only the text of an answer is taken: what else lies in its folder (a
//! manifest, a build script, a cargo configuration) is not looked at.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::fcntl::{Flock, FlockArg};
use serde_json::Value;

use super::cargo_build;
use crate::discover::Project;

/// A source file and the package that it becomes.
pub(crate) struct Source {
    /// `ch05-no-stall-solution`
    pub(crate) package: String,
    pub(crate) file: PathBuf,
}

/// What an answer in Rust may use beside std: what labs use.
const MANIFEST: &str = r#"[package]
name = "@PACKAGE@"
edition = "2024"

[dependencies]
anyhow = "1"
libc = "0.2"
nix = { version = "0.31", features = ["event", "net", "poll", "process", "signal", "socket"] }
socket2 = { version = "0.6", features = ["all"] }
"#;

/// The manifest of a learner's own folder, which editors read.
pub(crate) fn manifest(package: &str) -> String {
    MANIFEST.replace("@PACKAGE@", package) + "\n[workspace]\n"
}

/// Builds them; each to its program, or to what the compiler says.
pub(crate) fn build(
    project: &Project,
    sources: &[Source],
) -> Result<Vec<Result<PathBuf, String>>> {
    let at = project.target().join("answers");
    fs::create_dir_all(&at).with_context(|| at.display().to_string())?;
    let _alone = alone(&at)?;
    workspace(&at, sources)?;
    let words =
        ["--keep-going", "--message-format=json-diagnostic-rendered-ansi"];
    let output = cargo_build(project, &at, &words)?;
    let built = built(&output.stdout);
    let words = String::from_utf8_lossy(&output.stderr).trim().to_string();
    let one = |source: &Source| match built.programs.get(&source.package) {
        Some(program) => Ok(program.clone()),
        None => {
            Err(built.errors.get(&source.package).unwrap_or(&words).clone())
        }
    };
    Ok(sources.iter().map(one).collect())
}

/// Writes the workspace anew; files that are the same keep their times, so
/// that cargo builds only what changed.
fn workspace(at: &Path, sources: &[Source]) -> Result<()> {
    let members: Vec<_> =
        sources.iter().map(|s| format!("{:?}", s.package)).collect();
    let text = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[profile.dev]\n\
         debug = false\n",
        members.join(", ")
    );
    write(&at.join("Cargo.toml"), text.as_bytes())?;
    for source in sources {
        let folder = at.join(&source.package);
        fs::create_dir_all(folder.join("src"))?;
        let manifest = MANIFEST.replace("@PACKAGE@", &source.package);
        write(&folder.join("Cargo.toml"), manifest.as_bytes())?;
        let text = fs::read(&source.file)
            .with_context(|| format!("read {}", source.file.display()))?;
        write(&folder.join("src/main.rs"), &text)?;
    }
    Ok(())
}

/// Two runners that build at once would write each other's workspace; the lock
/// goes with its holder.
fn alone(at: &Path) -> Result<Flock<File>> {
    let file = File::create(at.join("lock")).context("target/answers/lock")?;
    Flock::lock(file, FlockArg::LockExclusive)
        .map_err(|(_, errno)| anyhow::anyhow!("lock target/answers: {errno}"))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).with_context(|| format!("write {}", path.display()))
}

#[derive(Default)]
struct Built {
    programs: BTreeMap<String, PathBuf>,
    errors: BTreeMap<String, String>,
}

fn built(lines: &[u8]) -> Built {
    let mut built = Built::default();
    let lines = lines.split(|&b| b == b'\n');
    let all = lines.filter_map(|l| serde_json::from_slice::<Value>(l).ok());
    for message in all {
        let Some(name) = message["target"]["name"].as_str() else { continue };
        if let Some(program) = message["executable"].as_str() {
            built.programs.insert(name.into(), program.into());
        }
        let is_error = message["message"]["level"] == "error";
        if let Some(text) = message["message"]["rendered"].as_str()
            && is_error
        {
            built.errors.entry(name.into()).or_default().push_str(text);
        }
    }
    built
}
