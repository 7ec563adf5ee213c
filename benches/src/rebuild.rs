//! The project -> a copy of what one chapter is compiled of, to be edited: the
//! reader's own files are never touched.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// What is copied. The copy's own lab-runner is the one that is measured.
const PARTS: [&str; 2] = ["labs/kit", "labs/ch05-delayed-ack"];

/// The copy; made again each time, but what was compiled of it is kept.
pub(crate) fn copy(project: &Path, scratch: &Path) -> Result<PathBuf> {
    let root = scratch.join("rebuild");
    for part in PARTS {
        let to = root.join(part);
        let _ = fs::remove_dir_all(&to);
        folder(&project.join(part), &to)
            .with_context(|| format!("copy {part}"))?;
    }
    let manifest = project.join("Cargo.toml");
    let text = fs::read_to_string(&manifest)
        .with_context(|| format!("read {}", manifest.display()))?;
    fs::write(root.join("Cargo.toml"), labs_only(&text))?;
    fs::copy(project.join("Cargo.lock"), root.join("Cargo.lock"))?;
    Ok(root)
}

/// The workspace's manifest, with what is not in the copy taken out.
fn labs_only(manifest: &str) -> String {
    let mut text = String::new();
    for line in manifest.lines() {
        match line.split(" = ").next() {
            Some("members") => text += "members = [\"labs/*\"]",
            Some("default-members" | "exclude") => {}
            _ => text += line,
        }
        text.push('\n');
    }
    text
}

fn folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (entry, to) = (entry?.path(), to);
        let to = to.join(entry.file_name().context("a name")?);
        if entry.is_dir() {
            folder(&entry, &to)?;
        } else {
            fs::copy(&entry, &to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_is_a_workspace_of_labs() {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let scratch = tempfile::tempdir().unwrap();
        let root = copy(&project, scratch.path()).unwrap();
        let text = fs::read_to_string(root.join("Cargo.toml")).unwrap();
        assert!(text.contains("\nmembers = [\"labs/*\"]\n"), "{text}");
        assert!(!text.contains("benches/labs"), "{text}");
        assert!(root.join("labs/kit/src/lib.rs").is_file());
        assert!(root.join("labs/ch05-delayed-ack/snapshots").is_dir());
    }
}
