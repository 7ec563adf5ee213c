//! What was handed in for an exercise -> an answer that can be judged, or why
//! there is none.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::attempt::Machine;
use super::build::Builder;
use super::handed::{Handed, Language};
use super::results::Cause;
use crate::exercise::{Answer, Found, boxed, form};

/// A form that is longer is none.
const LONGEST_FORM: u64 = 64 << 10;

/// Who makes an answer ready, and where its program goes.
pub(super) struct Bench<'a> {
    pub(super) builder: &'a Builder,
    pub(super) machine: &'a Machine,
    pub(super) program: &'a Path,
}

/// An answer, or why there is none: in a word, and in a sentence.
pub(super) type Ready = std::result::Result<Answer, (Cause, String)>;

impl Bench<'_> {
    pub(super) fn ready(&self, found: &Found, handed: &Handed) -> Ready {
        let not_ours =
            |error: anyhow::Error| (Cause::CouldNotRun, format!("{error:#}"));
        match handed {
            Handed::Nothing => {
                let why = "nothing was handed in for it";
                Err((Cause::NotHandedIn, why.into()))
            }
            Handed::Unclear(why) => Err((Cause::NotAnAnswer, why.clone())),
            Handed::Form(path) => said(found, path)
                .map_err(not_ours)?
                .map_err(|why| (Cause::NotAnAnswer, why)),
            Handed::Source(language, path) => self
                .program(found, *language, path)
                .map_err(not_ours)?
                .map_err(|words| (Cause::DoesNotCompile, words)),
        }
    }

    fn program(
        &self,
        found: &Found,
        language: Language,
        main: &Path,
    ) -> Result<std::result::Result<Answer, String>> {
        let build = || self.builder.build(language, main, self.program);
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
pub(super) fn said(
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
