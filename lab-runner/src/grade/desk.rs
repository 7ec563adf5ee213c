//! One student's submission, one exercise -> a mark: what was handed in, built,
//! attempted, kept.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::attempt::{Machine, judged};
use super::build::Builder;
use super::handed::{Handed, Language, handed};
use super::intake::hexadecimal;
use super::mark::unrun;
use super::results::{Cause, Mark};
use super::shelf::Shelf;
use crate::exercise::{Answer, Found, boxed, form};

/// A form that is longer is none.
const LONGEST_FORM: u64 = 64 << 10;

/// What every mark of a grading is given with.
pub(super) struct Desk<'a> {
    pub(super) shelf: &'a Shelf,
    pub(super) builder: &'a Builder,
    pub(super) machine: &'a Machine,
    /// Of the exercises and the runner: marks rest on it.
    pub(super) version: &'a str,
    /// There is one exercise: it may lie in the submission itself.
    pub(super) only: bool,
    pub(super) tries: u32,
}

impl Desk<'_> {
    /// The mark for what lies in the student's taken folder.
    pub(super) fn mark(&self, id: &str, found: &Found) -> Result<Mark> {
        let taken = self.shelf.taken(id);
        let handed = handed(&taken, found, self.only);
        let digest = match &handed {
            Handed::Nothing => String::new(),
            Handed::Unclear(_) => digest(&taken)?,
            Handed::Source(_, path) | Handed::Form(path) => {
                digest(path.parent().context("an answer's folder")?)?
            }
        };
        let slug = found.slug();
        let rests_on = format!("{} {digest}", self.version);
        if let Some(mark) = self.shelf.kept(id, &slug, &rests_on) {
            return Ok(mark);
        }
        let mark = self.given(id, found, &handed)?;
        let mark = Mark { digest, ..mark };
        self.shelf.keep(id, &slug, &rests_on, &mark)?;
        Ok(mark)
    }

    fn given(&self, id: &str, found: &Found, handed: &Handed) -> Result<Mark> {
        let answer = match handed {
            Handed::Nothing => {
                let why = "nothing was handed in for it";
                return Ok(unrun(found, Cause::NotHandedIn, why));
            }
            Handed::Unclear(why) => {
                return Ok(unrun(found, Cause::NotAnAnswer, why));
            }
            Handed::Form(path) => match said(found, path)? {
                Ok(answer) => answer,
                Err(why) => {
                    return Ok(unrun(found, Cause::NotAnAnswer, &why));
                }
            },
            Handed::Source(language, path) => {
                match self.program(id, found, *language, path) {
                    Ok(Ok(answer)) => answer,
                    Ok(Err(words)) => {
                        return Ok(unrun(found, Cause::DoesNotCompile, &words));
                    }
                    Err(error) => {
                        let why = format!("{error:#}");
                        return Ok(unrun(found, Cause::CouldNotRun, &why));
                    }
                }
            }
        };
        Ok(judged(self.machine, found, &answer, self.tries))
    }

    fn program(
        &self,
        id: &str,
        found: &Found,
        language: Language,
        main: &Path,
    ) -> Result<std::result::Result<Answer, String>> {
        let program = self.shelf.program(id, &found.slug());
        let build = || self.builder.build(language, main, &program);
        let command = match self.machine.shared(build)? {
            Ok(command) => command,
            Err(words) => return Ok(Err(words)),
        };
        let cgroup = self.builder.cgroup;
        let program = boxed(&command, &found.task.plan, cgroup)?;
        Ok(Ok(Answer::Program(program)))
    }
}

/// What a form says, or why it is no answer.
fn said(
    found: &Found,
    path: &Path,
) -> Result<std::result::Result<Answer, String>> {
    if fs::metadata(path)?.len() > LONGEST_FORM {
        return Ok(Err("the form is longer than 64 KiB".into()));
    }
    let bytes = fs::read(path)?;
    let Ok(text) = String::from_utf8(bytes) else {
        return Ok(Err("the form is no text".into()));
    };
    Ok(form::read(&found.task, &text).map(Answer::Said))
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
