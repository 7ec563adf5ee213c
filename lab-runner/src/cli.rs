//! Arguments -> what to do.

use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::grade::partition::Partition;

/// Runs the labs of the Socket Lab in network namespaces, captures their
/// packets, and holds them against what the book says.
///
/// Exit codes: 0 pass, 1 a claim or a snapshot failed, 2 could not run.
#[derive(Debug, Parser)]
#[command(name = "lab-runner", version = "", after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The arguments of this program.
pub(crate) fn parse(commit: Option<&str>) -> Cli {
    let command = Cli::command().version(&*version(commit).leak());
    let matches = command.get_matches();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// `0.1.0 (commit 1a2b3c4, x86_64-linux-gnu, static)`
fn version(commit: Option<&str>) -> String {
    let commit = match commit {
        Some(commit) => format!("commit {commit}"),
        None => "built in a checkout".into(),
    };
    let libc = if cfg!(target_env = "musl") { "musl" } else { "gnu" };
    let linked = match cfg!(target_feature = "crt-static") {
        true => "static",
        false => "dynamic",
    };
    format!(
        "{} ({commit}, {}-linux-{libc}, {linked})",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH
    )
}

const EXAMPLES: &str = "\
Examples:
  lab-runner ch05                             all experiments of a chapter
  lab-runner ch05 first-ack                   one experiment
  lab-runner ch05 first-ack --what-if NAME    with the phenomenon switched off
  lab-runner ch05 first-ack --set server:net.ipv4.tcp_sack=0
  lab-runner doctor                           what this machine lacks";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists chapters and experiments.
    List {
        /// Only this chapter.
        chapter: Option<String>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Runs every experiment of every chapter.
    All(RunArgs),
    /// Says what this machine lacks, what that costs, and how to get it.
    Doctor {
        /// As JSON.
        #[arg(long)]
        json: bool,
        /// Only what stands in the way.
        #[arg(long)]
        quiet: bool,
    },
    /// Runs an experiment and keeps its trace as the accepted one.
    Accept {
        /// The chapter.
        chapter: String,
        /// The experiment; all of the chapter without.
        experiment: Option<String>,
        /// As this declared variant.
        #[arg(long)]
        variant: Option<String>,
        /// Where this is another series of kernels: why its trace differs.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// As the trace that the book draws, though this is another series.
        #[arg(long, conflicts_with_all = ["variant", "reason"])]
        main: bool,
        /// Without asking.
        #[arg(long)]
        yes: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Judges the committed captures again: no privileges, no packets.
    Recheck {
        /// Only this chapter.
        chapter: Option<String>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Exercises: list, start, check, hint, watch, reset, solution.
    #[command(subcommand)]
    Exercise(Exercise),
    /// Makes what students get: the project without solutions and wrong
    /// answers.
    Handout(HandoutArgs),
    /// Grades a class: submissions -> marks, causes, reports.
    ///
    /// Exit codes: 0 all are graded, whatever the marks; 1 some could not be
    /// judged (grade again: what is graded is kept); 2 could not run; 42 this
    /// machine is unfit for it.
    Grade(GradeArgs),
    /// Puts the parts of a class together that were graded apart.
    ///
    /// Exit codes: 0 the class is whole and graded, 1 some could not be
    /// judged, 2 refused: somebody is missing, twice there or not in the
    /// roster, or the parts were not judged alike.
    Merge(MergeArgs),
    /// Looks into a mark that somebody doubts: what was recorded, judged
    /// again by the same rules, beside a right answer's run; the answer, run
    /// again.
    ///
    /// Exit codes: 0 the mark stands; 1 something speaks against it; 2 could
    /// not be judged; 42 nothing can run here.
    Appeal(AppealArgs),
    /// Says what is wrong in a capture, anybody's: connections worst first,
    /// each finding with its evidence.
    ///
    /// Exit codes: 0 explained, whatever was found; 2 could not be read.
    Explain(ExplainArgs),
    /// For those who write labs.
    #[command(subcommand)]
    Author(Author),
    /// Builds or serves the book: `book build`, `book serve`.
    Book {
        /// For lab-book.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// A chapter: `ch05`, or `ch05 first-ack` with the options of `all`.
    #[command(external_subcommand)]
    Chapter(Vec<String>),
}

impl Command {
    /// Whether it makes runs.
    pub(crate) fn runs(&self) -> bool {
        use Command as C;
        match self {
            C::All(_) | C::Accept { .. } | C::Exercise(_) => true,
            C::Grade(_) | C::Appeal(_) | C::Chapter(_) => true,
            C::Author(author) => matches!(author, Author::Check { .. }),
            _ => false,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Exercise {
    /// What there is to do, and how far you are.
    List {
        /// Only this chapter.
        chapter: Option<String>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Puts the starter into `answers/`, for you to change.
    Start {
        /// `ch05/no-stall`, or `no-stall`.
        name: String,
    },
    /// Builds your answer, runs it against its peer, and judges the wire.
    Check(CheckArgs),
    /// The next hint for the rule that your last answer broke.
    Hint {
        /// The exercise.
        name: String,
    },
    /// Checks each time you save; ends with Ctrl-C.
    Watch {
        /// The exercise.
        name: String,
    },
    /// Puts the starter back; what you had is kept beside it.
    Reset {
        /// The exercise.
        name: String,
    },
    /// Shows a solution, once you have passed.
    Solution {
        /// The exercise.
        name: String,
        /// Before you have passed.
        #[arg(long)]
        spoil: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// pcap or pcapng; `-` is standard input.
    pub(crate) file: PathBuf,
    /// Shows this connection, instead of the worst.
    #[arg(long, value_name = "N")]
    pub(crate) connection: Option<u32>,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// Every connection, and the whole ladder.
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The exercise.
    pub(crate) name: String,
    /// Any program as the answer, instead of yours in Rust; it is told what
    /// the starter is told.
    #[arg(long, value_name = "PROGRAM", num_args = 1.., allow_hyphen_values = true)]
    pub(crate) exec: Vec<PathBuf>,
    /// In the box, as grading runs it.
    #[arg(long)]
    pub(crate) boxed: bool,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// The whole ladder with marks and counters.
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GradeArgs {
    /// A folder for each student, named by id; in it what the student's
    /// `answers/` holds.
    #[arg(long, value_name = "DIR")]
    pub(crate) submissions: PathBuf,
    /// A CSV table with the columns id and name, and perhaps email.
    #[arg(long, value_name = "FILE")]
    pub(crate) roster: PathBuf,
    /// Where marks and reports go; a grading that was interrupted goes on
    /// from there.
    #[arg(long, value_name = "DIR", required_unless_present = "parts")]
    pub(crate) out: Option<PathBuf>,
    /// Instead of --out: a folder for all parts of the class, in which this
    /// part makes its own, `slice-2-of-4`.
    #[arg(long, value_name = "DIR", conflicts_with = "out")]
    #[arg(requires = "partition")]
    pub(crate) parts: Option<PathBuf>,
    /// Only this exercise; may be said several times.
    #[arg(long, value_name = "NAME")]
    pub(crate) exercise: Vec<String>,
    /// Only a part of the class: `slice:K/N`, `hash:K/N`, or `auto` for what
    /// the scheduler says.
    #[arg(long, value_name = "PART", value_parser = part)]
    pub(crate) partition: Option<Partition>,
    /// This many answers at once: 2 on each core, unless told.
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Runs of an answer before it is left open.
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub(crate) tries: u32,
    /// Refuses a machine where the memory and the processes of an answer as a
    /// whole can't be limited.
    #[arg(long)]
    pub(crate) require_cgroup: bool,
    /// Grades what has a mark already, too.
    #[arg(long)]
    pub(crate) fresh: bool,
    /// The results on standard output, as in results.json.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AppealArgs {
    /// The results.json of the grading, or the folder that it is in.
    pub(crate) results: PathBuf,
    /// The student's id.
    pub(crate) student: String,
    /// The exercise; all without.
    pub(crate) exercise: Option<String>,
    /// Runs the answer that was graded so many times.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) again: u32,
    /// Runs nothing, not even the solution: no privileges.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Writes the packets there, as pcapng with the marks as comments.
    #[arg(long, value_name = "DIR")]
    pub(crate) pcap: Option<PathBuf>,
    /// One JSON object for each exercise.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MergeArgs {
    /// The `results.json` of each part, or the folder of `grade --parts`.
    #[arg(required = true, value_name = "RESULTS")]
    pub(crate) parts: Vec<PathBuf>,
    /// The roster by which they were graded.
    #[arg(long, value_name = "FILE")]
    pub(crate) expect_roster: PathBuf,
    /// Where the class's results and reports go.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

/// With every reason: clap prints the last one only.
fn part(text: &str) -> Result<Partition, String> {
    Partition::read(text).map_err(|error| format!("{error:#}"))
}

#[derive(Debug, Subcommand)]
pub(crate) enum Author {
    /// Makes a roster and what ten made-up students handed in, to try a
    /// grading out.
    SampleClass {
        /// A folder that is new, or empty.
        dir: PathBuf,
    },
    /// Makes a lab with its chapter (`author new ch08-congestion`), or an
    /// experiment of a lab (`author new ch05 two-writes`).
    New {
        /// The lab.
        lab: String,
        /// The experiment.
        experiment: Option<String>,
    },
    /// Says what labs, their chapters, accepted traces and exercises still
    /// lack. Runs the exercises' starters, solutions and wrong answers.
    Check {
        /// Only this chapter.
        chapter: Option<String>,
        /// Looks at files only.
        #[arg(long)]
        no_run: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// A chapter, perhaps an experiment, and how to run it.
#[derive(Debug, Parser)]
#[command(name = "lab-runner CHAPTER", no_binary_name = true)]
pub(crate) struct ChapterArgs {
    /// The chapter: `ch05`, `5`, or the beginning of its folder's name.
    pub(crate) chapter: String,
    /// The experiment, or the beginning of the names of several.
    pub(crate) experiment: Option<String>,
    /// Tells one run as it happens: a JSON object a line. Ends with whoever
    /// reads it.
    #[arg(long, conflicts_with_all = ["json", "pcap", "every_what_if", "repeat"])]
    pub(crate) events: bool,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RunArgs {
    /// With the phenomenon switched off: exactly the claims that the
    /// perturbation names must fail.
    #[arg(long, value_name = "NAME")]
    pub(crate) what_if: Option<String>,
    /// Every perturbation of every experiment.
    #[arg(long, conflicts_with = "what_if")]
    pub(crate) every_what_if: bool,
    /// Turns a knob: `server:net.ipv4.tcp_sack=0`, `client:nodelay=1`,
    /// `server:route.quickack=1`, `link:delay=20ms`.
    #[arg(long, value_name = "HOST:KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// JSON on standard output, one object for each run.
    #[arg(long)]
    pub(crate) json: bool,
    /// Writes the packets there, as pcapng with the marks as comments.
    #[arg(long, value_name = "DIR")]
    pub(crate) pcap: Option<PathBuf>,
    /// Goes on after an experiment that failed.
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// A snapshot of another kernel series counts too.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Marks, observations and counters in the ladder.
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Runs each experiment this often, and ends with a table.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) repeat: u32,
    /// Runs this many at once: 4 on each core, but repeats one by one, unless
    /// told.
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct HandoutArgs {
    /// A folder that is new, or empty.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Only the exercises of this chapter; may be said again.
    #[arg(long, value_name = "CHAPTER")]
    pub(crate) chapter: Vec<String>,
    /// Only this exercise; may be said again.
    #[arg(long, value_name = "NAME")]
    pub(crate) exercise: Vec<String>,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}
