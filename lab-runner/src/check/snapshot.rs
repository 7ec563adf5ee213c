//! A snapshot's text against the accepted ones. insta owns the file format:
//! `cargo insta review` takes the `.snap.new` that is written here.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use insta::TextSnapshotKind;
use insta::internals::TextSnapshotContents;
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
        let Some(rest) = text.strip_prefix("---\n") else {
            bail!("{shown} is no snapshot: it doesn't begin with insta's ---");
        };
        let Some((head, body)) = rest.split_once("\n---\n") else {
            bail!("{shown} is no snapshot: its first --- is never closed");
        };
        line::parse(body).map_err(|why| anyhow::anyhow!("{shown}: {why}"))?;
        let contents =
            TextSnapshotContents::new(body.into(), TextSnapshotKind::File);
        Ok(Accepted { contents, kernel: accepted_on(head) })
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

/// The kernel in a head's `description: accepted on Linux 6.18.44`. Not by
/// insta's YAML, which panics at a number that is none (`1e`).
fn accepted_on(head: &str) -> String {
    let words = head.lines().find_map(|l| l.strip_prefix("description:"));
    let last = words.unwrap_or_default().trim().rsplit(' ').next();
    last.unwrap_or_default().trim_matches(['"', '\'']).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_ours_or_insta_s_and_never_a_panic() {
        for (head, kernel) in [
            ("source: x\ndescription: accepted on Linux 6.1.0-a", "6.1.0-a"),
            ("description: \"accepted on Linux 6.1\"\nsource: x", "6.1"),
            ("description: 1e\nexpression: 3.e", "1e"),
            ("source: x", ""),
        ] {
            assert_eq!(accepted_on(head), kernel, "{head}");
        }
    }
}
