//! Each attack without the box -> does it work at all? As root of a user
//! namespace: what a careless grader gives it, and no danger to the machine.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::arena::Arena;
use crate::case::{Bare, Case, read_all};

pub(crate) fn run(folder: &Path) -> Result<()> {
    let grades = folder.join("grades.csv");
    let mut failed = Vec::new();
    for case in read_all(&folder.join("src"))? {
        if case.bare == Bare::NotTried {
            continue;
        }
        let arena = Arena::new(folder)?;
        let text = std::fs::read(&grades)?;
        if let Err(error) = try_one(&arena, &case) {
            failed.push(format!("{}: {error:#}", case.name));
        }
        arena.clear();
        std::fs::write(&grades, text)?;
    }
    match failed.is_empty() {
        true => Ok(()),
        false => bail!("without effect:\n{}", failed.join("\n")),
    }
}

fn try_one(arena: &Arena<'_>, case: &Case) -> Result<()> {
    let before = arena.state()?;
    arena.forged();
    let text = attack(arena, &case.name)?;
    let left = !arena.others()?.is_empty();
    let forged = !arena.forged().1.is_empty();
    let broken = || -> Result<bool> {
        Ok(before != arena.state()? || arena.answers().is_err())
    };
    let hit = text.lines().any(|line| line.starts_with("HIT"));
    if case.bare == Bare::HitIfThere && !hit {
        println!("{}: nothing of it on this machine", case.name);
        return Ok(());
    }
    let works = match &case.bare {
        Bare::NotTried => true,
        Bare::Hit | Bare::HitIfThere => hit,
        Bare::Left => left,
        Bare::Forged => forged,
        Bare::Broken => broken()?,
        Bare::AtLeast(what, least) => text.lines().any(|line| {
            let rest = line.strip_prefix("SAW ");
            let rest = rest.and_then(|rest| rest.strip_prefix(what.as_str()));
            let number = rest.and_then(|rest| rest.trim().parse().ok());
            number.is_some_and(|number: usize| number >= *least)
        }),
    };
    match works {
        true => Ok(()),
        false => bail!("wanted {:?}, saw\n{text}", case.bare),
    }
}

/// Its output goes to a file: a process that it leaves would hold a pipe.
fn attack(arena: &Arena<'_>, name: &str) -> Result<String> {
    let path = arena.folder.join("work/output");
    let network = arena.wire.student.as_raw_fd();
    let mut command = Command::new(arena.folder.join("hostile"));
    command.arg(name).arg(arena.folder).stdin(Stdio::null());
    command.stdout(File::create(&path)?).current_dir("/");
    // SAFETY: both calls are async-signal-safe.
    unsafe {
        command.pre_exec(move || {
            // What it mounts should not be in the arena's way.
            let own = libc::unshare(libc::CLONE_NEWNS);
            match own | libc::setns(network, libc::CLONE_NEWNET) {
                0 => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            }
        });
    }
    let status = command.status().context("start the attack")?;
    let text = std::fs::read(&path)?;
    std::fs::remove_file(&path)?;
    Ok(format!("{}{status}", String::from_utf8_lossy(&text)))
}
