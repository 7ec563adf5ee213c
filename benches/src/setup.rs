//! A machine and a project -> the programs and files that lines are made of.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::capture;
use crate::contender::{Contender, find};

/// The C program's name in every line.
pub(crate) const FLOOR: &str = "C: netlink, libpcap, fork";
const PYTHON: &str = "/usr/bin/python3";

/// Where everything is.
pub(crate) struct Setup {
    pub(crate) root: PathBuf,
    /// The programs that are measured.
    pub(crate) programs: PathBuf,
    /// What we make; kept for the next time.
    pub(crate) scratch: PathBuf,
    pub(crate) floor: PathBuf,
    pub(crate) quick: bool,
    /// The issue's own amounts, however long they take.
    pub(crate) long: bool,
    /// Packets of the long capture.
    pub(crate) frames: u64,
}

/// How long the accepted runs' hosts took, seconds.
pub(crate) struct Waits {
    pub(crate) sum: f64,
    pub(crate) longest: f64,
}

/// What a class hands in.
#[derive(Clone, Copy)]
pub(crate) enum Handed {
    /// A prediction of a run, which is then made.
    Form,
    /// Needs no compiler.
    Python,
    /// Compiled for each student.
    Rust,
}

impl Handed {
    /// The lab that judges it.
    fn lab(self) -> &'static str {
        match self {
            Handed::Form => "ch01-handshake-and-teardown",
            Handed::Python | Handed::Rust => "ch05-delayed-ack",
        }
    }

    /// An exercise, its solution, and where students have that.
    fn where_it_is(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Handed::Form => (
                "predict-walk",
                "exercises/predict-walk/solution.toml",
                "ch01-predict-walk/answer.toml",
            ),
            Handed::Python => (
                "no-stall",
                "exercises/no-stall/other/answer.py",
                "ch05-no-stall/answer.py",
            ),
            Handed::Rust => (
                "no-stall",
                "exercises/no-stall/solution.rs",
                "ch05-no-stall/src/main.rs",
            ),
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Handed::Form => "toml",
            Handed::Python => "py",
            Handed::Rust => "rs",
        }
    }
}

impl Setup {
    /// Makes what is missing of it.
    pub(crate) fn make(self) -> Result<Setup> {
        let scratch = &self.scratch;
        fs::create_dir_all(scratch)
            .with_context(|| format!("make {}", scratch.display()))?;
        let source = self.root.join("benches/peers/floor.c");
        if let Err(why) = compile(&source, &self.floor) {
            eprintln!("without the C program: {why:#}");
        }
        Ok(self)
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    pub(crate) fn peer(&self, name: &str) -> PathBuf {
        self.root.join("benches/peers").join(name)
    }

    /// lab-runner, with the benchmarks' own lab.
    pub(crate) fn runner(
        &self,
        name: &str,
        words: &[&dyn AsRef<OsStr>],
    ) -> Contender {
        let runner = self.program("lab-runner");
        let mut command: Vec<&dyn AsRef<OsStr>> = vec![&runner];
        command.extend(words);
        Contender::new(name, &command)
            .ours()
            .with("LAB_ROOT", self.root.join("benches"))
            .with("LAB_PROGRAMS", &self.programs)
            .needs_file(&runner)
    }

    /// One of the benchmarks' experiments, as JSON.
    pub(crate) fn lab(
        &self,
        name: &str,
        experiment: &str,
        words: &[&str],
    ) -> Contender {
        let mut all: Vec<&dyn AsRef<OsStr>> = vec![&"ch80", &experiment];
        all.extend(words.iter().map(|word| word as &dyn AsRef<OsStr>));
        all.push(&"--json");
        self.runner(name, &all).needs_file(&self.program("ch80-bench"))
    }

    pub(crate) fn exchange(&self, name: &str, words: &[&str]) -> Contender {
        self.lab(name, "exchange", words)
    }

    /// An experiment of the book's, looked up, compiled if need be, and run.
    pub(crate) fn as_a_reader_types(&self) -> Contender {
        let run = self.root.join("run");
        let command: [&dyn AsRef<OsStr>; 4] =
            [&run, &"ch01", &"three-segments", &"--json"];
        Contender::new("./run ch01 three-segments", &command)
            .right("\"verdict\":\"pass\"")
            .sampled(crate::contender::Sampling::Verdict)
            .needs("cargo")
    }

    /// Others who make the same exchange, so many times.
    pub(crate) fn exchange_peers(&self, runs: u64) -> Vec<Contender> {
        let runs = runs.to_string();
        let script = self.peer("tcpdump-netns");
        let by_hand = |name, how: &str, program| {
            let it = Contender::new(name, &[&script, &how, &runs]);
            it.needs("ip").needs(program)
        };
        let python = |name, file: &str, module| {
            let file = self.peer(file);
            let it = Contender::new(name, &[&PYTHON, &file, &runs]);
            it.needs("ip").needs_file(Path::new(PYTHON)).needs_python(module)
        };
        let all = [
            Contender::new(FLOOR, &[&self.floor, &"exchange", &runs, &"1"]),
            by_hand("ip netns and tcpdump", "tcpdump", "tcpdump"),
            by_hand("ip netns and tshark", "tshark", "tshark"),
            python("scapy", "scapy_exchange.py", "scapy"),
            python("mininet and tcpdump", "mininet_exchange.py", "mininet")
                .needs("tcpdump"),
        ];
        let all = all.into_iter().map(|it| {
            let it = it.with("FLOOR", &self.floor).needs_root();
            it.needs_file(&self.floor)
        });
        all.collect()
    }

    /// A capture of so many packets, made once.
    pub(crate) fn capture(&self, frames: u64) -> PathBuf {
        let path = self.scratch.join(format!("{frames}.pcap"));
        if !path.exists()
            && let Err(why) = capture::write(&path, frames)
        {
            eprintln!("no {}: {why:#}", path.display());
        }
        path
    }

    pub(crate) fn size_of(&self, path: &Path) -> u64 {
        fs::metadata(path).map_or(0, |it| it.len())
    }

    /// A class in which everybody hands in the solution.
    pub(crate) fn grading(
        &self,
        name: &str,
        handed: Handed,
        students: u32,
    ) -> Contender {
        let (exercise, _, _) = handed.where_it_is();
        let class = self.scratch.join(format!("class-{exercise}-{students}"));
        let class = class.with_extension(handed.ending());
        if let Err(why) = self.class(&class, handed, students) {
            eprintln!("no class of {students}: {why:#}");
        }
        let (folder, roster) = (class.join("handed"), class.join("roster.csv"));
        let out = class.join("out");
        let command: [&dyn AsRef<OsStr>; 11] = [
            &"grade",
            &"--submissions",
            &folder,
            &"--roster",
            &roster,
            &"--exercise",
            &exercise,
            &"--fresh",
            &"--out",
            &out,
            &"--json",
        ];
        let it = self.runner(name, &command).silent();
        let it = it.with("LAB_ROOT", &self.root).needs_file(&roster);
        it.needs_file(&self.program(handed.lab()))
    }

    fn class(&self, class: &Path, handed: Handed, students: u32) -> Result<()> {
        let (_, solution, to) = handed.where_it_is();
        let labs = self.root.join("labs");
        let solution = labs.join(handed.lab()).join(solution);
        let mut roster = String::from("id,name\n");
        for n in 0..students {
            let id = format!("student-{n:04}");
            let path = class.join("handed").join(&id).join(to);
            fs::create_dir_all(path.parent().context("a folder")?)?;
            fs::copy(&solution, path)?;
            roster += &format!("{id},Student {n}\n");
        }
        fs::write(class.join("roster.csv"), roster)?;
        Ok(())
    }

    /// From the accepted runs' notes.
    pub(crate) fn waits(&self) -> Waits {
        let mut waits = Waits { sum: 0.0, longest: 0.0 };
        for path in notes(&self.root.join("labs")) {
            let seconds = hosts_of(&path).unwrap_or(0.0) / 1e3;
            waits.sum += seconds;
            waits.longest = waits.longest.max(seconds);
        }
        waits
    }
}

fn compile(source: &Path, program: &Path) -> Result<()> {
    let newer = |path: &Path| fs::metadata(path)?.modified();
    if let (Ok(made), Ok(written)) = (newer(program), newer(source))
        && made > written
    {
        return Ok(());
    }
    let cc = find("cc").context("no C compiler: apt-get install gcc")?;
    let mut cc = Command::new(cc);
    cc.args(["-O2", "-Wall", "-o"]).arg(program).arg(source).arg("-lpcap");
    let made = cc.output().context("start cc")?;
    if !made.status.success() {
        let said = String::from_utf8_lossy(&made.stderr);
        bail!("cc {}: {}", source.display(), said.trim());
    }
    Ok(())
}

fn notes(labs: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| {
        let list = fs::read_dir(folder).into_iter().flatten().flatten();
        list.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let snapshots = entries(labs).into_iter().map(|lab| lab.join("snapshots"));
    let all = snapshots.flat_map(|folder| entries(&folder));
    all.filter(|path| path.to_string_lossy().ends_with(".notes.json")).collect()
}

fn hosts_of(notes: &Path) -> Option<f64> {
    #[derive(serde::Deserialize)]
    struct Notes {
        phases: Vec<(String, f64)>,
    }
    let notes: Notes = serde_json::from_slice(&fs::read(notes).ok()?).ok()?;
    let hosts = notes.phases.iter().find(|(name, _)| name == "hosts")?;
    Some(hosts.1)
}
