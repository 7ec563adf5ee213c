//! A snapshot's text against the accepted ones. insta owns the file format:
//! `cargo insta review` takes the `.snap.new` that is written here.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use insta::internals::TextSnapshotContents;
use insta::{Snapshot, TextSnapshotKind};
use lab_kit::{Plan, line};

use crate::discover::Lab;
use crate::kernel::version;

/// How a run's text compares with what was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// The same as this file.
    Same { path: PathBuf, lines: usize },
    /// Not the same as any.
    Differs {
        path: PathBuf,
        /// Unified, accepted against seen.
        diff: String,
        /// The kernel that it was accepted on.
        kernel: String,
        /// This is another series of kernels.
        elsewhere: bool,
    },
    /// Nothing was accepted yet.
    New { path: PathBuf },
    /// The knobs were turned, so there's nothing to compare with.
    Other,
}

impl Comparison {
    /// A difference counts on the kernel series of the snapshot; elsewhere it
    /// is a note, unless asked to be strict.
    pub(crate) fn is_held_against(&self, strict: bool) -> bool {
        match self {
            Comparison::Same { .. } | Comparison::Other => false,
            Comparison::New { .. } => true,
            Comparison::Differs { elsewhere, .. } => strict || !elsewhere,
        }
    }
}

/// Compares with the experiment's snapshot and those of its variants.
pub(crate) fn compare(
    lab: &Lab,
    plan: &Plan,
    text: &str,
    kernel: &str,
) -> Result<Comparison> {
    let variants = plan.variants.iter();
    let names = variants.map(|v| format!("{}@{}", plan.name, v.name));
    let own = lab.kept(&plan.name, "snap");
    let mut nearest: Option<Comparison> = None;
    for path in std::iter::once(own.clone())
        .chain(names.map(|name| lab.kept(&name, "snap")))
        .filter(|path| path.exists())
    {
        let accepted = Accepted::read(&path)?;
        let comparison = accepted.compare(path, text, kernel);
        if matches!(comparison, Comparison::Same { .. }) {
            return Ok(comparison);
        }
        nearest.get_or_insert(comparison);
    }
    Ok(nearest.unwrap_or(Comparison::New { path: own }))
}

pub(crate) struct Accepted {
    contents: TextSnapshotContents,
    kernel: String,
}

impl Accepted {
    pub(crate) fn read(path: &Path) -> Result<Accepted> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("read {shown}"))?;
        if !text.starts_with("---\n") {
            bail!("{shown} is no snapshot: it doesn't begin with insta's ---");
        }
        let snapshot = match Snapshot::from_file(path) {
            Ok(snapshot) => snapshot,
            Err(error) => bail!("{shown} is no snapshot of insta's: {error}"),
        };
        let contents = snapshot
            .as_text()
            .with_context(|| format!("{shown} holds no text"))?
            .clone();
        line::parse(&contents.to_string())
            .map_err(|why| anyhow::anyhow!("{shown}: {why}"))?;
        let words = snapshot.metadata().description().unwrap_or_default();
        let kernel = words.rsplit(' ').next().unwrap_or_default().to_string();
        Ok(Accepted { contents, kernel })
    }

    pub(crate) fn compare(
        self,
        path: PathBuf,
        text: &str,
        kernel: &str,
    ) -> Comparison {
        let seen =
            TextSnapshotContents::new(text.into(), TextSnapshotKind::File);
        let lines = text.lines().count();
        if self.contents.matches_latest(&seen) {
            return Comparison::Same { path, lines };
        }
        let accepted = self.contents.to_string();
        let diff = similar::TextDiff::from_lines(accepted.as_str(), text)
            .unified_diff()
            .context_radius(2)
            .to_string();
        let elsewhere = version(&self.kernel) != version(kernel);
        Comparison::Differs { path, diff, kernel: self.kernel, elsewhere }
    }
}
