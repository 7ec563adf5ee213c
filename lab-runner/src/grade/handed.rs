//! What intake took of a submission -> the answer to one exercise, or why there
//! is none.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use lab_kit::Kind;
use sha2::{Digest, Sha256};

use super::intake::hexadecimal;
use crate::exercise::Found;

/// What somebody handed in for an exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Handed {
    Nothing,
    /// Something, but no answer.
    Unclear(String),
    /// The file that begins it.
    Source(Language, PathBuf),
    /// A form.
    Form(PathBuf),
}

/// What an answer is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Rust,
    C,
    Python,
}

const SOURCES: [(Language, &str); 7] = [
    (Language::Rust, "src/main.rs"),
    (Language::Rust, "main.rs"),
    (Language::Rust, "answer.rs"),
    (Language::C, "main.c"),
    (Language::C, "answer.c"),
    (Language::Python, "main.py"),
    (Language::Python, "answer.py"),
];
const FORM: &str = "answer.toml";

/// Looks where a learner's `answers/` has it; in the submission itself if
/// there is only one exercise.
pub(crate) fn handed(taken: &Path, found: &Found, only: bool) -> Handed {
    let slug = found.slug();
    let mut folders =
        vec![taken.join(&slug), taken.join("answers").join(&slug)];
    if only && has_files(taken) {
        folders.push(taken.into());
    }
    let there: Vec<&PathBuf> =
        folders.iter().filter(|folder| folder.is_dir()).collect();
    let answers: Vec<Handed> = there
        .iter()
        .flat_map(|folder| answers(folder, found.task.kind))
        .collect();
    match &answers[..] {
        [one] => one.clone(),
        [] if there.is_empty() => Handed::Nothing,
        [] => Handed::Unclear(format!(
            "there is no {} in it",
            wanted(found.task.kind).join(", ")
        )),
        several => {
            let names = several.iter().filter_map(Handed::path);
            let names = names.map(|path| relative(path, taken));
            let names: Vec<String> = names.collect();
            Handed::Unclear(format!(
                "which is the answer: {}?",
                names.join(" or ")
            ))
        }
    }
}

impl Handed {
    /// Of what a mark for it rests on.
    pub(super) fn digest(&self, taken: &Path) -> Result<String> {
        match self {
            Handed::Nothing => Ok(String::new()),
            Handed::Unclear(_) => digest(taken),
            Handed::Source(_, path) | Handed::Form(path) => {
                digest(path.parent().context("an answer's folder")?)
            }
        }
    }

    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Handed::Source(_, path) | Handed::Form(path) => Some(path),
            Handed::Nothing | Handed::Unclear(_) => None,
        }
    }
}

fn answers(folder: &Path, kind: Kind) -> Vec<Handed> {
    let there = |name: &str| {
        let path = folder.join(name);
        path.is_file().then_some(path)
    };
    match kind {
        Kind::Make => SOURCES
            .iter()
            .filter_map(|(language, name)| {
                Some(Handed::Source(*language, there(name)?))
            })
            .collect(),
        Kind::Diagnose | Kind::Predict => {
            there(FORM).map(Handed::Form).into_iter().collect()
        }
    }
}

fn wanted(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Make => SOURCES.iter().map(|(_, name)| *name).collect(),
        Kind::Diagnose | Kind::Predict => vec![FORM],
    }
}

/// Folders of other exercises are none of this one's business.
fn has_files(folder: &Path) -> bool {
    let list = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths = list.map(|entry| entry.path());
    paths.any(|path| path.is_file() || path.ends_with("src"))
}

fn relative(path: &Path, to: &Path) -> String {
    path.strip_prefix(to).unwrap_or(path).display().to_string()
}

/// Of the names and contents of a folder's files, in order.
fn digest(folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    collect(folder, folder, &mut files)?;
    files.sort();
    let mut all = Sha256::new();
    for (name, bytes) in files {
        all.update((name.len() as u64).to_le_bytes());
        all.update(name);
        all.update((bytes.len() as u64).to_le_bytes());
        all.update(bytes);
    }
    Ok(hexadecimal(all.finalize()))
}

fn collect(
    root: &Path,
    folder: &Path,
    files: &mut Vec<(Vec<u8>, Vec<u8>)>,
) -> Result<()> {
    for entry in fs::read_dir(folder)
        .with_context(|| format!("read {}", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            let name = path.strip_prefix(root).unwrap_or(&path);
            let name = name.as_os_str().as_encoded_bytes().to_vec();
            files.push((name, fs::read(&path)?));
        }
    }
    Ok(())
}
