//! `lab-runner exercise ..`: a learner's commands.

mod check;
mod files;
mod hint;
mod list;
mod watch;

use anyhow::Result;

use crate::cli::Exercise;
use crate::discover::Project;

/// Sees to one of them.
pub(crate) fn exercise(project: &Project, command: &Exercise) -> Result<u8> {
    match command {
        Exercise::List { chapter, json } => {
            list::list(project, chapter.as_deref(), *json)
        }
        Exercise::Start { name } => files::start(project, name),
        Exercise::Check(args) => check::check(project, args),
        Exercise::Hint { name } => hint::hint(project, name),
        Exercise::Watch { name } => watch::watch(project, name),
        Exercise::Reset { name } => files::reset(project, name),
        Exercise::Solution { name, spoil } => {
            files::solution(project, name, *spoil)
        }
    }
}
