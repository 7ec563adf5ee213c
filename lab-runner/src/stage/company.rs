//! A lab's program -> one process from which its players are forked: started
//! once by the nursery, called by each stage.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use lab_kit::patient;
use lab_kit::protocol::company::{CALL, Cast, LONGEST, PLACES, Part};
use lab_kit::protocol::parcel;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{setsockopt, sockopt::ReceiveTimeout};
use nix::sys::time::TimeVal;
use nix::unistd::Pid;

use super::nursery;

/// Where a company hears calls. It ends when nobody holds this any more.
type Calls = Arc<OwnedFd>;

/// A program as it was when its company was started.
#[derive(PartialEq, Eq)]
struct Stamp {
    file: (u64, u64),
    changed: (i64, i64),
}

static COMPANIES: Mutex<BTreeMap<PathBuf, (Stamp, Calls)>> =
    Mutex::new(BTreeMap::new());

/// The company of a program; starts one if there is none, or the program is
/// another by now.
pub(super) fn of(program: &Path) -> Result<Calls> {
    let now = program.metadata().map(|it| Stamp::of(&it));
    let now = now.with_context(|| format!("start {}", program.display()))?;
    let all = COMPANIES.lock();
    let mut all = all.unwrap_or_else(PoisonError::into_inner);
    if let Some((stamp, calls)) = all.get(program)
        && *stamp == now
        && is_heard(calls)
    {
        return Ok(calls.clone());
    }
    let (calls, theirs) = parcel::pair()?;
    let calls = Arc::new(calls);
    nursery::hire(program, theirs)?;
    all.insert(program.into(), (now, calls.clone()));
    Ok(calls)
}

impl Stamp {
    fn of(of: &Metadata) -> Stamp {
        let changed = (of.ctime(), of.ctime_nsec());
        Stamp { file: (of.dev(), of.ino()), changed }
    }
}

fn is_heard(calls: &OwnedFd) -> bool {
    let mut fds = [PollFd::new(calls.as_fd(), PollFlags::empty())];
    poll(&mut fds, PollTimeout::ZERO).is_ok_and(|gone| gone == 0)
}

/// A stage's side: parts given, in an order, and players that come in it.
pub(super) struct Casting {
    parts: OwnedFd,
}

/// To fork takes less than a ms.
const PATIENCE: Duration = Duration::from_secs(20);

const GONE: &str = "the lab's program, of which its players are forked, has \
                    ended; its words, if any, are above";

impl Casting {
    /// Calls the company: it comes while we do something else.
    pub(super) fn call(company: &OwnedFd) -> Result<Casting> {
        let (parts, theirs) = parcel::pair()?;
        let patience = patient(PATIENCE).as_secs() as i64;
        setsockopt(&parts, ReceiveTimeout, &TimeVal::new(patience, 0))?;
        let places = PLACES.map(|it| format!("/proc/self/ns/{it}"));
        let places = places.iter().map(|it| (it.as_str(), 0));
        let folders = [("/", libc::O_PATH), (".", libc::O_PATH)];
        let open = |(path, flags)| {
            let file =
                File::options().read(true).custom_flags(flags).open(path);
            file.with_context(|| format!("open {path}"))
        };
        let files = places.chain(folders).map(open);
        let files = files.collect::<Result<Vec<_>>>()?;
        let mut fds: Vec<RawFd> = files.iter().map(File::as_raw_fd).collect();
        fds.push(theirs.as_raw_fd());
        parcel::send(company.as_fd(), &[CALL], &fds).context(GONE)?;
        Ok(Casting { parts })
    }

    pub(super) fn give(&self, part: &Part, fds: &[RawFd]) -> Result<()> {
        let text = serde_json::to_vec(part)?;
        parcel::send(self.parts.as_fd(), &text, fds).context(GONE)
    }

    /// The next player's process.
    pub(super) fn cast(&self) -> Result<Pid> {
        let mut text = [0; LONGEST];
        let parcel = parcel::receive(self.parts.as_fd(), &mut text);
        let (length, _) = parcel.context("wait for a player")?.context(GONE)?;
        let cast: Cast = serde_json::from_slice(&text[..length])?;
        Ok(Pid::from_raw(cast.pid))
    }
}
