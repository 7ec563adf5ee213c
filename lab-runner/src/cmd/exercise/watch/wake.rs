//! A file and a keyboard -> what happens next: it was saved, or somebody typed.

use std::ffi::OsString;
use std::io::{IsTerminal, stdin};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

use crate::report::me;

/// What happened.
pub(super) enum Wake {
    /// The file was written, or another one took its place.
    Saved,
    /// The first letter of a line that was typed; for an empty one, its end.
    Typed(char),
}

pub(super) struct Waker {
    inotify: Inotify,
    folder: PathBuf,
    file: OsString,
    /// Somebody sits there.
    keyboard: bool,
}

/// The folder itself went away.
const GONE: AddWatchFlags =
    AddWatchFlags::IN_DELETE_SELF.union(AddWatchFlags::IN_MOVE_SELF);

impl Waker {
    /// Looks at the file's folder: editors write a new file and rename it.
    pub(super) fn of(file: &Path) -> Result<Waker> {
        let folder = file.parent().context("a file in a folder")?.to_path_buf();
        let name = file.file_name().context("a file's name")?.to_os_string();
        let flags = InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK;
        let inotify = Inotify::init(flags).context("inotify")?;
        let saved = AddWatchFlags::IN_CLOSE_WRITE | AddWatchFlags::IN_MOVED_TO;
        inotify.add_watch(&folder, saved | GONE).with_context(|| {
            let folder = folder.display();
            format!("watch {folder}: `{} exercise start` makes it", me())
        })?;
        let keyboard = stdin().is_terminal();
        Ok(Waker { inotify, folder, file: name, keyboard })
    }

    /// Waits for the next thing that happens.
    pub(super) fn next(&mut self) -> Result<Wake> {
        loop {
            if self.was_saved()? {
                return Ok(Wake::Saved);
            }
            let stdin = stdin();
            let read = PollFlags::POLLIN;
            let mut fds = vec![PollFd::new(self.inotify.as_fd(), read)];
            if self.keyboard {
                fds.push(PollFd::new(stdin.as_fd(), read));
            }
            match poll(&mut fds, PollTimeout::NONE) {
                Err(Errno::EINTR) => continue,
                other => other.context("wait for a save")?,
            };
            let typed = fds.get(1).and_then(PollFd::any) == Some(true);
            if typed && let Some(letter) = self.line() {
                return Ok(Wake::Typed(letter));
            }
        }
    }

    /// Reads all events there are.
    fn was_saved(&self) -> Result<bool> {
        let mut saved = false;
        loop {
            let events = match self.inotify.read_events() {
                Err(Errno::EAGAIN) => return Ok(saved),
                other => other.context("inotify")?,
            };
            for event in events {
                if event.mask.intersects(GONE) {
                    bail!("{} is gone", self.folder.display());
                }
                // So many events that some were lost: it may have been ours.
                let lost = event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW);
                saved |= lost || event.name.as_ref() == Some(&self.file);
            }
        }
    }

    /// A terminal hands over a line at a time.
    fn line(&mut self) -> Option<char> {
        let mut line = [0; 512];
        match nix::unistd::read(stdin(), &mut line) {
            Ok(0) | Err(_) => {
                self.keyboard = false; // Ctrl-D: nobody will type any more
                None
            }
            Ok(_) => Some(char::from(line[0])),
        }
    }
}
