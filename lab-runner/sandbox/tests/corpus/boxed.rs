//! Each attack in the box -> does what its comment says come of it?

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use lab_box::{BoxSpec, End, Layer, Limits, Outcome, Share, Source};

use nix::sched::sched_getaffinity;
use nix::unistd::Pid;

use crate::arena::{Arena, cgroups, cgroups_since};
use crate::case::{Case, Clause, read_all};

pub(crate) fn run(folder: &Path) -> Result<()> {
    let arena = Arena::new(folder)?;
    let before = cgroups();
    let mut failed = 0;
    let only = std::env::var("LAB_ATTACK").ok();
    for case in read_all(&folder.join("src"))? {
        if only.as_ref().is_some_and(|only| *only != case.name) {
            continue;
        }
        let complaints = judge(&arena, &case)?;
        if !complaints.is_empty() {
            failed += 1;
            println!("{}: {}", case.name, complaints.join("\n    "));
        }
    }
    let left = cgroups_since(&before);
    match (failed, &left[..]) {
        (0, []) => Ok(()),
        _ => bail!("{failed} attacks; cgroups left: {left:?}"),
    }
}

/// What the box is given in all tests.
pub(crate) fn spec(arena: &Arena<'_>, args: &[&str]) -> Result<BoxSpec> {
    let mut spec = BoxSpec::new("/box/hostile");
    spec.args = args.iter().map(Into::into).collect();
    for (name, inside, writable) in [
        ("hostile", "/box/hostile", false),
        ("setuid", "/box/setuid", false),
        ("work", "/work", true),
    ] {
        let source = Source::Path(arena.folder.join(name));
        spec.files.push(Share { source, inside: inside.into(), writable });
    }
    spec.netns = Some(arena.wire.student.try_clone()?.into());
    spec.limits = Limits {
        wall: Duration::from_secs(60),
        cpu: Duration::from_secs(20),
        memory: 64 << 20,
        processes: 32,
        files: 64,
        output_bytes: 64 << 10,
        file_size: 2 << 20,
        tmpfs: 4 << 20,
    };
    Ok(spec)
}

/// Complaints.
fn judge(arena: &Arena<'_>, case: &Case) -> Result<Vec<String>> {
    let folder = arena.folder.to_string_lossy();
    let mut spec = spec(arena, &[&case.name, &folder])?;
    if let Some(wall) = case.wall {
        spec.limits.wall = Duration::from_secs(wall);
    }
    if let Some(cpu) = case.cpu {
        spec.limits.cpu = Duration::from_secs(cpu);
    }
    if case.one_core {
        let mine = sched_getaffinity(Pid::from_raw(0))?;
        let all = 0..nix::sched::CpuSet::count();
        let last = all.rev().find(|&core| mine.is_set(core) == Ok(true));
        spec.core = last.map(|core| core as u32);
    }
    arena.forged();
    let before = arena.state()?;
    let outcome = lab_box::run(spec)?;
    let mut complaints = Vec::new();
    let (spoken, mut forged) = arena.forged();
    if let Err(error) = arena.answers() {
        complaints.push(format!("{error:#}"));
    }
    forged.extend(arena.forged().1);
    if !forged.is_empty() {
        complaints.push(format!("forged frames: {forged:?}"));
    }
    let after = arena.state()?;
    if before != after {
        complaints.push(format!("changed: {before:#?} to {after:#?}"));
    }
    let others = arena.others()?;
    if !others.is_empty() {
        complaints.push(format!("left: {others:?}"));
        arena.clear_others()?;
    }
    for state in outcome.lacks() {
        if state.layer != Layer::Cgroup && state.layer != Layer::Landlock {
            complaints.push(format!("without {state:?}"));
        }
    }
    let weak = !outcome.has(Layer::Cgroup);
    let expect = case.weak.as_ref().filter(|_| weak).unwrap_or(&case.expect);
    complaints.extend(compare(expect, &outcome, spoken));
    Ok(complaints)
}

fn compare(expect: &[Clause], outcome: &Outcome, spoken: usize) -> Vec<String> {
    let text = String::from_utf8_lossy(&outcome.stdout);
    let saw = |what: &str| {
        text.lines().find_map(|line| {
            let rest = line.strip_prefix("SAW ")?.strip_prefix(what)?;
            rest.trim().parse::<usize>().ok()
        })
    };
    let hit = text.lines().any(|line| line.starts_with("HIT"));
    let mut end = End::Exited(0);
    let mut all = true;
    for clause in expect {
        all &= match clause {
            Clause::Refused => !hit && text.contains("NO "),
            Clause::Harmless => true,
            Clause::Silent => spoken == 0,
            Clause::AtMost(what, most) => saw(what).is_some_and(|n| n <= *most),
            Clause::AtLeast(what, least) => {
                saw(what).is_some_and(|n| n >= *least)
            }
            other => {
                end = ending(other);
                true
            }
        };
    }
    if all && outcome.end == end {
        return Vec::new();
    }
    vec![format!(
        "wanted {expect:?}, saw {:?}, {spoken} frames, and\n{text}{}",
        outcome.end,
        String::from_utf8_lossy(&outcome.stderr),
    )]
}

fn ending(clause: &Clause) -> End {
    match clause {
        Clause::Exits(code) => End::Exited(*code),
        Clause::Signal(number) => End::Signalled(*number),
        Clause::Wall => End::WallLimit,
        Clause::Output => End::OutputLimit,
        _ => End::OutOfMemory,
    }
}

/// What the box itself takes: for a note, not for a verdict.
pub(crate) fn cost(folder: &Path) -> Result<()> {
    let arena = Arena::new(folder)?;
    let (mut set_up, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..60 {
        let mut spec = spec(&arena, &[])?;
        spec.program = "/bin/true".into();
        let since = std::time::Instant::now();
        set_up.push(lab_box::run(spec)?.setup_ms);
        whole.push(since.elapsed().as_secs_f64() * 1e3);
    }
    for (what, mut times) in [("set-up", set_up), ("whole", whole)] {
        times.sort_by(f64::total_cmp);
        let (least, median) = (times[0], times[times.len() / 2]);
        println!("{what}: min {least:.1} ms, median {median:.1} ms");
    }
    Ok(())
}
