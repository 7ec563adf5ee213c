//! The program -> its exit status. pid 1 starts it, and collects whatever dies
//! in the box until the program itself does.

use std::ffi::{CString, OsString};
use std::os::fd::AsFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::sys::signal::SigSet;
use nix::sys::wait::{WaitStatus, wait};
use nix::unistd::{
    ForkResult, Pid, chdir, dup2_stderr, dup2_stdin, dup2_stdout, execve, fork,
    setsid,
};

use crate::inside::Inside;
use crate::report::{Layers, Word};
use crate::rights::keep_only;
use crate::spec::Layer;

const ENVIRONMENT: [(&str, &str); 3] =
    [("PATH", "/usr/bin:/bin"), ("HOME", "/tmp"), ("LANG", "C.UTF-8")];

pub(crate) fn run(inside: &mut Inside) -> Result<()> {
    let alone = inside.layers.wants(Layer::Descriptors);
    let voice = inside.voice.as_fd();
    if alone {
        let ends = [&inside.stdin, &inside.stdout, &inside.stderr];
        let [stdin, stdout, stderr] = ends.map(AsFd::as_fd);
        keep_only(&[stdin, stdout, stderr, voice])?;
    }
    // SAFETY: this process has one thread.
    match unsafe { fork() }.context("start the program's process")? {
        ForkResult::Child => {
            let Err(error) = become_the_program(inside);
            let words = format!("{error:#}");
            let _ = inside.voice.say(&Word::Failed(words));
            // SAFETY: leaves without running anything of the warden's.
            unsafe { libc::_exit(127) }
        }
        ForkResult::Parent { child } => {
            if alone {
                keep_only(&[inside.voice.as_fd()])?;
            }
            let end = reap(child)?;
            inside.voice.say(&end)
        }
    }
}

fn reap(program: Pid) -> Result<Word> {
    loop {
        match wait() {
            Ok(WaitStatus::Exited(pid, code)) if pid == program => {
                return Ok(Word::Exited(code));
            }
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == program => {
                return Ok(Word::Signalled(signal as i32));
            }
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => bail!("wait for the program: {errno}"),
        }
    }
}

fn become_the_program(inside: &mut Inside) -> Result<std::convert::Infallible> {
    let job = &inside.job;
    let program = c_string(&job.program)?;
    let mut args = vec![program.clone()];
    for arg in &job.args {
        args.push(c_string(arg)?);
    }
    let env = environment(inside)?;
    forget_signals();
    dup2_stdin(&inside.stdin)?;
    dup2_stdout(&inside.stdout)?;
    dup2_stderr(&inside.stderr)?;
    let layers = std::mem::replace(&mut inside.layers, Layers::new(vec![]));
    if layers.wants(Layer::Session) {
        setsid().context("a session for the program")?;
    }
    if layers.wants(Layer::Descriptors) {
        close_the_rest().context("close what is not the program's")?;
    }
    let folder = inside.job.folder.as_os_str();
    chdir(folder).with_context(|| format!("enter the folder {folder:?}"))?;
    inside.voice.say(&Word::Ready(layers.states()))?;
    let Err(errno) = execve(&program, &args, &env);
    let name = &inside.job.program;
    bail!(
        "execute {name:?} in the box: {errno}. Is it there under this name, \
         with all that it is linked to, and may everybody execute it?"
    )
}

/// A Rust program ignores SIGPIPE, and what is ignored stays so.
fn forget_signals() {
    const LAST: libc::c_int = 64;
    for signal in 1..=LAST {
        // SAFETY: sets the default, or is told that it can't.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    let _ = SigSet::empty().thread_set_mask();
}

/// With the exec, so that a failure of that can still be told.
fn close_the_rest() -> Result<(), Errno> {
    // SAFETY: marks descriptors, and closes none.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_close_range,
            3,
            u32::MAX,
            libc::CLOSE_RANGE_CLOEXEC,
        )
    };
    Errno::result(answer).map(drop)
}

fn environment(inside: &Inside) -> Result<Vec<CString>> {
    let mut pairs: Vec<(OsString, OsString)> = Vec::new();
    if !inside.layers.wants(Layer::Environment) {
        pairs.extend(std::env::vars_os());
    }
    for (name, value) in ENVIRONMENT {
        pairs.push((name.into(), value.into()));
    }
    pairs.extend(inside.job.env.iter().cloned());
    let mut seen = std::collections::HashSet::new();
    pairs.reverse();
    pairs.retain(|(name, _)| seen.insert(name.clone()));
    pairs
        .into_iter()
        .map(|(mut name, value)| {
            name.push("=");
            name.push(value);
            c_string(&name)
        })
        .collect()
}

fn c_string(text: &OsString) -> Result<CString> {
    CString::new(text.clone().into_vec()).with_context(|| {
        let text = String::from_utf8_lossy(text.as_bytes()).into_owned();
        format!("{text:?} holds a zero byte")
    })
}
