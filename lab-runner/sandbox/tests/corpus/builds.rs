//! A submission that attacks while it is built -> what each stage of the build
//! reports, and what can be seen from outside.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use lab_box::{
    BoxSpec, Collect, Collected, End, Limits, Outcome, Share, Source,
};

use crate::arena::{Arena, State};
use crate::case::{Bare, Case, Clause, read_all};

const MIB: u64 = 1 << 20;
/// The wrapper is a shell script, and tries what such a one can.
const STAGES: [(&str, &[&str]); 3] = [
    ("script", &[]),
    ("macro", &[]),
    ("wrapper", &["read_secrets", "write_grades"]),
];

pub(crate) fn run(folder: &Path) -> Result<()> {
    let cargo = PathBuf::from(env!("CARGO"));
    let toolchain = cargo.ancestors().nth(2).context("a toolchain")?;
    if File::open(&cargo).is_err() {
        println!("builds: skipped: {toolchain:?} is not ours to read");
        return Ok(());
    }
    fs::create_dir_all(folder.join("cargo/registry/src"))?;
    fs::create_dir_all(folder.join("cargo/bin"))?;
    let cases = read_all(&folder.join("crate"))?;
    ensure!(cases.len() >= 7, "only {} attacks", cases.len());
    let arena = Arena::new(folder)?;
    let before = arena.state()?;
    in_the_box(&arena, toolchain, &cases, &before)?;
    for bomb in ["memory", "time"] {
        bombs(&arena, toolchain, bomb, &before)
            .with_context(|| format!("a {bomb} bomb"))?;
    }
    bare(arena, &cargo, &cases)
}

fn spec(arena: &Arena<'_>, toolchain: &Path) -> BoxSpec {
    let mut spec = BoxSpec::new("/rust/bin/cargo");
    spec.args = ["build", "--offline", "--locked"].map(Into::into).into();
    spec.folder = "/answer".into();
    for (name, value) in [
        ("PATH", "/rust/bin:/usr/bin:/bin"),
        ("CARGO_HOME", "/cargo"),
        ("CARGO_TARGET_DIR", "/build/target"),
        ("LAB_REPORT", "/build/report"),
        ("LAB_SOURCES", "/answer"),
    ] {
        spec.env.push((name.into(), value.into()));
    }
    spec.env.push(("LAB_FOLDER".into(), arena.folder.into()));
    for (source, inside) in [
        (toolchain.to_path_buf(), "/rust"),
        (arena.folder.join("cargo"), "/cargo"),
        (arena.folder.join("crate"), "/answer"),
    ] {
        let source = Source::Path(source);
        let inside = inside.into();
        spec.files.push(Share { source, inside, writable: false });
    }
    spec.files.push(Share::scratch("/build", 256 * MIB));
    let wanted = ["/build/report", "/build/target/debug/answer"];
    let limit = 64 * MIB;
    let all = wanted.map(|path| Collect { inside: path.into(), limit });
    spec.collect = all.into();
    spec.limits = Limits {
        wall: Duration::from_secs(240),
        cpu: Duration::from_secs(20),
        memory: 1024 * MIB,
        processes: 64,
        files: 1024,
        file_size: 64 * MIB,
        ..Limits::default()
    };
    spec
}

fn in_the_box(
    arena: &Arena<'_>,
    toolchain: &Path,
    cases: &[Case],
    before: &State,
) -> Result<()> {
    let outcome = lab_box::run(spec(arena, toolchain))?;
    let words = words(&outcome);
    let [report, program] = &outcome.collected[..] else { bail!("{words}") };
    let program = bytes(program).context(words.clone())?;
    ensure!(program.starts_with(b"\x7fELF"), "no program: {words}");
    let report = String::from_utf8(bytes(report)?)?;
    for (stage, only) in STAGES {
        for case in cases {
            if !only.is_empty() && !only.contains(&case.name.as_str()) {
                continue;
            }
            let said = said(&report, stage, &case.name);
            let hit = said.iter().any(|words| words.starts_with("HIT"));
            ensure!(!said.is_empty(), "{stage} {} says nothing", case.name);
            let refused = case.expect.contains(&Clause::Refused);
            ensure!(!(refused && hit), "{stage} {}: {said:?}", case.name);
        }
    }
    untouched(arena, before)
}

fn bombs(
    arena: &Arena<'_>,
    toolchain: &Path,
    bomb: &str,
    before: &State,
) -> Result<()> {
    let mut spec = spec(arena, toolchain);
    spec.env.push(("LAB_BOMB".into(), bomb.into()));
    spec.limits.cpu = Duration::from_secs(3);
    spec.limits.memory = 512 * MIB;
    let outcome = lab_box::run(spec)?;
    let words = words(&outcome);
    ensure!(outcome.end != End::Exited(0), "{words}");
    // E0080: the compiler itself sees that there is not enough.
    let bombed = words.contains("signal: ") || words.contains("error[E0080]");
    let stopped = outcome.end != End::Exited(101);
    ensure!(bombed || stopped, "{words}");
    let none = matches!(outcome.collected[1], Collected::Nothing(_));
    ensure!(none, "a program came of it");
    untouched(arena, before)
}

/// The same without a box, to see that each attack is one.
fn bare(arena: Arena<'_>, cargo: &Path, cases: &[Case]) -> Result<()> {
    let folder = arena.folder;
    let report = folder.join("report");
    let log = folder.join("log");
    let status = Command::new(cargo)
        .args(["build", "--offline", "--locked"])
        .current_dir(folder.join("crate"))
        .env("CARGO_HOME", folder.join("cargo"))
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("RUSTC", cargo.with_file_name("rustc"))
        .env("LAB_REPORT", &report)
        .env("LAB_FOLDER", folder)
        .env("LAB_SOURCES", folder.join("crate"))
        .env("LAB_BARE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(&log)?)
        .status()?;
    let log = fs::read_to_string(log)?;
    ensure!(status.success(), "{log}");
    let report = fs::read_to_string(&report)?;
    let left = arena.others()?;
    arena.clear();
    for case in cases {
        let said = said(&report, "script", &case.name);
        let works = match case.bare {
            Bare::Hit => said.iter().any(|words| words.starts_with("HIT")),
            Bare::Left => left.iter().any(|name| name.contains("sleep")),
            _ => true,
        };
        ensure!(works, "{} has no effect without a box: {said:?}", case.name);
    }
    Ok(())
}

fn untouched(arena: &Arena<'_>, before: &State) -> Result<()> {
    let left = arena.others()?;
    ensure!(left.is_empty(), "left: {left:?}");
    let after = arena.state()?;
    ensure!(*before == after, "changed: {before:#?} to {after:#?}");
    arena.answers()
}

fn said<'a>(report: &'a str, stage: &str, attack: &str) -> Vec<&'a str> {
    let lines = report.lines();
    let of = lines.filter_map(|line| {
        line.strip_prefix(stage)?.strip_prefix(' ')?.strip_prefix(attack)
    });
    of.map(str::trim_start).collect()
}

fn bytes(collected: &Collected) -> Result<Vec<u8>> {
    match collected {
        Collected::Nothing(why) => bail!("not collected: {why}"),
        Collected::File(file) => {
            let mut bytes = Vec::new();
            file.as_ref().read_to_end(&mut bytes)?;
            Ok(bytes)
        }
    }
}

fn words(outcome: &Outcome) -> String {
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    format!("{:?}\n{stderr}", outcome.end)
}
