//! `exercise watch`: checks the learner's file each time it is saved.

mod wake;

use std::fs;
use std::io::IsTerminal;

use anyhow::Result;

use self::wake::{Wake, Waker};
use super::check::check;
use super::hint::hint;
use crate::cli::CheckArgs;
use crate::discover::Project;
use crate::exercise::find;
use crate::report::{DIM, painted, say};

/// Until all rules hold, or it is interrupted, or the file's folder is gone.
pub(super) fn watch(project: &Project, name: &str) -> Result<u8> {
    let found = find(project, name)?;
    let file = found.answer(project);
    let mut waker = Waker::of(&file)?;
    let args = CheckArgs {
        name: found.name(),
        exec: Vec::new(),
        json: false,
        verbose: false,
        boxed: false,
    };
    loop {
        // What is judged now; if it is saved meanwhile, that is an event.
        let judged = fs::read(&file).ok();
        clear_screen();
        let code = check(project, &args).unwrap_or_else(complain);
        if code == 0 {
            return Ok(0);
        }
        say(&prompt(&file.display().to_string()));
        loop {
            match waker.next()? {
                // An editor writes more often than there is anything new.
                Wake::Saved if fs::read(&file).ok() == judged => {}
                Wake::Saved | Wake::Typed('\n') => break,
                Wake::Typed('h') => {
                    hint(project, &args.name).unwrap_or_else(complain);
                }
                Wake::Typed('q') => return Ok(code),
                Wake::Typed(_) => say(&prompt(&file.display().to_string())),
            }
        }
    }
}

fn prompt(file: &str) -> String {
    let keys = match std::io::stdin().is_terminal() {
        true => "h and Enter: a hint; q and Enter: the end; Enter: again\n",
        false => "",
    };
    format!("\nwaiting for {file} to be saved\n{}", painted(DIM, keys))
}

fn complain(error: anyhow::Error) -> u8 {
    say(&format!("error: {error:#}\n"));
    2
}

/// So that what is seen is about what was saved.
fn clear_screen() {
    if std::io::stdout().is_terminal() {
        say("\x1b[2J\x1b[H");
    }
}
