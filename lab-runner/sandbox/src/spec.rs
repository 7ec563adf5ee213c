//! What to run, with what, and how much of everything it may use.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A program, and what it is given.
#[derive(Debug)]
pub struct BoxSpec {
    /// Absolute, as the program's path is inside.
    pub program: PathBuf,
    /// Without the program's name.
    pub args: Vec<OsString>,
    /// Added to PATH, HOME and LANG; nothing is inherited.
    pub env: Vec<(OsString, OsString)>,
    /// All that the program can read from standard input.
    pub stdin: Vec<u8>,
    /// Files and folders of ours that it sees.
    pub files: Vec<Share>,
    /// Files that it leaves for us, once nothing of it runs any more.
    pub collect: Vec<Collect>,
    /// Where it starts, as seen inside.
    pub folder: PathBuf,
    /// Its network; without one, it gets a new one with a loopback only. The
    /// caller must have CAP_SYS_ADMIN in the user namespace that owns it.
    pub netns: Option<OwnedFd>,
    /// How much it may use.
    pub limits: Limits,
    /// The only core that it runs on, if its cgroup can say so: the peer and
    /// the runner have the others to themselves.
    pub core: Option<u32>,
    /// Whether to do without a cgroup where there is none.
    pub cgroup: Cgroup,
    /// For the test that shows what each layer is for. The outcome names them.
    pub without: Vec<Layer>,
}

impl BoxSpec {
    /// `program` with nothing, in `/tmp`, under the default limits.
    pub fn new(program: impl Into<PathBuf>) -> BoxSpec {
        BoxSpec {
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
            stdin: Vec::new(),
            files: Vec::new(),
            collect: Vec::new(),
            folder: "/tmp".into(),
            netns: None,
            limits: Limits::default(),
            core: None,
            cgroup: Cgroup::Auto,
            without: Vec::new(),
        }
    }
}

/// A file or folder of ours at a path of its own in the box. Never a symbolic
/// link; never a device.
#[derive(Debug)]
pub struct Share {
    /// What to show.
    pub source: Source,
    /// Where: absolute.
    pub inside: PathBuf,
    /// May the program write there? It writes as itself, so the source's
    /// permissions must let it. Nothing limits how much: let it be on a file
    /// system that is small, and not the machine's disk, or a [`Share::scratch`].
    pub writable: bool,
}

impl Share {
    /// An empty folder of the box's own, which takes this much and goes with
    /// it: a build's target. What is in it counts as memory of the box.
    pub fn scratch(inside: impl Into<PathBuf>, bytes: u64) -> Share {
        let source = Source::Scratch { bytes };
        Share { source, inside: inside.into(), writable: true }
    }
}

/// A regular file that the program may leave in `/tmp` or in a scratch, or
/// below; no link is followed. [`crate::Outcome::collected`] has a copy.
#[derive(Clone, Debug)]
pub struct Collect {
    /// Where it is: absolute.
    pub inside: PathBuf,
    /// A larger one is not taken.
    pub limit: u64,
}

/// Which file: by name, one that is already open, or none yet.
#[derive(Debug)]
pub enum Source {
    /// Absolute.
    Path(PathBuf),
    /// O_PATH will do. What is shown is this very inode or nothing.
    Open(OwnedFd),
    /// See [`Share::scratch`].
    Scratch {
        /// How much it takes.
        bytes: u64,
    },
}

/// How much of everything.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// From the program's start to its end.
    pub wall: Duration,
    /// Per process; the box as a whole gets one core, if there is a cgroup.
    pub cpu: Duration,
    /// Bytes of the whole box with a cgroup, else of each process.
    pub memory: u64,
    /// Processes and threads.
    pub processes: u64,
    /// Open files of a process.
    pub files: u64,
    /// Bytes kept of standard output, and of standard error.
    pub output_bytes: usize,
    /// Bytes of one file.
    pub file_size: u64,
    /// Bytes of /tmp, which counts as memory.
    pub tmpfs: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            wall: Duration::from_secs(10),
            cpu: Duration::from_secs(5),
            memory: 256 << 20,
            processes: 32,
            files: 256,
            output_bytes: 64 << 10,
            file_size: 16 << 20,
            tmpfs: 16 << 20,
        }
    }
}

/// Memory and processes of the whole box can only be limited by a cgroup.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize,
)]
pub enum Cgroup {
    /// With one if possible, else weak: the outcome says which.
    #[default]
    Auto,
    /// Refuse to run without one.
    Required,
    /// Weak on purpose: limits of each process, and no memory files.
    None,
}

/// A protection that can be on or off by itself.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// A user namespace in which root is not mapped.
    User,
    /// Processes of its own.
    Pid,
    /// A root of its own: what was not shared is not there.
    Root,
    /// System V IPC and message queues of its own.
    Ipc,
    /// A host name of its own.
    Uts,
    /// No view of the cgroups outside.
    CgroupView,
    /// The network it was given, and not the caller's.
    Network,
    /// No namespaces in the box, few inotify watches.
    Ucounts,
    /// Limits of a process.
    Rlimits,
    /// Limits of the box as a whole.
    Cgroup,
    /// No capabilities, not even as root of the box.
    Capabilities,
    /// Set-user-id programs are plain programs.
    NoNewPrivileges,
    /// Its pid 1 can't be read, traced or seen.
    Hidden,
    /// Writes only where something writable was shared.
    Landlock,
    /// System calls that a program for the labs needs.
    Seccomp,
    /// No descriptor but the first three.
    Descriptors,
    /// No variable of ours.
    Environment,
    /// No terminal.
    Session,
}

impl Layer {
    /// All, in the order in which they are put on.
    pub const ALL: [Layer; 18] = [
        Layer::User,
        Layer::Pid,
        Layer::Root,
        Layer::Ipc,
        Layer::Uts,
        Layer::CgroupView,
        Layer::Network,
        Layer::Ucounts,
        Layer::Rlimits,
        Layer::Cgroup,
        Layer::Capabilities,
        Layer::NoNewPrivileges,
        Layer::Hidden,
        Layer::Landlock,
        Layer::Seccomp,
        Layer::Descriptors,
        Layer::Environment,
        Layer::Session,
    ];
}
