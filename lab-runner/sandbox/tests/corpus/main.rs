//! Every attack of `hostile/`, in the box: as root and as an ordinary user;
//! and without the box. Judged by what can be seen from outside.
//!
//! The attacks run in an arena: namespaces of the test's own, with a peer at
//! the other end of a wire, and a folder with a key, grades and others' work.

mod arena;
mod bare;
mod boxed;
mod builds;
mod case;
mod collects;
mod crowd;
mod killed;
mod matrix;
mod uses;
mod wire;

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};
use nix::unistd::geteuid;

/// An ordinary user, who need not exist.
const SOMEBODY: u32 = 4242;
const ACT: &str = "__act";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        [lab_box::ARGUMENT] => return lab_box::warden(),
        [ACT, what, folder] => act(what, Path::new(folder)),
        _ => all(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Each act, and whether it is root's. The long ones first.
const ACTS: [(&str, bool); 18] = [
    ("boxed", true),
    ("boxed", false),
    ("matrix", false),
    ("bare", false),
    ("builds", true),
    ("builds", false),
    ("killed_at_any_time", true),
    ("killed_at_any_time", false),
    ("crowd", true),
    ("crowd", false),
    ("collects", true),
    ("collects", false),
    ("uses", true),
    ("uses", false),
    ("killed", true),
    ("killed", false),
    (COST, true),
    (COST, false),
];
/// Acts at once: they wait for time to pass more often than for a core.
const AT_ONCE: usize = 3;
/// Measures, and judges nothing: only when it is asked for.
const COST: &str = "cost";
const FAILED: &str = "FAILED";

/// The test as a whole: each act in a process of its own. Takes what the usual
/// harness takes: a part of a name, and --list.
fn all(args: &[&str]) -> Result<()> {
    let names = ACTS.map(|(what, as_root)| {
        let who = if as_root { "root" } else { "user" };
        (what, as_root, format!("{what}_as_{who}"))
    });
    if args.contains(&"--list") {
        names.iter().for_each(|(_, _, name)| println!("{name}: test"));
        return Ok(());
    }
    let is_value = |at: usize| at > 0 && args[at - 1] == "--test-threads";
    let filter = (0..args.len())
        .find(|&at| !args[at].starts_with('-') && !is_value(at))
        .map(|at| args[at]);
    let hostile = build_hostile()?;
    let wanted = names.into_iter().filter(|(what, _, name)| match filter {
        Some(filter) => name.contains(filter),
        None => *what != COST,
    });
    let wanted = Mutex::new(wanted);
    let failed = AtomicUsize::new(0);
    let next = || wanted.lock().ok()?.next();
    let work = || {
        while let Some((what, as_root, name)) = next() {
            let (word, output) = play(what, as_root, &hostile);
            println!("{output}test {name} ... {word}");
            failed.fetch_add(usize::from(word == FAILED), Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    match failed.into_inner() {
        0 => Ok(()),
        failed => bail!("{failed} failed"),
    }
}

/// How it ended, and what it said.
fn play(what: &str, as_root: bool, hostile: &Path) -> (&'static str, String) {
    if as_root && !geteuid().is_root() {
        return ("skipped: not root", String::new());
    }
    match stage(what, as_root, hostile) {
        Ok(output) => {
            let word = if output.status.success() { "ok" } else { FAILED };
            let said = [output.stdout, output.stderr].concat();
            (word, String::from_utf8_lossy(&said).into_owned())
        }
        Err(error) => (FAILED, format!("{error:#}\n")),
    }
}

/// Cargo knows no way to depend on another package's program.
fn build_hostile() -> Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package", "lab-hostile"]);
    let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status();
    if !built.context("run cargo")?.success() {
        bail!("cargo could not build lab-hostile");
    }
    let own = std::env::current_exe()?;
    let folder = own.ancestors().nth(2).context("the target folder")?;
    Ok(folder.join("lab-hostile"))
}

/// A folder that anybody may read, even where our sources are private.
fn stage(what: &str, as_root: bool, hostile: &Path) -> Result<Output> {
    let folder = tempfile::Builder::new().prefix("lab-box-").tempdir()?;
    let path = folder.path();
    fs::set_permissions(path, Permissions::from_mode(0o755))?;
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("hostile/src");
    for name in ["key", "submissions", "submissions/alice", "work", "src"] {
        fs::create_dir(path.join(name))?;
    }
    for entry in fs::read_dir(&sources)? {
        let entry = entry?;
        fs::copy(entry.path(), path.join("src").join(entry.file_name()))?;
    }
    copy_all(&sources.with_file_name("build"), &path.join("crate"))?;
    let test = path.join("test");
    fs::copy(std::env::current_exe()?, &test)?;
    for name in ["hostile", "setuid"] {
        fs::copy(hostile, path.join(name))?;
    }
    let mode = Permissions::from_mode(0o4755);
    fs::set_permissions(path.join("setuid"), mode)?;
    fs::write(path.join("key/answer.txt"), "42\n")?;
    fs::write(path.join("grades.csv"), "mallory,0\n")?;
    let everybody = Permissions::from_mode(0o666);
    fs::set_permissions(path.join("grades.csv"), everybody)?;
    let work = path.join("work");
    fs::set_permissions(&work, Permissions::from_mode(0o777))?;
    symlink(path.join("key/answer.txt"), work.join("answer"))?;
    symlink(path.join("grades.csv"), work.join("grades"))?;
    symlink("/", work.join("root"))?;

    let mut command = Command::new(&test);
    command.args([ACT, what]).arg(path).current_dir("/");
    if geteuid().is_root() && !as_root {
        for name in ["", "key", "grades.csv", "submissions", "work"] {
            chown(path.join(name), Some(SOMEBODY), Some(SOMEBODY))?;
        }
        give(&path.join("crate"))?;
        command.uid(SOMEBODY).gid(SOMEBODY);
    }
    command.output().context("start an act")
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_all(&entry.path(), &to)?,
            false => drop(fs::copy(entry.path(), to)?),
        }
    }
    Ok(())
}

/// What is attacked is the attacker's own, as far down as it goes.
fn give(path: &Path) -> Result<()> {
    chown(path, Some(SOMEBODY), Some(SOMEBODY))?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path())?;
        }
    }
    Ok(())
}

fn act(what: &str, folder: &Path) -> Result<()> {
    match what {
        "boxed" => arena::enter(|| boxed::run(folder)),
        "bare" => arena::enter(|| bare::run(folder)),
        "builds" => arena::enter(|| builds::run(folder)),
        "matrix" => arena::enter(|| matrix::run(folder)),
        COST => arena::enter(|| boxed::cost(folder)),
        "crowd" => arena::enter(|| crowd::run(folder)),
        "collects" => collects::run(folder),
        "uses" => uses::run(folder),
        "killed" => killed::run(folder),
        "killed_at_any_time" => arena::enter(|| killed::at_any_time(folder)),
        "waiting" => killed::wait(folder),
        _ => bail!("{what:?} is no act"),
    }
}
