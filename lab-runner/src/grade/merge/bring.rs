//! What marks rest on, beside each part's results -> the same beside the
//! class's, so that marks can be doubted there and parts thrown away.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Part;
use crate::check::write_whole;
use crate::grade::evidence::{FOLDER, Now, now};
use crate::grade::intake::{Intake, intake};
use crate::grade::results::{KeptFile, Student};

/// Where it is, and whose.
pub(crate) struct Bring {
    parts: Vec<(PathBuf, Vec<Student>)>,
}

impl Bring {
    pub(crate) fn of(parts: &[Part]) -> Bring {
        let of = |part: &Part| {
            let above = Path::new(&part.file).parent();
            let above = above.filter(|above| !above.as_os_str().is_empty());
            let above = above.unwrap_or(Path::new(".")).to_path_buf();
            (above, part.results.students.clone())
        };
        Bring { parts: parts.iter().map(of).collect() }
    }

    /// Copies it; what can't be had, and why. A part's files are as little
    /// trusted as a student's.
    pub(crate) fn to(&self, out: &Path) -> Result<Vec<String>> {
        let mut lacks = Vec::new();
        let out = out.canonicalize().context("the class's folder")?;
        for (folder, students) in &self.parts {
            if folder.canonicalize().is_ok_and(|folder| folder == out) {
                continue;
            }
            for student in students {
                handed_in(folder, &out, student, &mut lacks)?;
                recorded(folder, &out, student, &mut lacks)?;
            }
        }
        Ok(lacks)
    }
}

/// What was handed in and graded.
fn handed_in(
    folder: &Path,
    out: &Path,
    student: &Student,
    lacks: &mut Vec<String>,
) -> Result<()> {
    let id = &student.id;
    let (from, to) =
        (folder.join("taken").join(id), out.join("taken").join(id));
    let something = student.marks.iter().any(|mark| !mark.digest.is_empty());
    if !something {
        return Ok(());
    }
    if !from.is_dir() {
        lacks.push(format!("{}: not there", from.display()));
        return Ok(());
    }
    match fs::remove_dir_all(&to) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            return Err(e).with_context(|| format!("clear {}", to.display()));
        }
        _ => {}
    }
    fs::create_dir_all(&to)
        .with_context(|| format!("make {}", to.display()))?;
    let took = intake(&from, &to, &Intake::default())?;
    if let Some(why) = took.refused {
        lacks.push(format!("{}: {why}", from.display()));
    }
    Ok(())
}

/// What was recorded of its runs.
fn recorded(
    folder: &Path,
    out: &Path,
    student: &Student,
    lacks: &mut Vec<String>,
) -> Result<()> {
    let evidence = student.marks.iter().filter_map(|m| m.evidence.as_ref());
    for kept in evidence.flat_map(|evidence| &evidence.files) {
        let shown = folder.join(&kept.path);
        let why = match (is_own(kept, &student.id), now(folder, kept)) {
            (false, _) => "not where a grading puts it".into(),
            (true, Now::Changed(why)) => why,
            (true, Now::Same(bytes)) => {
                let to = out.join(&kept.path);
                let above = to.parent().context("a folder")?;
                fs::create_dir_all(above)
                    .with_context(|| format!("make {}", above.display()))?;
                write_whole(&to, &bytes)?;
                continue;
            }
        };
        lacks.push(format!("{}: {why}", shown.display()));
    }
    Ok(())
}

/// `evidence/ID/NAME`, and no other place.
fn is_own(kept: &KeptFile, id: &str) -> bool {
    let parts: Vec<&str> = kept.path.split('/').collect();
    let plain = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    matches!(parts[..], [top, own, name] if top == FOLDER && own == id && plain(name))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::grade::intake::hexadecimal;
    use crate::grade::results::Evidence;
    use crate::grade::sample::{Texts, sample};

    /// A part on the disk, of one student who was graded by one run.
    fn part(at: &Path) -> (Bring, PathBuf) {
        let folder = at.join("part-1");
        let mut results = sample(Texts::Plain);
        let ran = |s: &Student| s.marks.iter().any(|m| m.evidence.is_some());
        results.students.retain(ran);
        results.students.truncate(1);
        let student = &mut results.students[0];
        let id = student.id.clone();
        let path = format!("evidence/{id}/ch05-no-stall.pcap");
        for mark in &mut student.marks {
            mark.evidence = None;
        }
        let sha256 = hexadecimal(Sha256::digest(b"frames"));
        let kept = KeptFile { path: path.clone(), bytes: 6, sha256 };
        let evidence = Evidence { files: vec![kept], lacks: None };
        student.marks[0].evidence = Some(evidence);
        for (name, bytes) in
            [(path.clone(), "frames"), (format!("taken/{id}/a.py"), "pass")]
        {
            let file = folder.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
        let file = folder.join("results.json").display().to_string();
        (Bring::of(&[Part { file, results }]), folder.join(path))
    }

    #[test]
    fn what_a_mark_rests_on_is_brought_if_nobody_has_touched_it() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("class");
        fs::create_dir(&out).unwrap();
        let (bring, capture) = part(dir.path());
        let id = bring.parts[0].1[0].id.clone();
        assert_eq!(bring.to(&out).unwrap(), [""; 0]);
        let kept = out.join(format!("evidence/{id}/ch05-no-stall.pcap"));
        assert_eq!(fs::read(&kept).unwrap(), b"frames");
        let answer = out.join(format!("taken/{id}/a.py"));
        assert_eq!(fs::read(&answer).unwrap(), b"pass");

        fs::write(&capture, "forged").unwrap();
        let link = capture.parent().unwrap().join("../../taken");
        fs::remove_dir_all(&link).unwrap();
        let lacks = bring.to(&out).unwrap().join("; ");
        assert!(lacks.contains("another SHA-256"), "{lacks}");
        assert!(lacks.contains("not there"), "{lacks}");
        assert_eq!(fs::read(&kept).unwrap(), b"frames");
    }

    #[test]
    fn a_part_writes_nowhere_else() {
        let is = |path: &str| {
            let sha256 = String::new();
            is_own(&KeptFile { path: path.into(), bytes: 1, sha256 }, "ada")
        };
        assert!(is("evidence/ada/ch05-no-stall.pcap"));
        for path in [
            "evidence/bob/ch05-no-stall.pcap",
            "evidence/ada/../bob/x",
            "evidence/ada/..",
            "evidence/ada/.hidden",
            "evidence/ada/",
            "/evidence/ada/x",
            "taken/ada/x",
            "evidence/ada/a\0b",
            "evidence/ada/é",
        ] {
            assert!(!is(path), "{path}");
        }
    }
}
