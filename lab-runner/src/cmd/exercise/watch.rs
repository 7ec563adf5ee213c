//! `exercise watch`: checks the learner's file each time it is saved.

use anyhow::{Context, Result};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

use super::check::check;
use crate::cli::CheckArgs;
use crate::discover::Project;
use crate::exercise::find;
use crate::report::say;

/// Until it is interrupted, or the file's folder is gone.
pub(super) fn watch(project: &Project, name: &str) -> Result<u8> {
    let found = find(project, name)?;
    let file = found.answer(project);
    let folder = file.parent().context("answers/NAME/src")?;
    let inotify = Inotify::init(InitFlags::IN_CLOEXEC).context("inotify")?;
    // The folder, not the file: editors write a new file and rename it.
    let saved = AddWatchFlags::IN_CLOSE_WRITE | AddWatchFlags::IN_MOVED_TO;
    let gone = AddWatchFlags::IN_DELETE_SELF;
    inotify.add_watch(folder, saved | gone).with_context(|| {
        format!("watch {}: `./run exercise start` makes it", folder.display())
    })?;
    let args = CheckArgs {
        name: found.name(),
        exec: Vec::new(),
        boxed: false,
        json: false,
        verbose: false,
    };
    loop {
        let code = check(project, &args).unwrap_or_else(|error| {
            say(&format!("error: {error:#}\n"));
            2
        });
        if code == 0 {
            return Ok(0);
        }
        say(&format!("\nwaiting for {} to be saved ...\n", file.display()));
        loop {
            let events = inotify.read_events().context("inotify")?;
            if events.iter().any(|e| e.mask.contains(gone)) {
                anyhow::bail!("{} is gone", folder.display());
            }
            let ours =
                events.iter().any(|e| e.name.as_deref() == file.file_name());
            if ours {
                break;
            }
        }
    }
}
