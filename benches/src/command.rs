//! Arguments -> lines measured, a table, a file of results.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use clap::Parser;

use crate::lines::NAMES;
use crate::measure::measure;
use crate::results::{FORMAT, Results};
use crate::setup::Setup;
use crate::table;

/// Where what is kept is, below the project.
const KEPT: &str = "benches/results";
const ROUNDS: u32 = 10;
const FRAMES: u64 = 200_000;
/// 1 GB of them.
const LONG: u64 = 1_300_000;

#[derive(Parser)]
#[command(
    name = "./run bench",
    about = "Measures the Socket Lab beside others"
)]
struct Arguments {
    /// Only these; all of them otherwise (`--list` names them)
    lines: Vec<String>,
    /// Names the lines
    #[arg(long)]
    list: bool,
    /// How often each is measured
    #[arg(long, value_name = "N")]
    rounds: Option<u32>,
    /// One round of little work: does everything still run?
    #[arg(long)]
    quick: bool,
    /// The amounts of a release: a capture of 1 GB, 10,000 experiments
    #[arg(long)]
    long: bool,
    /// Keeps the results in benches/results, which the book shows
    #[arg(long)]
    keep: bool,
    /// Where the programs are that are measured
    #[arg(long, value_name = "DIR", default_value = "target/release")]
    programs: PathBuf,
    /// Packets of the long capture
    #[arg(long, value_name = "N")]
    frames: Option<u64>,
}

/// Exit codes: 0 measured, 2 could not.
pub fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    if arguments.list {
        NAMES.iter().for_each(|(name, _)| println!("{name}"));
        return Ok(());
    }
    let wanted = &arguments.lines;
    for name in wanted {
        if !NAMES.iter().any(|(known, _)| known == name) {
            let known: Vec<&str> =
                NAMES.iter().map(|(name, _)| *name).collect();
            bail!("no line {name:?}: there are {}", known.join(", "));
        }
    }
    let setup = setup(arguments)?;
    let rounds = arguments.rounds.unwrap_or(ROUNDS);
    let rounds = if arguments.quick { 1 } else { rounds.max(1) };
    let mut results = about(&setup, rounds);
    for (name, line) in NAMES {
        if wanted.is_empty() || wanted.iter().any(|one| one == name) {
            let line = line(&setup);
            let rounds = rounds.min(line.most_rounds);
            let result = measure(&line, rounds, !arguments.quick);
            results.lines.push(result);
        }
    }
    results.load[1] = load();
    print!("{}", table::text(&results));
    let target = setup.scratch.join("results.json");
    results.write(&target)?;
    eprintln!("wrote {}", target.display());
    if arguments.keep {
        keep(&setup.root, &results)?;
    }
    Ok(())
}

fn setup(arguments: &Arguments) -> Result<Setup> {
    let root = match std::env::var_os("LAB_ROOT") {
        Some(root) => PathBuf::from(root),
        None => std::env::current_dir().context("the current folder")?,
    };
    let root = fs::canonicalize(&root)
        .with_context(|| format!("find {}", root.display()))?;
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) => root.join(target),
        None => root.join("target"),
    };
    let programs = root.join(&arguments.programs);
    if !programs.join("lab-runner").is_file() {
        bail!(
            "no lab-runner in {}: `./run bench` builds it there",
            programs.display()
        );
    }
    let scratch = target.join("bench");
    let usual = if arguments.long { LONG } else { FRAMES };
    let frames = arguments.frames.unwrap_or(usual);
    Setup {
        root,
        programs,
        floor: scratch.join("floor"),
        scratch,
        quick: arguments.quick,
        long: arguments.long,
        frames: if arguments.quick { 10_000 } else { frames },
    }
    .make()
}

fn about(setup: &Setup, rounds: u32) -> Results {
    let said = |command: &mut Command| -> String {
        let output = command.current_dir(&setup.root).output();
        let text = output.map(|it| it.stdout).unwrap_or_default();
        String::from_utf8_lossy(&text).trim().to_string()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let folder = setup.programs.file_name().unwrap_or_default();
    Results {
        format: FORMAT,
        date: said(Command::new("date").arg("+%Y-%m-%d")),
        kernel: said(Command::new("uname").arg("-r")),
        machine: format!("{cores} cores"),
        profile: folder.to_string_lossy().into_owned(),
        commit: said(Command::new("git").args([
            "rev-parse",
            "--short",
            "HEAD",
        ])),
        rounds,
        load: [load(), 0.0],
        lines: Vec::new(),
    }
}

/// Processes that wanted a core in the last minute.
fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let first = text.split(' ').next().unwrap_or_default();
    first.parse().unwrap_or(0.0)
}

/// One file for each number of cores and profile: it takes the new lines in.
fn keep(root: &Path, results: &Results) -> Result<()> {
    let machine = results.machine.replace(' ', "-");
    let name = format!("{machine}-{}.json", results.profile);
    let path = root.join(KEPT).join(name);
    let mut all = Results::read(&path).unwrap_or_else(|_| results.clone());
    all.renew(results);
    let place = |name: &str| NAMES.iter().position(|(known, _)| *known == name);
    all.lines.sort_by_key(|line| place(&line.name));
    all.write(&path)?;
    eprintln!("wrote {}", path.display());
    Ok(())
}
