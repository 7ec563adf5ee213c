//! Questions, a line each -> answers, a line each, from one process for as
//! long as somebody asks.

use std::fs::File;
use std::io::{BufRead, BufReader, Write, stderr, stdin, stdout};
use std::os::fd::AsFd;

use anyhow::{Context, Result, bail};
use nix::unistd::dup2_stdout;

use crate::lab::Lab;
use crate::play::{describe, judge};
use crate::protocol::{Asked, answer, asked};

/// More than most questions are long.
const USUAL: usize = 64 * 1024;

/// Until standard input ends. The first question that can't be answered is the
/// last: whoever asks starts us again.
pub(crate) fn serve(lab: &Lab) -> Result<()> {
    let questions = File::from(stdin().as_fd().try_clone_to_owned()?);
    let mut questions = BufReader::with_capacity(USUAL, questions);
    let mut answers = for_answers_only()?;
    let mut question = Vec::new();
    while questions.read_until(b'\n', &mut question)? > 0 {
        let said = match asked(&question) {
            Some((n, Asked::Describe)) => answer(n, &describe(lab)?)?,
            Some((n, Asked::Judge { experiment, case })) => {
                answer(n, &judge(lab, experiment, case)?)?
            }
            None => bail!("no question of ours: is lab-runner newer than me?"),
        };
        answers.write_all(&said).context("standard output")?;
        question.clear();
        question.shrink_to(USUAL);
    }
    Ok(())
}

/// What a claim prints must not be taken for an answer: standard output becomes
/// another standard error.
fn for_answers_only() -> Result<File> {
    let answers = stdout().as_fd().try_clone_to_owned()?;
    dup2_stdout(stderr()).context("standard error")?;
    Ok(File::from(answers))
}
