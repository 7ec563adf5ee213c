//! `exercise hint`: the next of three, for the rule that the last answer broke.

use anyhow::{Result, bail};

use crate::discover::Project;
use crate::exercise::{Progress, find};
use crate::report::{me, progress_done, say, wrapped};

pub(super) fn hint(project: &Project, name: &str) -> Result<u8> {
    let found = find(project, name)?;
    progress_done();
    let mut progress = Progress::open(project)?;
    let name = found.name();
    let mut state = progress.of(&name);
    let Some(broken) = state.broken.clone() else {
        match state.passed {
            true => bail!("your last answer broke no rule: there is no hint"),
            false => bail!(
                "hints depend on what your answer did: `{} exercise check \
                 {name}` first",
                me()
            ),
        }
    };
    let rule = found.task.rules.iter().find(|rule| rule.claim == broken);
    let Some(rule) = rule else {
        bail!(
            "the exercise has changed: `{} exercise check {name}` first",
            me()
        )
    };
    let n = state.hints.min(rule.hints.len() - 1);
    let left = match rule.hints.len() - n - 1 {
        0 => "that was the last one".to_string(),
        left => format!("{left} more"),
    };
    let hint = wrapped(&format!("{}: {}", n + 1, rule.hints[n]), 76);
    say(&format!("{broken}\n\n{hint}\n({left})\n"));
    state.hints = n + 1;
    progress.keep(&name, state)?;
    Ok(0)
}
