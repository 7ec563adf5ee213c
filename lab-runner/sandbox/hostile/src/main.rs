//! `lab-hostile ATTACK FOLDER`: one attack on whoever runs this; FOLDER is
//! where the grader keeps its secrets. `lab-hostile each FOLDER ATTACK..` tries
//! several and says which of them had an effect.
//!
//! It prints `HIT what`, an effect that must not be; `NO what: why`, a refusal;
//! `SAW what number`, how far it got. What must come of an attack is in its
//! comment, and `../tests/corpus` holds it against what can be seen from
//! outside:
//!
//! - `EXPECT:` clauses between semicolons: `refused` (a `NO`, and no `HIT`),
//!   `harmless` (`HIT` or not), `exits N`, `signal N`, `wall`, `output`,
//!   `memory` (how it ends; else `exits 0`), `what <= N`, `what >= N`, and
//!   `silent` (no frame at the peer).
//! - `WEAK:` the same, where there is no cgroup.
//! - `BARE:` what comes of it without a box: `hit` (`hit, if there` on machines
//!   that have what it attacks), `what >= N`, `left` (a
//!   process outlives it), `forged` (a frame), `broken` (peer or network); or
//!   why that isn't tried.
//! - `LIMITS:` seconds, where they differ: `wall 1`, `cpu 1`; or `one core`.
//! - `ALONE:` why it is not in the matrix of layers.
//!
//! A submission that attacks its build is in `../build`; twenty boxes at once,
//! and what a box leaves for us, are in `../tests/corpus`. No program here is
//! for a hole in the kernel: that is why graders run in a virtual machine that
//! holds nothing but the labs.

mod calls;
mod files;
mod kernel;
mod network;
mod processes;
mod resources;
mod sockets;

use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

type Attack = fn(&Path);

/// More than any limit of the box.
const FAR: usize = 200;
/// Under `each`, who started that.
const PARENT: &str = "LAB_PARENT";

macro_rules! attacks {
    ($($module:ident: $($name:ident)*;)*) => {
        const ATTACKS: &[(&str, Attack)] =
            &[$($((stringify!($name), $module::$name),)*)*];
    };
}

attacks! {
    resources: fork_bomb fork_storm doubling_fork thread_bomb zombies memory
        shared_memory memory_files system_v_memory tmp_full inodes sparse
        core_dump spin sleep ignore_signals stop_itself trickle
        close_descriptors flood flood_of_errors held_pipe daemon descriptors descriptors_in_flight
        inotify lock_memory priority pin_to_core;
    processes: kill_all kill_peer see_peer trace_peer kill_parent trace_init
        forge_through_parent forge_through_own steal_descriptor
        grader_program limit_parent
        inherited_descriptors secrets_in_environment exit_code kill_itself
        fake_verdict signal_storm;
    files: read_key write_grade list_others write_system set_user_id
        make_set_user_id handles device_nodes devices plant_links hard_link lock_shared
        kernel_settings;
    kernel: nested_namespaces enter_namespaces mounts change_root
        capabilities keyring io_uring kernel_interfaces machine clocks
        x32_calls unknown_calls terminal personality host_name
        message_queue foreign_ipc;
    sockets: vsock socket_families netlink_families raw_sockets
        runner_socket beyond buffers;
    network: honest forge_frame spoof_source change_link move_link
        add_route talk_to_itself udp_flood connect_flood ip_options
        fragments tiny_flood socket_options;
}

#[cfg(target_arch = "x86_64")]
const OF_THIS_MACHINE: &[(&str, Attack)] =
    &[("calls_of_32_bits", kernel::calls_of_32_bits)];
#[cfg(not(target_arch = "x86_64"))]
const OF_THIS_MACHINE: &[(&str, Attack)] = &[];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let known = || ATTACKS.iter().chain(OF_THIS_MACHINE);
    match args[..] {
        ["list"] => {
            known().for_each(|(name, _)| println!("{name}"));
            ExitCode::SUCCESS
        }
        ["whoami"] => processes::whoami(),
        ["each", folder, ref names @ ..] => {
            each(folder, names);
            ExitCode::SUCCESS
        }
        [name, folder] => match known().find(|(known, _)| *known == name) {
            Some((_, attack)) => {
                attack(Path::new(folder));
                ExitCode::SUCCESS
            }
            None => ExitCode::from(99),
        },
        _ => ExitCode::from(99),
    }
}

/// Each in a process group of its own, which goes when it has ended.
fn each(folder: &str, names: &[&str]) {
    let parent = std::os::unix::process::parent_id().to_string();
    for name in names {
        let mut command = Command::new("/proc/self/exe");
        command.args([name, folder]).env(PARENT, &parent);
        command.process_group(0);
        let Ok(child) = command.stdout(Stdio::piped()).spawn() else {
            println!("{name} ?");
            continue;
        };
        let group = Pid::from_raw(child.id() as i32);
        let effect = had_effect(child);
        let _ = killpg(group, Signal::SIGKILL);
        println!("{name} {}", if effect { "HIT" } else { "NO" });
    }
}

/// Children may hold its output open, so not to the end of that.
fn had_effect(mut child: Child) -> bool {
    let Some(mut output) = child.stdout.take() else { return false };
    let _ = child.wait();
    let mut text = vec![0; 1 << 16];
    let fd = output.as_raw_fd() as usize;
    let nonblocking = libc::O_NONBLOCK as usize;
    let set = libc::F_SETFL as usize;
    let _ = calls::call(libc::SYS_fcntl, &[fd, set, nonblocking]);
    let length = output.read(&mut text).unwrap_or(0);
    let text = String::from_utf8_lossy(&text[..length]).into_owned();
    text.lines().any(|line| {
        let number = line.rsplit(' ').next().unwrap_or_default();
        let far = number.parse().is_ok_and(|number: usize| number >= FAR);
        line.starts_with("HIT") || line.starts_with("SAW") && far
    })
}

/// Says what came of a try.
pub(crate) fn attempt<T, E: std::fmt::Display>(
    what: &str,
    result: Result<T, E>,
) -> Option<T> {
    match result {
        Ok(value) => {
            println!("HIT {what}");
            Some(value)
        }
        Err(error) => {
            println!("NO {what}: {error}");
            None
        }
    }
}

pub(crate) fn saw(what: &str, number: usize) {
    println!("SAW {what} {number}");
}

/// Counts how often it works, up to `most`.
pub(crate) fn count<T>(
    most: usize,
    mut act: impl FnMut(usize) -> io::Result<T>,
) -> (usize, Vec<T>) {
    let mut got = Vec::new();
    while got.len() < most {
        match act(got.len()) {
            Ok(thing) => got.push(thing),
            Err(_) => break,
        }
    }
    (got.len(), got)
}
