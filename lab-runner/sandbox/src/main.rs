//! `lab-box run -- PROGRAM ARGS`: one program in a box, by hand. Prints what it
//! said, then how it ended and what held it.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, ValueEnum};
use lab_box::{
    BoxSpec, Cgroup, Collect, Collected, End, Layer, Outcome, Share, Source,
};

/// Bytes of a file that is collected.
const COLLECTED: u64 = 1 << 30;

#[derive(Parser)]
#[command(version, about = "Runs one program in the labs' box")]
enum Cli {
    /// Runs a program, and says how it ended
    Run(Box<Run>),
    /// Says whether boxes can be limited as a whole here
    Offer,
}

#[derive(Args)]
struct Run {
    /// An open descriptor of the network namespace; without one: a loopback
    #[arg(long, value_name = "FD")]
    netns: Option<RawFd>,
    /// name=value: wall and cpu in seconds, memory, output, file-size and
    /// tmpfs in bytes, processes, files; core by its number
    #[arg(long, value_name = "NAME=VALUE", value_delimiter = ',')]
    limits: Vec<String>,
    /// A file or folder of ours, and where it is seen
    #[arg(long, value_name = "OURS:INSIDE")]
    share: Vec<String>,
    /// The same, and the program may write there
    #[arg(long, value_name = "OURS:INSIDE")]
    share_writable: Vec<String>,
    /// An empty folder for so many bytes, and gone afterwards
    #[arg(long, value_name = "INSIDE:BYTES")]
    scratch: Vec<String>,
    /// A file that it leaves in /tmp or in a scratch, and our copy of it
    #[arg(long, value_name = "INSIDE:OURS")]
    collect: Vec<String>,
    #[arg(long, value_name = "NAME=VALUE")]
    env: Vec<String>,
    #[arg(long, default_value = "auto")]
    cgroup: Choice,
    /// For those who want to see what a layer is for
    #[arg(long, value_name = "LAYER", hide = true)]
    without: Vec<String>,
    /// The outcome as JSON
    #[arg(long)]
    json: bool,
    #[arg(last = true, required = true)]
    program: Vec<OsString>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Choice {
    Auto,
    Required,
    None,
}

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|arg| arg == lab_box::ARGUMENT) {
        return lab_box::warden();
    }
    let done = match Cli::parse() {
        Cli::Run(options) => run(*options),
        Cli::Offer => offer(),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(2)
    })
}

fn offer() -> Result<ExitCode> {
    match lab_box::cgroup_offer() {
        Ok(offer) => println!("cgroup {offer}"),
        Err(reason) => println!("weak: {reason}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn run(options: Run) -> Result<ExitCode> {
    let as_json = options.json;
    let ours = collect(&options.collect)?;
    let mut spec = spec(options)?;
    let limit = COLLECTED;
    let wanted = ours.iter().map(|(inside, _)| inside.clone());
    spec.collect = wanted.map(|inside| Collect { inside, limit }).collect();
    let outcome = lab_box::run(spec)?;
    for ((inside, ours), collected) in ours.iter().zip(&outcome.collected) {
        match collected {
            Collected::File(file) => {
                let mut copy = File::create(ours)?;
                std::io::copy(&mut file.as_ref(), &mut copy)?;
            }
            Collected::Nothing(why) => eprintln!("no {inside:?}: {why}"),
        }
    }
    if as_json {
        println!("{}", serde_json::to_string(&outcome)?);
        return Ok(ExitCode::SUCCESS);
    }
    std::io::stdout().write_all(&outcome.stdout)?;
    std::io::stderr().write_all(&outcome.stderr)?;
    eprint!("{}", words(&outcome));
    Ok(match outcome.end {
        End::Exited(0) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn collect(texts: &[String]) -> Result<Vec<(PathBuf, PathBuf)>> {
    let both = texts.iter().map(|text| {
        let (inside, ours) = pair(text, ':')?;
        Ok((inside.into(), ours.into()))
    });
    both.collect()
}

fn spec(options: Run) -> Result<BoxSpec> {
    let mut program = options.program.into_iter();
    let mut spec = BoxSpec::new(program.next().context("a program")?);
    spec.args = program.collect();
    for text in &options.env {
        let (name, value) = pair(text, '=')?;
        spec.env.push((name.into(), value.into()));
    }
    let shares = [(options.share, false), (options.share_writable, true)];
    for (texts, writable) in shares {
        for text in texts {
            let (ours, inside) = pair(&text, ':')?;
            let ours = std::path::absolute(ours)?;
            let source = Source::Path(ours);
            let inside = PathBuf::from(inside);
            spec.files.push(Share { source, inside, writable });
        }
    }
    for text in &options.scratch {
        let (inside, bytes) = pair(text, ':')?;
        spec.files.push(Share::scratch(inside, bytes.parse()?));
    }
    for text in &options.limits {
        limit(&mut spec, text)?;
    }
    for name in options.without {
        let name = serde_json::Value::String(name);
        let layer: Layer = serde_json::from_value(name)?;
        spec.without.push(layer);
    }
    spec.cgroup = match options.cgroup {
        Choice::Auto => Cgroup::Auto,
        Choice::Required => Cgroup::Required,
        Choice::None => Cgroup::None,
    };
    // SAFETY: the shell opened it for us; fcntl refuses one that is not open.
    spec.netns = options.netns.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
    Ok(spec)
}

fn pair(text: &str, between: char) -> Result<(&str, &str)> {
    text.split_once(between)
        .with_context(|| format!("{text:?}: no {between:?} in it"))
}

fn limit(spec: &mut BoxSpec, text: &str) -> Result<()> {
    let (name, value) = pair(text, '=')?;
    let value: u64 = value
        .parse()
        .with_context(|| format!("{text:?}: a whole number is wanted"))?;
    let limits = &mut spec.limits;
    match name {
        "wall" => limits.wall = Duration::from_secs(value),
        "cpu" => limits.cpu = Duration::from_secs(value),
        "memory" => limits.memory = value,
        "processes" => limits.processes = value,
        "files" => limits.files = value,
        "core" => spec.core = Some(u32::try_from(value)?),
        "output" => limits.output_bytes = usize::try_from(value)?,
        "file-size" => limits.file_size = value,
        "tmpfs" => limits.tmpfs = value,
        _ => bail!("{name:?} is no limit; --help names them"),
    }
    Ok(())
}

fn words(outcome: &Outcome) -> String {
    let mut text = format!(
        "end      {:?}\nset up   {:.1} ms, ran {:.1} ms\n",
        outcome.end, outcome.setup_ms, outcome.took_ms
    );
    if let Some(peak) = outcome.peak_memory {
        text += &format!("memory   {} KiB at most\n", peak >> 10);
    }
    for state in &outcome.layers {
        let word = if state.active { "on  " } else { "OFF " };
        text += &format!("{word}     {:?}: {}\n", state.layer, state.note);
    }
    text
}
