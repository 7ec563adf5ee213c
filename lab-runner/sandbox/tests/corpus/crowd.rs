//! Twenty boxes at once that all want the whole machine -> all of them end,
//! nothing is left, and whoever stands beside is still served.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use lab_box::{BoxSpec, End, Outcome};

use crate::arena::{Arena, cgroups, cgroups_since};
use crate::boxed;

const BOXES: usize = 20;
/// Far more than it takes, on a machine that others use, too.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn run(folder: &Path) -> Result<()> {
    let arena = Arena::new(folder)?;
    let (before, groups) = (arena.state()?, cgroups());
    let running = AtomicUsize::new(BOXES);
    let (mut answers, mut slowest) = (0, Duration::ZERO);
    std::thread::scope(|scope| -> Result<()> {
        let boxes: Vec<_> = (0..BOXES)
            .map(|number| {
                let spec = spec(&arena, number);
                let running = &running;
                scope.spawn(move || {
                    let outcome = spec.and_then(lab_box::run);
                    running.fetch_sub(1, Ordering::Relaxed);
                    outcome
                })
            })
            .collect();
        while running.load(Ordering::Relaxed) > 0 || answers == 0 {
            let since = Instant::now();
            arena.answers()?;
            answers += 1;
            slowest = slowest.max(since.elapsed());
        }
        for (number, one) in boxes.into_iter().enumerate() {
            let Ok(outcome) = one.join() else { bail!("a thread's end") };
            judge(number, &outcome?)?;
        }
        Ok(())
    })?;
    ensure!(slowest < PATIENCE, "the peer took {slowest:?} to answer");
    let left = arena.others()?;
    ensure!(left.is_empty(), "left: {left:?}");
    ensure!(before == arena.state()?, "something of ours was changed");
    let left = cgroups_since(&groups);
    ensure!(left.is_empty(), "cgroups left: {left:?}");
    Ok(())
}

fn is_bomb(number: usize) -> bool {
    number.is_multiple_of(2)
}

fn spec(arena: &Arena<'_>, number: usize) -> Result<BoxSpec> {
    let attack = if is_bomb(number) { "fork_storm" } else { "memory" };
    let folder = arena.folder.to_string_lossy();
    let mut spec = boxed::spec(arena, &[attack, &folder])?;
    if is_bomb(number) {
        spec.limits.wall = Duration::from_secs(2);
    }
    Ok(spec)
}

fn judge(number: usize, outcome: &Outcome) -> Result<()> {
    let right = match is_bomb(number) {
        // Page tables and stacks of its processes count as its memory: where
        // many of them live at once, that limit is met first.
        true => [End::WallLimit, End::OutOfMemory].contains(&outcome.end),
        // In weak mode it is told that there is no more.
        false => [End::OutOfMemory, End::Exited(0)].contains(&outcome.end),
    };
    ensure!(right, "box {number}: {outcome:?}");
    Ok(())
}
