//! `author sample-class DIR`: a roster and what ten made-up students handed in:
//! right, wrong, late, hostile, nothing. For trying a grading out.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::check::write_whole;
use crate::discover::Project;
use crate::handout::mark;
use crate::report::say;

const NO_STALL: &str = "no-stall";
const SEGMENTS: &str = "five-segments";
const EXERCISES: &str = "labs/ch05-delayed-ack/exercises";

/// Where an answer comes from.
enum From {
    /// The exercise's own files.
    Author(&'static str),
    Here(&'static str),
}
use From::{Author, Here};

/// What somebody hands in: for which exercise, as which file.
type Handed = (&'static str, &'static str, From);

/// A student: id, name, answers.
struct Pupil {
    id: &'static str,
    name: &'static str,
    /// Where it lies, if not below the id.
    folder: Option<&'static str>,
    answers: Vec<Handed>,
}

fn class() -> Vec<Pupil> {
    let rust = |name| (NO_STALL, "src/main.rs", Author(name));
    let form = |name| (SEGMENTS, "answer.toml", Author(name));
    let right = || form("solution.toml");
    let pupil = |id, name, answers| Pupil { id, name, folder: None, answers };
    let python = (NO_STALL, "main.py", Author("other/answer.py"));
    let c = (NO_STALL, "main.c", Author("other/answer.c"));
    let hostile = (NO_STALL, "main.py", Here(include_str!("class/heidi.py")));
    let broken =
        (NO_STALL, "src/main.rs", Here(include_str!("class/frank.rs")));
    let unclear =
        (SEGMENTS, "answer.toml", Here(include_str!("class/ivan.toml")));
    vec![
        pupil("alice", "Alice", vec![rust("solution.rs"), right()]),
        pupil("bob", "Bob", vec![python, form("wrong/one-for-all.toml")]),
        pupil("carol", "Carol", vec![c, right()]),
        pupil("dan", "Dan", vec![rust("starter.rs"), right()]),
        pupil("erin", "Erin", vec![rust("wrong/nodelay.rs"), right()]),
        pupil("frank", "Frank", vec![broken, form("wrong/one-each.toml")]),
        pupil("grace", "Grace", vec![]),
        pupil("heidi", "=HYPERLINK(\"//192.0.2.66\")", vec![hostile]),
        pupil("ivan", "Ivan", vec![unclear]),
        Pupil {
            id: "judy",
            name: "Judy",
            folder: Some("judy-late"),
            answers: vec![rust("solution.rs"), right()],
        },
    ]
}

/// Makes it in a folder that is new, or empty.
pub(crate) fn sample_class(project: &Project, out: &Path) -> Result<u8> {
    if mark(&project.root)?.is_some() {
        bail!("this was handed out without solutions: your teacher has them");
    }
    if fs::read_dir(out).is_ok_and(|mut files| files.next().is_some()) {
        bail!("{} is not empty; name a folder that is new", out.display());
    }
    let from = project.root.join(EXERCISES);
    let submissions = out.join("submissions");
    let mut roster = csv::Writer::from_writer(Vec::new());
    roster.write_record(["id", "name", "email"])?;
    let class = class();
    for pupil in &class {
        let own = submissions.join(pupil.folder.unwrap_or(pupil.id));
        fs::create_dir_all(&own)
            .with_context(|| format!("make {}", own.display()))?;
        for (exercise, file, source) in &pupil.answers {
            let text = match source {
                Here(text) => text.as_bytes().to_vec(),
                Author(name) => {
                    let path = from.join(exercise).join(name);
                    fs::read(&path)
                        .with_context(|| format!("read {}", path.display()))?
                }
            };
            let path = own.join(format!("ch05-{exercise}")).join(file);
            fs::create_dir_all(path.parent().context("a folder")?)?;
            write_whole(&path, &text)?;
        }
        let email = format!("{}@example.org", pupil.id);
        roster.write_record([pupil.id, pupil.name, &email])?;
    }
    let link = submissions.join("heidi/ch05-five-segments");
    fs::create_dir_all(&link)?;
    symlink("/etc/shadow", link.join("answer.toml"))
        .context("make a link, as Heidi did")?;
    // Last, for whoever was interrupted: without a roster it is no class.
    write_whole(&out.join("roster.csv"), &roster.into_inner()?)?;
    let at = out.display();
    say(&format!(
        "{} students: {at}/roster.csv, {at}/submissions/\ngrade them: ./run \
         grade --submissions {at}/submissions --roster {at}/roster.csv \
         --exercise {NO_STALL} --exercise {SEGMENTS} --out results\n",
        class.len(),
    ));
    Ok(0)
}
