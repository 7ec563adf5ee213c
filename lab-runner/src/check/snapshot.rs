//! A snapshot's text against the accepted ones. insta owns the file format:
//! `cargo insta review` takes the `.snap.new` that is written here.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use insta::TextSnapshotKind;
use insta::internals::TextSnapshotContents;
use lab_kit::{Plan, line};

use super::series::kept_on;
use crate::discover::Lab;
use crate::kernel::version;

/// How a run's text compares with what was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// The same as this file.
    Same {
        path: PathBuf,
        lines: usize,
        /// It is that of some kernels only.
        other: Option<Other>,
    },
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

/// How the trace of some kernels is other than the one that the book draws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Other {
    /// Why, by whoever accepted it.
    pub(crate) reason: String,
    /// The kernel of the book's trace.
    pub(crate) than: String,
    /// Unified, the book's against this.
    pub(crate) diff: String,
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

/// Compares with what was accepted of an experiment: its own trace, those of
/// its variants, those of other kernels. What was accepted on this series of
/// kernels is all that counts here; where nothing was, anything accepted is as
/// good, and a difference is told from the nearest series'.
pub(crate) fn compare(
    lab: &Lab,
    plan: &Plan,
    text: &str,
    kernel: &str,
) -> Result<Comparison> {
    let variants = plan.variants.iter();
    let names = variants.map(|v| format!("{}@{}", plan.name, v.name));
    let own = lab.kept(&plan.name, "snap");
    let all = std::iter::once(plan.name.clone()).chain(names);
    let all = all.chain(kept_on(lab, &plan.name).into_iter().map(|k| k.name));
    let mut all = all
        .map(|name| lab.kept(&name, "snap"))
        .filter(|path| path.exists())
        .map(|path| Ok((Accepted::read(&path)?, path)))
        .collect::<Result<Vec<_>>>()?;
    all.sort_by_key(|(accepted, _)| accepted.distance(kernel));
    if all.first().is_some_and(|(nearest, _)| nearest.distance(kernel).0 == 0) {
        all.retain(|(accepted, _)| accepted.distance(kernel).0 == 0);
    }
    let mut nearest = None;
    for (accepted, path) in all {
        let reason = accepted.reason.clone();
        let mut comparison = accepted.compare(path, text, kernel);
        if let Comparison::Same { other, .. } = &mut comparison {
            *other = match reason {
                Some(reason) => other_than(&own, text, reason)?,
                None => None,
            };
            return Ok(comparison);
        }
        nearest.get_or_insert(comparison);
    }
    Ok(nearest.unwrap_or(Comparison::New { path: own }))
}

fn other_than(own: &Path, text: &str, reason: String) -> Result<Option<Other>> {
    if !own.exists() {
        return Ok(None);
    }
    let own = Accepted::read(own)?;
    let diff = own.diff(text);
    Ok(Some(Other { reason, than: own.kernel, diff }))
}

pub(crate) struct Accepted {
    contents: TextSnapshotContents,
    pub(crate) kernel: String,
    /// Why it is kept beside the experiment's own, if it is.
    pub(crate) reason: Option<String>,
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
        let (kernel, reason) = (accepted_on(head), reason(head));
        Ok(Accepted { contents, kernel, reason })
    }

    /// Whether a run with this text would be the same.
    pub(crate) fn is(&self, text: &str) -> bool {
        let kind = TextSnapshotKind::File;
        let seen = TextSnapshotContents::new(text.into(), kind);
        self.contents.matches_latest(&seen)
    }

    /// Whether they hold the same text.
    pub(crate) fn is_as(&self, other: &Accepted) -> bool {
        self.is(&other.contents.to_string())
    }

    pub(crate) fn compare(
        self,
        path: PathBuf,
        text: &str,
        kernel: &str,
    ) -> Comparison {
        let lines = text.lines().count();
        if self.is(text) {
            return Comparison::Same { path, lines, other: None };
        }
        let diff = self.diff(text);
        let elsewhere = version(&self.kernel) != version(kernel);
        Comparison::Differs { path, diff, kernel: self.kernel, elsewhere }
    }

    fn diff(&self, text: &str) -> String {
        let accepted = self.contents.to_string();
        similar::TextDiff::from_lines(accepted.as_str(), text)
            .unified_diff()
            .context_radius(2)
            .to_string()
    }

    /// How far its series is from this kernel's: a major version is about
    /// twenty minor ones. Of two as far, the older is nearer.
    fn distance(&self, kernel: &str) -> (u64, u64) {
        let (theirs, ours) = (ordinal(&self.kernel), ordinal(kernel));
        (theirs.abs_diff(ours), theirs)
    }
}

fn ordinal(kernel: &str) -> u64 {
    let (major, minor) = version(kernel);
    20 * u64::from(major) + u64::from(minor)
}

/// The kernel in a head's `description: accepted on Linux 6.18.44`. Not by
/// insta's YAML, which panics at a number that is none (`1e`).
fn accepted_on(head: &str) -> String {
    let words = head.lines().find_map(|l| l.strip_prefix("description:"));
    let last = words.unwrap_or_default().trim().rsplit(' ').next();
    last.unwrap_or_default().trim_matches(['"', '\'']).into()
}

/// The text of a head's `reason:`, below `info:`, where insta keeps what is
/// not its own: a JSON string, which YAML reads as well.
fn reason(head: &str) -> Option<String> {
    let (_, info) = head.split_once("info:\n")?;
    let text = info.lines().find_map(|l| l.trim().strip_prefix("reason:"))?;
    let text = text.trim();
    let text = serde_json::from_str(text).unwrap_or_else(|_| text.to_string());
    (!text.trim().is_empty()).then_some(text)
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

    /// A lab with these snapshots of one experiment: name, kernel, text.
    fn lab(kept: &[(&str, &str, &str)]) -> (tempfile::TempDir, Lab) {
        let dir = tempfile::tempdir().unwrap();
        let described = lab_kit::Described {
            format: lab_kit::protocol::FORMAT,
            name: "ch90".into(),
            title: String::new(),
            experiments: Vec::new(),
            exercises: Vec::new(),
        };
        let lab = Lab::nowhere(dir.path(), described);
        std::fs::create_dir(dir.path().join("snapshots")).unwrap();
        for (name, kernel, said) in kept {
            let info = match name.contains('@') {
                true => "info:\n  reason: \"so it is\"\n",
                false => "",
            };
            let text = format!(
                "---\ndescription: accepted on Linux {kernel}\n{info}---\n\
                 client: saw -> {said}\n"
            );
            std::fs::write(lab.kept(name, "snap"), text).unwrap();
        }
        (dir, lab)
    }

    /// What a run that saw this on a kernel is held against, and how.
    fn held(kept: &[(&str, &str, &str)], kernel: &str, saw: &str) -> String {
        let (_dir, lab) = lab(kept);
        let experiment = lab_kit::Experiment::new("x", "?");
        let text = format!("client: saw -> {saw}");
        let found = compare(&lab, experiment.plan(), &text, kernel).unwrap();
        let strict = found.is_held_against(false);
        let name = |path: &Path| {
            path.file_name().unwrap().to_string_lossy().into_owned()
        };
        match &found {
            Comparison::Same { path, other, .. } => {
                let why = other.as_ref().map_or("", |o| o.reason.as_str());
                format!("same {} {why}", name(path)).trim_end().into()
            }
            Comparison::Differs { path, .. } => {
                format!("differs {} {strict}", name(path))
            }
            _ => "new".into(),
        }
    }

    #[test]
    fn the_trace_of_the_nearest_series_counts() {
        let kept = [
            ("x", "6.18.44", "now"),
            ("x@6.1", "6.1.0-56-amd64", "then"),
            ("x@6.12", "6.12.95", "between"),
        ];
        for (kernel, saw, wanted) in [
            ("6.18.2", "now", "same x.snap"),
            ("6.18.2", "then", "differs x.snap true"),
            ("6.1.192", "then", "same x@6.1.snap so it is"),
            ("6.1.192", "now", "differs x@6.1.snap true"),
            ("6.12.1", "between", "same x@6.12.snap so it is"),
            ("6.5.0", "never", "differs x@6.1.snap false"),
            ("6.5.0", "now", "same x.snap"),
            ("5.10.0", "then", "same x@6.1.snap so it is"),
            ("6.15.0", "never", "differs x@6.12.snap false"),
            ("7.1.0", "never", "differs x.snap false"),
        ] {
            assert_eq!(held(&kept, kernel, saw), wanted, "{kernel} {saw}");
        }
        assert_eq!(held(&[], "6.1.1", "x"), "new");
        assert_eq!(held(&kept[..1], "6.1.1", "x"), "differs x.snap false");
    }

    #[test]
    fn a_trace_of_some_kernels_says_how_it_is_other() {
        let kept = [
            ("x", "6.18.44", "now"),
            ("x@6.1", "6.1.0", "then"),
            ("y@6.1", "6.1.0", "no"),
        ];
        let (_dir, lab) = lab(&kept);
        let experiment = lab_kit::Experiment::new("x", "?");
        let seen = "client: saw -> then";
        let found = compare(&lab, experiment.plan(), seen, "6.1.7").unwrap();
        let Comparison::Same { other: Some(other), .. } = found else {
            panic!("{found:?}")
        };
        assert_eq!(other.than, "6.18.44");
        assert!(other.diff.contains("-client: saw -> now"), "{}", other.diff);
        assert!(other.diff.contains("+client: saw -> then"), "{}", other.diff);
    }

    #[test]
    fn a_reason_is_ours_or_insta_s_and_empty_ones_are_none() {
        let ours = "info:\n  reason: \"it's: a \\\"word\\\"\"";
        assert_eq!(reason(ours).unwrap(), "it's: a \"word\"");
        let plain = "info:\n  reason: half of the buffer\nx: y";
        assert_eq!(reason(plain).unwrap(), "half of the buffer");
        for none in ["info:\n  reason: \"\"", "info:\n  why: x", "reason: x"] {
            assert_eq!(reason(none), None, "{none}");
        }
    }
}
