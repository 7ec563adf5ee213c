//! SIGKILL of the runner at any moment leaves no process, no network
//! namespace, no interface and no file.
//!
//! Ours are told from others' by a variable in their environment, so that this
//! can run beside anything else on the machine.

mod common;

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::processes::{ours, processes, soon};
use common::{Project, fixture};

const MOMENTS: usize = 20;
const LATEST_MS: u64 = 900;
/// Runs of every kind that end by themselves, in turn with one that would go
/// on for two minutes if nobody ended it.
const RUNS: [(&str, &str); 3] = [
    ("ch92-wire", "all --jobs 2 --repeat 50 --pcap packets"),
    ("ch91-hostile", "ch91 lingers --jobs 2 --repeat 50"),
    ("ch91-hostile", "ch91 lingers --events"),
];
const MARK: &str = "SOCKET_LAB_TEST_KILLS";

/// `net:[4026531840]`, of a process or behind a descriptor.
fn namespace(link: &Path) -> Option<String> {
    let name = fs::read_link(link).ok()?.to_string_lossy().into_owned();
    name.starts_with("net:[").then_some(name)
}

/// Network namespaces that a process is in or holds.
fn held(process: &Path) -> HashSet<String> {
    let fds = fs::read_dir(process.join("fd"));
    let fds = fds.into_iter().flatten().flatten().map(|e| e.path());
    let links = fds.chain([process.join("ns/net")]);
    links.filter_map(|link| namespace(&link)).collect()
}

fn interfaces() -> BTreeSet<String> {
    let all = fs::read_dir("/sys/class/net").expect("/sys").flatten();
    all.map(|e| e.file_name().to_string_lossy().into()).collect()
}

fn git_status() -> String {
    let mut git = std::process::Command::new("git");
    let git = git.args(["-c", "safe.directory=*", "status", "--porcelain"]);
    common::run(git.current_dir(common::root())).out
}

/// Starts a run, kills the runner after this long, and returns the network
/// namespaces that were seen meanwhile.
fn kill_after(
    project: &Project,
    words: &str,
    mark: &str,
    ms: u64,
) -> HashSet<String> {
    let (key, value) = mark.split_once('=').expect("NAME=value");
    let mut command = project.runner();
    command
        .args(words.split(' '))
        .env(key, value)
        .env("TMPDIR", project.path("tmp"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let start = Instant::now();
    let mut runner = command.spawn().expect("start the runner");
    let mut seen = HashSet::new();
    let end = Duration::from_millis(ms);
    while let Some(left) = end.checked_sub(start.elapsed()) {
        ours(mark).iter().for_each(|p| seen.extend(held(p)));
        std::thread::park_timeout(left.min(Duration::from_millis(20)));
    }
    runner.kill().expect("SIGKILL");
    runner.wait().expect("its end");
    seen
}

/// A judge that hears nothing: its runner's end is all that ends it.
#[test]
fn a_runner_that_is_killed_leaves_no_judge_behind() {
    let project = fixture("ch91-hostile");
    let mark = format!("{MARK}_A_JUDGE={}", std::process::id());
    let (key, value) = mark.split_once('=').expect("NAME=value");
    let mut command = project.runner();
    command.args(["ch91", "judge-hangs"]).env(key, value);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut runner = command.spawn().expect("start the runner");
    soon("a judge in its claim", || {
        let comm = |process: &PathBuf| fs::read(process.join("comm"));
        let all = ours(&mark);
        all.iter().any(|it| comm(it).is_ok_and(|it| it == b"in-a-claim\n"))
    });
    runner.kill().expect("SIGKILL");
    runner.wait().expect("its end");
    soon("the judge of a killed runner", || ours(&mark).is_empty());
}

#[test]
fn a_runner_that_is_killed_at_any_moment_leaves_nothing() {
    let projects = RUNS.map(|(lab, words)| (fixture(lab), words));
    for (project, _) in &projects {
        fs::create_dir(project.path("tmp")).expect("TMPDIR");
        fs::create_dir(project.path("packets")).expect("packets");
    }
    let mark = format!("{MARK}={}", std::process::id());
    let outside: HashSet<String> =
        held(Path::new("/proc/self")).into_iter().collect();
    let before = (interfaces(), git_status());
    let mut made = 0;
    for n in 0..MOMENTS {
        let random = RandomState::new().hash_one(n);
        let ms = random % LATEST_MS;
        let (project, words) = &projects[n % projects.len()];
        let mut seen = kill_after(project, words, &mark, ms);
        seen.retain(|ns| !outside.contains(ns));
        made += seen.len();
        soon(&format!("processes of a run killed at {ms} ms"), || {
            ours(&mark).is_empty()
        });
        soon(&format!("namespaces of a run killed at {ms} ms"), || {
            let mut all = processes().into_iter();
            !all.any(|p| held(&p).iter().any(|ns| seen.contains(ns)))
        });
    }
    assert!(made > MOMENTS, "only {made} namespaces were seen at all");
    assert_eq!((interfaces(), git_status()), before);
    for (project, _) in &projects {
        for folder in ["packets", "tmp"] {
            let list = fs::read_dir(project.path(folder)).expect("a folder");
            let mut files = list.flatten().map(|e| e.path());
            let whole = |p: PathBuf| p.extension() == Some("pcapng".as_ref());
            assert!(files.all(whole), "half a file in {folder}");
        }
    }
    let mounts = fs::read_to_string("/proc/self/mountinfo").expect("mounts");
    assert!(!mounts.contains(" nsfs "), "a namespace is mounted: {mounts}");
}

/// Processes whose parent this is: the number behind name and state.
fn children(of: u32) -> Vec<u32> {
    let parent = |stat: &str| -> Option<u32> {
        stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()
    };
    let all = processes().into_iter().filter(|process| {
        let stat = fs::read_to_string(process.join("stat"));
        parent(&stat.unwrap_or_default()) == Some(of)
    });
    let number = |p: PathBuf| p.file_name()?.to_str()?.parse().ok();
    all.filter_map(number).collect()
}

/// A stage that plays: a child of the nursery, with children of its own.
fn playing(runner: u32) -> Option<u32> {
    let below = |all: Vec<u32>| all.into_iter().flat_map(children);
    let helpers = children(runner);
    let mut stages = below(below(helpers).collect());
    stages.find(|&it| !children(it).is_empty() && !is_company(it))
}

/// What players are forked from: a child of the nursery, too.
fn company(runner: u32) -> Option<u32> {
    let below = |all: Vec<u32>| all.into_iter().flat_map(children);
    below(below(children(runner)).collect()).find(|&it| is_company(it))
}

fn is_company(process: u32) -> bool {
    let words = fs::read(format!("/proc/{process}/cmdline"));
    words.is_ok_and(|words| words.ends_with(b"company\0"))
}

#[test]
fn a_stage_that_is_killed_costs_its_run_and_no_other() {
    const RUNS: usize = 3;
    let project = fixture("ch91-hostile");
    let words = format!("ch91 lingers --repeat {RUNS} --keep-going");
    let mut command = project.runner();
    command.args(words.split(' ')).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let runner = command.spawn().expect("start the runner");
    let mut killed = BTreeSet::new();
    for _ in 0..RUNS {
        soon("a stage that plays", || {
            let stage = playing(runner.id());
            stage.is_some_and(|stage| {
                let pid = nix::unistd::Pid::from_raw(stage as i32);
                let signal = nix::sys::signal::Signal::SIGKILL;
                killed.insert(stage)
                    && nix::sys::signal::kill(pid, signal).is_ok()
            })
        });
    }
    let output = runner.wait_with_output().expect("its end");
    let words = String::from_utf8_lossy(&output.stderr);
    let told = words.matches("the stage died of SIGKILL").count();
    let failed = words.matches("could not run").count();
    assert_eq!((told, failed), (RUNS, RUNS), "{words}");
    assert_eq!(output.status.code(), Some(2), "{words}");
}

#[test]
fn a_company_that_is_killed_is_soon_another() {
    const RUNS: usize = 40;
    let project = fixture("ch91-hostile");
    let words = format!("ch91 good --repeat {RUNS} --jobs 1 --keep-going");
    let mut command = project.runner();
    command.args(words.split(' ')).arg("--json").stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let runner = command.spawn().expect("start the runner");
    let mut first = None;
    soon("a company", || {
        first = company(runner.id());
        first.is_some()
    });
    let pid = nix::unistd::Pid::from_raw(first.unwrap_or_default() as i32);
    let signal = nix::sys::signal::Signal::SIGKILL;
    nix::sys::signal::kill(pid, signal).expect("kill a company");
    soon("another company", || {
        company(runner.id()).is_some_and(|it| Some(it) != first)
    });
    let output = runner.wait_with_output().expect("its end");
    let words = String::from_utf8_lossy(&output.stderr);
    let runs = String::from_utf8_lossy(&output.stdout).lines().count();
    let failed = words.matches("could not run").count();
    let told = words.matches("the lab's program, of which").count();
    // The run that called it, and one that could not know yet.
    assert!(failed <= 2 && failed == told, "{failed}: {words}");
    assert_eq!(runs, RUNS, "{words}");
}

/// As if the machine had been paused: the time is not the run's.
#[test]
fn a_run_that_is_stopped_for_a_while_goes_on() {
    let project = fixture("ch91-hostile");
    let mut command = project.runner();
    command.args(["ch91", "dozes", "--json"]).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let runner = command.spawn().expect("start the runner");
    let mut all = Vec::new();
    soon("a player that dozes", || {
        let Some(stage) = playing(runner.id()) else { return false };
        let comm = |of: u32| fs::read(format!("/proc/{of}/comm"));
        all = [children(stage), vec![stage]].concat();
        comm(all[0]).is_ok_and(|name| name == b"dozing\n")
    });
    let all: Vec<_> =
        all.iter().map(|&it| nix::unistd::Pid::from_raw(it as i32)).collect();
    let signal = |what| {
        for &one in &all {
            nix::sys::signal::kill(one, what).expect("a signal");
        }
    };
    signal(nix::sys::signal::Signal::SIGSTOP);
    // pause: longer than the run may take
    std::thread::park_timeout(Duration::from_secs(4));
    signal(nix::sys::signal::Signal::SIGCONT);
    let output = runner.wait_with_output().expect("its end");
    let run = String::from_utf8_lossy(&output.stdout);
    let judged = run.contains(r#""claims""#);
    assert!(judged && !run.contains("could-not-run"), "{run}");
}
