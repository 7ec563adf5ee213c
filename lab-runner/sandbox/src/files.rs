//! Shares and a few folders of the machine -> the box's root.

use std::fs;
use std::io::Write;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nix::fcntl::OFlag;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, umask};
use nix::unistd::{fchdir, pivot_root, symlinkat};

use crate::collect::{self, TMP};
use crate::limits::set_counts;
use crate::mounts::{NO_DEVICES, NO_EXEC, NO_SETUID, READ_ONLY, Tree};
use crate::place::{place, scratch, tmpfs};
use crate::report::Layers;
use crate::spec::{Layer, Limits};
use crate::start::Job;

/// What a dynamically linked program, a compiler and an interpreter need.
const FOLDERS: [&str; 5] = ["/bin", "/lib", "/lib64", "/sbin", "/usr"];
const FILES: [&str; 3] =
    ["/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime"];
const DEVICES: [&str; 5] = ["full", "null", "random", "urandom", "zero"];
const LINKS: [(&str, &str); 4] = [
    ("dev/fd", "/proc/self/fd"),
    ("dev/stdin", "/proc/self/fd/0"),
    ("dev/stdout", "/proc/self/fd/1"),
    ("dev/stderr", "/proc/self/fd/2"),
];
const TEXTS: [(&str, &str); 3] = [
    ("/etc/passwd", "student:x:1000:1000::/tmp:/bin/sh\n"),
    ("/etc/group", "student:x:1000:\n"),
    ("/etc/hosts", "127.0.0.1 localhost\n"),
];
/// Covered by the box's root before anything in it is needed.
const STAND: &str = "/tmp";
pub(crate) const RIGID: u64 = NO_SETUID | NO_DEVICES;

/// What will be in the box, opened with the rights of the caller.
pub(crate) struct Sources {
    own_root: bool,
    own_proc: bool,
    machine: Vec<Source>,
    shares: Vec<Source>,
    scratch: Vec<(PathBuf, u64)>,
    links: Vec<(&'static str, PathBuf)>,
}

struct Source {
    tree: Tree,
    inside: PathBuf,
    is_folder: bool,
}

impl Sources {
    pub(crate) fn open(
        job: &Job,
        open: &[Option<OwnedFd>],
        layers: &Layers,
    ) -> Result<Sources> {
        let mut sources = Sources {
            own_root: layers.wants(Layer::Root),
            own_proc: layers.wants(Layer::Pid),
            machine: Vec::new(),
            shares: Vec::new(),
            scratch: Vec::new(),
            links: Vec::new(),
        };
        let none = None::<&str>;
        let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
        mount(none, "/", none, private, none).context(
            "make the mount tree private (Ubuntu's AppArmor refuses this to \
             user namespaces): `lab-runner doctor` names the remedy",
        )?;
        if sources.own_root {
            sources.open_machine()?;
            sources.open_shares(job, open)?;
        }
        Ok(sources)
    }

    fn open_machine(&mut self) -> Result<()> {
        for folder in FOLDERS {
            match fs::read_link(folder) {
                Ok(to) => self.links.push((folder, to)),
                Err(_) => self.open_if_there(folder, READ_ONLY | RIGID)?,
            }
        }
        for file in FILES {
            // A link's text, not what it points to, would be mounted.
            let path = fs::canonicalize(file).unwrap_or_else(|_| file.into());
            self.open_as(&path, file, READ_ONLY | RIGID)?;
        }
        for name in DEVICES {
            self.open_if_there(&format!("/dev/{name}"), NO_SETUID | NO_EXEC)?;
        }
        if !self.own_proc {
            self.open_if_there("/proc", RIGID | NO_EXEC)?;
        }
        Ok(())
    }

    fn open_if_there(&mut self, path: &str, attributes: u64) -> Result<()> {
        self.open_as(Path::new(path), path, attributes)
    }

    fn open_as(
        &mut self,
        path: &Path,
        inside: &str,
        attributes: u64,
    ) -> Result<()> {
        if !path.exists() {
            return Ok(());
        }
        let source = Source::open(path, inside.into(), attributes)?;
        self.machine.push(source);
        Ok(())
    }

    fn open_shares(
        &mut self,
        job: &Job,
        open: &[Option<OwnedFd>],
    ) -> Result<()> {
        for (share, fd) in job.shares.iter().zip(open) {
            let inside = PathBuf::from(&share.inside);
            self.check_place(&inside)?;
            if let Some(bytes) = share.scratch {
                self.scratch.push((inside, bytes));
                continue;
            }
            let path = match fd {
                Some(fd) => name_of(fd)?,
                None => PathBuf::from(&share.path),
            };
            let attributes = match share.writable {
                true => RIGID,
                false => RIGID | READ_ONLY,
            };
            let source = Source::open(&path, inside, attributes)?;
            source.check(&path, fd.as_ref())?;
            self.shares.push(source);
        }
        Ok(())
    }

    fn check_place(&self, inside: &Path) -> Result<()> {
        let shared = self.shares.iter().map(|share| &share.inside);
        let scratch = self.scratch.iter().map(|(other, _)| other);
        let mut all = shared.chain(scratch);
        match all.find(|other| {
            inside.starts_with(other) || other.starts_with(inside)
        }) {
            None => Ok(()),
            Some(outer) => bail!(
                "share {inside:?}: {outer:?} is shared already, and what is \
                 in there may be a student's. Give each a path of its own"
            ),
        }
    }

    /// The root is made, filled and entered; the old one is gone. What is new
    /// and can be written to goes through `hand`, too.
    pub(crate) fn build(
        self,
        limits: &Limits,
        layers: &mut Layers,
        hand: &OwnedFd,
    ) -> Result<()> {
        umask(Mode::from_bits_truncate(0o022));
        if !self.own_root {
            layers.off(Layer::Root, "switched off by the caller");
            return self.refresh_proc(layers);
        }
        let root = tmpfs(1 << 20, "0755");
        let root = root.context("make the box's root")?;
        // Held before it is covered.
        let stand = open_folder(STAND)?;
        root.attach(stand.as_fd())
            .with_context(|| format!("mount the box's root on {STAND}"))?;
        let at = root.as_fd();
        for (name, to) in &self.links {
            let name = name.trim_start_matches('/');
            symlinkat(to, at, name)
                .with_context(|| format!("link {name} in the box"))?;
        }
        for (path, text) in TEXTS {
            let place = place(at, Path::new(path), false)?;
            fs::File::from(place)
                .write_all(text.as_bytes())
                .with_context(|| format!("write the box's {path}"))?;
        }
        let tmp = scratch(at, Path::new(TMP), limits.tmpfs)?;
        let mut own = vec![tmp];
        for source in self.machine.iter().chain(&self.shares) {
            source.attach(at)?;
        }
        for (inside, bytes) in &self.scratch {
            own.push(scratch(at, inside, *bytes)?);
        }
        collect::give(hand, &own)?;
        for (name, to) in LINKS {
            symlinkat(to, at, name)
                .with_context(|| format!("link {name} in the box"))?;
        }
        let proc = self.attach_proc(at, layers)?;
        enter(&root)?;
        if let Some(proc) = proc {
            proc.add(READ_ONLY, true).context("make /proc read-only")?;
        }
        root.add(READ_ONLY, false).context("make the root read-only")?;
        layers.on(Layer::Root, "what was shared, read-only, and a /tmp");
        Ok(())
    }

    fn attach_proc(
        &self,
        root: BorrowedFd<'_>,
        layers: &mut Layers,
    ) -> Result<Option<Tree>> {
        if !self.own_proc {
            layers.off(Layer::Ucounts, "no /proc of its own");
            return Ok(None);
        }
        let place = place(root, Path::new("/proc"), true)?;
        let proc = match fresh_proc(layers) {
            Ok(proc) => proc,
            Err(error) => {
                let why = format!("no /proc, and so no counts: {error}");
                layers.off(Layer::Ucounts, why);
                return Ok(None);
            }
        };
        proc.attach(place.as_fd()).context("mount the box's /proc")?;
        count(layers, &Path::new(STAND).join("proc"))?;
        Ok(Some(proc))
    }

    /// For a box that keeps the machine's root.
    fn refresh_proc(&self, layers: &mut Layers) -> Result<()> {
        if !self.own_proc {
            layers.off(Layer::Ucounts, "no /proc of its own");
            return Ok(());
        }
        let proc = fresh_proc(layers).context("mount /proc")?;
        proc.attach(open_folder("/proc")?.as_fd())?;
        count(layers, Path::new("/proc"))?;
        proc.add(READ_ONLY, true).context("make /proc read-only")
    }
}

/// The counts are the user namespace's, so without one they are ours.
fn count(layers: &mut Layers, proc: &Path) -> Result<()> {
    match layers.wants(Layer::User) {
        true => layers.apply(Layer::Ucounts, || set_counts(proc)),
        false => {
            layers.off(Layer::Ucounts, "no user namespace");
            Ok(())
        }
    }
}

fn fresh_proc(layers: &Layers) -> std::io::Result<Tree> {
    let hidden: &[_] = match layers.wants(Layer::Hidden) {
        true => &[(c"hidepid", c"2")],
        false => &[],
    };
    Tree::fresh(c"proc", hidden, RIGID | NO_EXEC)
}

impl Source {
    fn open(path: &Path, inside: PathBuf, attributes: u64) -> Result<Source> {
        let tree = Tree::clone_of(path)
            .with_context(|| format!("open {path:?} for the box"))?;
        let is_folder = kind(&fstat(&tree)?) == SFlag::S_IFDIR;
        tree.add(attributes, true)
            .with_context(|| format!("restrict {path:?} for the box"))?;
        Ok(Source { tree, inside, is_folder })
    }

    /// A share is a file or a folder, and the one that the caller had open.
    fn check(&self, path: &Path, fd: Option<&OwnedFd>) -> Result<()> {
        let found = fstat(&self.tree)?;
        if ![SFlag::S_IFREG, SFlag::S_IFDIR].contains(&kind(&found)) {
            bail!(
                "share {path:?}: it is no file and no folder; a symbolic link \
                 is not followed, so name what it points to"
            );
        }
        let same = |other: FileStat| {
            (other.st_dev, other.st_ino) == (found.st_dev, found.st_ino)
        };
        if let Some(fd) = fd
            && !same(fstat(fd)?)
        {
            bail!("share {path:?}: something else has taken its place");
        }
        Ok(())
    }

    fn attach(&self, root: BorrowedFd<'_>) -> Result<()> {
        let place = place(root, &self.inside, self.is_folder)?;
        self.tree
            .attach(place.as_fd())
            .with_context(|| format!("mount {:?} in the box", self.inside))
    }
}

fn kind(stat: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(stat.st_mode & SFlag::S_IFMT.bits())
}

/// Where an open file is now.
fn name_of(fd: &OwnedFd) -> Result<PathBuf> {
    fs::read_link(format!("/proc/self/fd/{}", fd.as_raw_fd()))
        .context("find a share that was given open: is /proc there?")
}

fn open_folder(path: &str) -> Result<OwnedFd> {
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    nix::fcntl::open(path, flags, Mode::empty())
        .with_context(|| format!("open {path}"))
}

/// The new root on top of the old one, which is then taken away from below.
fn enter(root: &Tree) -> Result<()> {
    fchdir(root)?;
    pivot_root(".", ".").context(
        "enter the box's root (a machine that runs from its initramfs has to \
         switch_root first)",
    )?;
    umount2(".", MntFlags::MNT_DETACH).context("leave the old root")?;
    std::env::set_current_dir("/").context("enter /")
}
