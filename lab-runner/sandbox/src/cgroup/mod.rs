//! Limits -> a cgroup for one box, on v1 or v2; or the reason why not.
//!
//! It is called `lab-box-PID-NANOSECONDS`, and its owner holds a lock on it. A
//! runner that is killed leaves it behind, unlocked: whoever comes next sweeps.

mod find;

use std::fs::{self, File};
use std::io::Write;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use nix::fcntl::{Flock, FlockArg};
use nix::poll::{PollTimeout, poll};
use nix::unistd::Pid;

use crate::spec::Limits;
use find::{Place, Version};

const NAME: &str = "lab-box-";
const TRIES: u32 = 20;
const SYSTEM: &str = "/sys/fs/cgroup";

/// A box's cgroup. Dropped, it is removed.
pub(crate) struct Group {
    version: Version,
    /// The first one counts memory.
    folders: Vec<PathBuf>,
    locks: Vec<Flock<File>>,
    note: String,
}

/// This process, into the cgroups that these lead to.
pub(crate) fn enter(doors: Vec<File>) -> Result<()> {
    for mut door in doors {
        door.write_all(b"0").context("enter the box's cgroup")?;
    }
    Ok(())
}

/// What this machine and user give: for `lab-runner doctor`. An error is the
/// reason why boxes are weak here.
pub fn offer() -> Result<String, String> {
    Group::make(&Limits::default(), None).map(|group| group.note())
}

impl Group {
    pub(crate) fn make(
        limits: &Limits,
        core: Option<u32>,
    ) -> Result<Group, String> {
        let places = find::places(Path::new("/proc/self"))?;
        let mut reasons = Vec::new();
        for place in places {
            let mut made = Group::make_in(&place, limits, core);
            // A sweeper may take a new one for an old one.
            for _ in 1..TRIES {
                if made.is_err() {
                    made = Group::make_in(&place, limits, core);
                }
            }
            match made {
                Ok(group) => return Ok(group),
                Err(reason) => reasons.push(reason),
            }
        }
        match reasons.is_empty() {
            true => Err(format!(
                "no cgroup under {SYSTEM} counts both memory and processes for \
                 us"
            )),
            false => Err(reasons.join("; ")),
        }
    }

    fn make_in(
        place: &Place,
        limits: &Limits,
        core: Option<u32>,
    ) -> Result<Group, String> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = since.unwrap_or_default().as_nanos();
        let name = format!("{NAME}{}-{now}", std::process::id());
        let mut group = Group {
            version: place.version,
            folders: Vec::new(),
            locks: Vec::new(),
            note: String::new(),
        };
        for parent in &place.parents {
            group.make_folder(parent, &name)?;
        }
        let mut missing = Vec::new();
        if let Some(core) = core
            && group.pin(core, place, &name).is_err()
        {
            missing.push("cpuset.cpus");
        }
        for (file, value, needed) in place.version.settings(limits) {
            match (group.set(file, &value), needed) {
                (Ok(()), _) => {}
                (Err(reason), true) => return Err(reason),
                (Err(_), false) => missing.push(file),
            }
        }
        let version = place.version.name();
        group.note = match missing.is_empty() {
            true => version.into(),
            false => format!("{version}, without {}", missing.join(", ")),
        };
        Ok(group)
    }

    fn make_folder(&mut self, parent: &Path, name: &str) -> Result<(), String> {
        sweep(parent);
        let folder = parent.join(name);
        fs::create_dir(&folder)
            .map_err(|error| format!("make {folder:?}: {error}"))?;
        let lock = lock(&folder);
        self.folders.push(folder);
        self.locks.push(lock?);
        Ok(())
    }

    /// v1 has a tree of its own for this, and takes nobody into a cgroup that
    /// has no memory nodes.
    fn pin(
        &mut self,
        core: u32,
        place: &Place,
        name: &str,
    ) -> Result<(), String> {
        let core = core.to_string();
        let Some(parent) = &place.cores else {
            return self.set("cpuset.cpus", &core);
        };
        self.make_folder(parent, name)?;
        let nodes = fs::read_to_string(parent.join("cpuset.mems"));
        let nodes = nodes.map_err(|error| error.to_string());
        let pinned = nodes
            .and_then(|nodes| self.set("cpuset.mems", nodes.trim()))
            .and_then(|()| self.set("cpuset.cpus", &core));
        if pinned.is_err() {
            self.locks.pop();
            self.folders.pop().map(fs::remove_dir);
        }
        pinned
    }

    fn set(&self, file: &str, value: &str) -> Result<(), String> {
        let paths = self.folders.iter().map(|folder| folder.join(file));
        let mut there = paths.filter(|path| path.exists());
        let Some(path) = there.next() else {
            return Err(format!("there is no {file}"));
        };
        fs::write(&path, value)
            .map_err(|error| format!("write {value} to {path:?}: {error}"))
    }

    pub(crate) fn note(&self) -> String {
        self.note.clone()
    }

    /// Where pid 1 can be born: v2 alone has that (Linux 5.7).
    pub(crate) fn cradle(&self) -> Option<BorrowedFd<'_>> {
        match self.version {
            Version::One => None,
            Version::Two => self.locks.first().map(|lock| lock.as_fd()),
        }
    }

    /// Where pid 1 enters by itself, on v1: whoever moves another process lets
    /// the kernel wait for a grace period, 10 to 30 ms, and a thread that moves
    /// itself doesn't. Permission is that of whoever opened them.
    pub(crate) fn doors(&self) -> Result<Vec<File>> {
        let folders = match self.version {
            Version::One => &self.folders[..],
            Version::Two => &[],
        };
        let open = |folder: &PathBuf| {
            let path = folder.join("tasks");
            File::options().write(true).open(&path).with_context(|| {
                format!("open {path:?}, to put the box into it")
            })
        };
        folders.iter().map(open).collect()
    }

    /// The slow way, for v2 where nobody may be born in a cgroup.
    pub(crate) fn admit(&self, pid: Pid) -> Result<()> {
        for folder in &self.folders {
            let path = folder.join("cgroup.procs");
            fs::write(&path, pid.to_string())
                .with_context(|| format!("put the box into {path:?}"))?;
        }
        Ok(())
    }

    pub(crate) fn was_out_of_memory(&self) -> bool {
        let file = self.version.events();
        self.read(file).is_some_and(|text| {
            text.lines().any(|line| {
                line.strip_prefix("oom_kill ")
                    .is_some_and(|count| count.trim() != "0")
            })
        })
    }

    pub(crate) fn peak(&self) -> Option<u64> {
        self.read(self.version.peak())?.trim().parse().ok()
    }

    fn read(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.folders.first()?.join(file)).ok()
    }
}

impl Drop for Group {
    /// The kernel may take a moment to let go of the last process.
    fn drop(&mut self) {
        const PATIENCE: u32 = 500;
        for folder in &self.folders {
            for _ in 0..PATIENCE {
                match fs::remove_dir(folder) {
                    Err(error) if error.raw_os_error() == Some(libc::EBUSY) => {
                        let _ = poll(&mut [], PollTimeout::from(2u8));
                    }
                    _ => break,
                }
            }
        }
    }
}

/// Whoever sweeps may be faster than we, and then it is gone.
fn lock(folder: &Path) -> Result<Flock<File>, String> {
    let told = |error: &dyn std::fmt::Display| {
        format!("lock {folder:?}, which may have been swept: {error}")
    };
    let file = File::open(folder).map_err(|error| told(&error))?;
    let lock = Flock::lock(file, FlockArg::LockExclusiveNonblock)
        .map_err(|(_, errno)| told(&errno))?;
    // It may have gone between the two; from now on nobody removes it.
    match folder.exists() {
        true => Ok(lock),
        false => Err(told(&"it has gone")),
    }
}

/// Removes what killed runners left.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(NAME);
        if ours && let Ok(_lock) = lock(&entry.path()) {
            let _ = fs::remove_dir(entry.path());
        }
    }
}
