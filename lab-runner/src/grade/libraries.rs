//! What an answer in Rust may use beside std -> libraries, built once, by us,
//! in a folder that holds nothing else: a compiler in a box sees all of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::ask::dying_with_us;
use crate::discover::Project;
use crate::exercise::{cargo_build, manifest, no_rust};

/// A compiler, and the libraries that it may link.
pub(crate) struct Libraries {
    /// The folder of the toolchain.
    pub(crate) toolchain: PathBuf,
    /// Holds the libraries and what they use.
    pub(crate) folder: PathBuf,
    /// `socket2` and its file's name.
    pub(crate) named: Vec<(String, String)>,
}

const PACKAGE: &str = "lab-answer-libraries";

impl Libraries {
    /// Builds them, if they aren't there.
    pub(crate) fn build(project: &Project) -> Result<Libraries> {
        let at = project.target().join("libraries");
        let folder = at.join("kept");
        let tried = || {
            format!(
                "write in {}; CARGO_TARGET_DIR names another place",
                at.display()
            )
        };
        fs::create_dir_all(at.join("src")).with_context(tried)?;
        fs::create_dir_all(&folder).with_context(tried)?;
        let manifest = manifest(PACKAGE);
        write_if_new(manifest.as_bytes(), &at.join("Cargo.toml"))
            .with_context(tried)?;
        write_if_new(b"fn main() {}\n", &at.join("src/main.rs"))
            .with_context(tried)?;
        let built = artifacts(&built(project, &at)?);
        let direct = direct(&manifest);
        let mut named = Vec::new();
        for (name, file) in built {
            let own = file.file_name().context("a library's name")?;
            copy_if_new(&file, &folder.join(own))?;
            if direct.contains(&name) {
                named.push((name, own.to_string_lossy().into_owned()));
            }
        }
        if named.len() != direct.len() {
            bail!("cargo built {named:?} of {direct:?}");
        }
        Ok(Libraries { toolchain: toolchain(project)?, folder, named })
    }
}

fn built(project: &Project, at: &Path) -> Result<Vec<u8>> {
    let output = cargo_build(project, at, &["--message-format=json"])?;
    if !output.status.success() {
        bail!(
            "the libraries that answers may use do not build: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(output.stdout)
}

/// Crates and their `.rlib`.
fn artifacts(lines: &[u8]) -> BTreeMap<String, PathBuf> {
    let lines = lines.split(|&b| b == b'\n');
    let messages =
        lines.filter_map(|l| serde_json::from_slice::<Value>(l).ok());
    let mut all = BTreeMap::new();
    for message in messages {
        let Some(name) = message["target"]["name"].as_str() else { continue };
        let Some(files) = message["filenames"].as_array() else { continue };
        let paths = files.iter().filter_map(Value::as_str).map(PathBuf::from);
        for path in paths.filter(|p| p.extension().is_some_and(|e| e == "rlib"))
        {
            all.insert(name.to_string(), path);
        }
    }
    all
}

/// The crates that the manifest names.
fn direct(manifest: &str) -> Vec<String> {
    let table: toml::Table = manifest.parse().unwrap_or_default();
    let named = table.get("dependencies").and_then(toml::Value::as_table);
    named.into_iter().flat_map(|table| table.keys().cloned()).collect()
}

fn copy_if_new(from: &Path, to: &Path) -> Result<()> {
    let bytes =
        fs::read(from).with_context(|| format!("read {}", from.display()))?;
    write_if_new(&bytes, to)
}

/// Another grading may be using the one that is there: on this machine, or on
/// another of a cluster.
fn write_if_new(bytes: &[u8], to: &Path) -> Result<()> {
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    crate::check::write_whole(to, bytes)
}

/// rustup's cargo and rustc are one program that looks for the real ones: a
/// compiler in a box is named by its own path.
fn toolchain(project: &Project) -> Result<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or("rustc".into());
    let mut command = Command::new(rustc);
    command.args(["--print", "sysroot"]).current_dir(&project.root);
    let output = dying_with_us(&mut command).output().map_err(no_rust)?;
    let path = String::from_utf8_lossy(&output.stdout).trim().to_string();
    match Path::new(&path).join("bin/rustc").is_file() {
        true => Ok(path.into()),
        false => bail!("rustc's folder is {path:?}, and no bin/rustc is there"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_may_be_reading_is_not_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("main.rs");
        write_if_new(b"fn main() {}", &path).unwrap();
        let mut held = fs::File::open(&path).unwrap();
        let changed = || fs::metadata(&path).unwrap().modified().unwrap();
        let before = changed();
        write_if_new(b"fn main() {}", &path).unwrap();
        assert_eq!(changed(), before);
        write_if_new(b"fn main() { }", &path).unwrap();
        let text = std::io::read_to_string(&mut held).unwrap();
        assert_eq!(text, "fn main() {}", "it was changed under a reader");
        assert_eq!(fs::read(&path).unwrap(), b"fn main() { }");
    }
}
