//! `lab-runner grade`: a class -> marks and reports, and a line about each
//! student.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use anyhow::{Result, bail};
use lab_box::Cgroup;

use super::doctor::unfit;
use crate::cli::GradeArgs;
use crate::discover::Project;
use crate::grade::export::export;
use crate::grade::results::{Cause, Graded, Mark, Results, Student};
use crate::grade::{Order, grade as graded};
use crate::report::{
    BAD, BOLD, GOOD, WARN, harmless, harmless_line, painted, say, shortened,
};

/// Tried again elsewhere, it may work; here it will not.
pub(super) const UNFIT: u8 = 42;

pub(crate) fn grade(project: &Project, args: &GradeArgs) -> Result<u8> {
    let cgroup = match args.require_cgroup {
        true => Cgroup::Required,
        false => Cgroup::Auto,
    };
    let lacks = unfit();
    let weak = lab_box::cgroup_offer().err();
    if let Some(why) = lacks.or(weak.filter(|_| args.require_cgroup)) {
        eprintln!("error: this machine is unfit for grading: {why}");
        return Ok(UNFIT);
    }
    let cores = available_parallelism().map_or(1, usize::from);
    let out = args.folder()?;
    let results = graded(
        project,
        &Order {
            submissions: &args.submissions,
            roster: &args.roster,
            out: &out,
            exercises: &args.exercise,
            partition: args.partition,
            jobs: args.jobs.unwrap_or(2 * cores).max(1),
            tries: args.tries,
            cgroup,
            fresh: args.fresh,
        },
    )?;
    export(&results, &out)?;
    match args.json {
        true => say(&format!("{}\n", serde_json::to_string(&results)?)),
        false => say(&told(&results, &out)),
    }
    Ok(results.exit_code())
}

impl GradeArgs {
    /// Where this part's marks go.
    fn folder(&self) -> Result<PathBuf> {
        match (&self.out, &self.parts, self.partition) {
            (Some(out), ..) => Ok(out.clone()),
            (None, Some(parts), Some(part)) => Ok(parts.join(part.folder())),
            (None, ..) => bail!("where to? say --out, or --parts for a part"),
        }
    }
}

fn told(results: &Results, out: &Path) -> String {
    let students = &results.students;
    let width = students.iter().map(|s| s.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for student in students {
        text += &line(student, width);
    }
    for stranger in &results.strangers {
        let (folder, why) =
            (harmless(&stranger.folder), harmless(&stranger.why));
        let _ =
            writeln!(text, "{}  {folder}: {why}", painted(WARN, "nobody's"));
    }
    text += &open_marks(students);
    let open = students.iter().filter(|student| student.is_open()).count();
    let last = match open {
        0 => painted(GOOD, "all are graded"),
        1 => painted(WARN, "1 is still open: the same command tries it again"),
        n => painted(
            WARN,
            &format!("{n} are still open: the same command tries them again"),
        ),
    };
    let out = out.display();
    let _ = writeln!(
        text,
        "\n{} students, {} exercises: {last}\nreports: {out}/html/index.html\n\
         marks:   {out}/gradebook.csv",
        students.len(),
        results.exercises.len(),
    );
    text
}

/// Open marks whose reasons are told.
const TOLD: usize = 8;

/// Why a mark is open, and what to do if it stays so.
fn open_marks(students: &[Student]) -> String {
    let mut text = String::new();
    let marks = students.iter().flat_map(|student| {
        let open = |m: &&Mark| m.verdict == Graded::Inconclusive;
        let own = student.marks.iter().filter(open);
        own.map(move |mark| (student, mark))
    });
    let all: Vec<_> = marks.collect();
    for (student, mark) in all.iter().take(TOLD) {
        let words: Vec<&str> = mark.why.split_whitespace().collect();
        let why = shortened(&harmless_line(&words.join(" ")), 200);
        let (id, exercise) = (&student.id, &mark.exercise);
        let _ =
            writeln!(text, "{}  {id} {exercise}: {why}", painted(BOLD, "open"));
    }
    if let Some(more) = all.len().checked_sub(TOLD).filter(|n| *n > 0) {
        let _ = writeln!(text, "      and {more} more");
    }
    let ours = all.iter().find(|(_, m)| m.cause == Cause::CouldNotRun);
    if let Some((student, mark)) = ours {
        let _ = writeln!(
            text,
            "      where a program of the lab failed, an answer may have brought \
             that about. If it\n      stays so on an idle machine, look at the \
             answer: lab-runner appeal DIR {} {} --again 5",
            student.id, mark.exercise
        );
    }
    text
}

/// `alice      18 of 20  pass partial`
fn line(student: &Student, width: usize) -> String {
    let words = student.marks.iter().map(|mark| match mark.verdict {
        Graded::Pass => painted(GOOD, "pass"),
        Graded::Partial => {
            painted(WARN, &format!("{}/{}", mark.points, mark.of))
        }
        Graded::Fail => painted(BAD, "fail"),
        Graded::Inconclusive => painted(BOLD, "open"),
    });
    let words: Vec<String> = words.collect();
    format!(
        "{:width$}  {:>3} of {:>3}  {}\n",
        student.id,
        student.points(),
        student.of(),
        words.join(" "),
    )
}
