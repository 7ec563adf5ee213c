//! What stands beside the chapters -> data that is checked against them:
//! symptoms, the kernel's words, terms, and the minutes that a chapter takes.

mod glossary;
mod minutes;
mod symptoms;
mod uses;
mod words;

use std::path::Path;

use serde::de::DeserializeOwned;

pub(crate) use glossary::{Glossary, Linker, anchor};
pub(crate) use minutes::{
    Minutes, PER_DRAWING, WORDS_A_MINUTE, estimate, lasted,
};
pub(crate) use symptoms::{Symptom, Symptoms};
pub(crate) use uses::{Kind, Uses};
pub(crate) use words::Words;

/// Where the data files are, below the workspace.
const FOLDER: &str = "book/data";

fn read<T: DeserializeOwned>(root: &Path, name: &str) -> Result<T, String> {
    let path = format!("{FOLDER}/{name}.toml");
    let text = std::fs::read_to_string(root.join(&path))
        .map_err(|e| format!("{path}: {e}"))?;
    toml::from_str(&text).map_err(|e| format!("{path}: {e}"))
}
