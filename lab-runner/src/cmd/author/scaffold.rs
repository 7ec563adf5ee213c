//! `author new ch08-congestion [EXPERIMENT]`, `author new ch05 EXPERIMENT`:
//! names -> a lab, its chapter, its line in the summary; an experiment, its
//! lines in `main.rs`, its section. It runs as it is: then it is changed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::template::{Names, spoken};
use crate::check::write_whole;
use crate::discover::Project;
use crate::report::say;

/// Makes a lab, or an experiment of one that is there.
pub(crate) fn new(
    project: &Project,
    lab: &str,
    experiment: Option<&str>,
) -> Result<u8> {
    project.must_be_ours("author new")?;
    let root = &project.root;
    let mut made = Made { root: root.clone(), files: Vec::new() };
    let names = match project.folder_of(lab)? {
        Some(folder) => {
            let Some(experiment) = experiment else {
                bail!(
                    "{folder} is there already; for an experiment in it: \
                     lab-runner author new {lab} NAME"
                )
            };
            names(&folder, experiment)?
        }
        None => {
            let names = names(lab, experiment.unwrap_or("first"))?;
            a_lab(&names, &mut made)?;
            names
        }
    };
    an_experiment(&names, &mut made)?;
    let (chapter, name) = (names.chapter(), &names.experiment);
    say(&format!(
        "{}\nrun it:             ./run {chapter} {name}\n\
         what it lacks yet:  ./run author check {chapter}\n\
         how to go on:       CONTRIBUTING.md, \"An experiment in half an hour\"\n",
        made.files.concat()
    ));
    Ok(0)
}

fn names(lab: &str, experiment: &str) -> Result<Names> {
    let plain = |text: &str| {
        let allowed =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        text.chars().all(allowed)
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-')
    };
    let (chapter, rest) = lab.split_once('-').unwrap_or((lab, ""));
    let number = chapter.strip_prefix("ch").unwrap_or_default();
    let numbered = number.len() == 2 && number.parse::<u8>().is_ok();
    if !numbered || rest.is_empty() || !plain(lab) {
        bail!(
            "{lab:?} is no name for a lab: two digits and words, as in ch08-congestion"
        );
    }
    if !plain(experiment) || experiment == "main" {
        bail!("{experiment:?} is no name for an experiment: as in slow-start");
    }
    Ok(Names {
        lab: lab.into(),
        title: spoken(rest),
        experiment: experiment.into(),
    })
}

/// What was written, to be told.
struct Made {
    root: PathBuf,
    files: Vec<String>,
}

impl Made {
    fn write(&mut self, path: &str, text: &str) -> Result<()> {
        let whole = self.root.join(path);
        if whole.exists() {
            bail!("{path} is there already: nothing of yours is overwritten");
        }
        let dir = whole.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(dir)
            .with_context(|| format!("make {}", dir.display()))?;
        write_whole(&whole, text.as_bytes())?;
        self.files.push(format!("wrote    {path}\n"));
        Ok(())
    }

    fn change(
        &mut self,
        path: &str,
        how: impl Fn(&str) -> Option<String>,
        else_say: &str,
    ) -> Result<()> {
        let whole = self.root.join(path);
        let text = fs::read_to_string(&whole)
            .with_context(|| format!("read {path}"))?;
        match how(&text) {
            Some(text) => {
                write_whole(&whole, text.as_bytes())?;
                self.files.push(format!("changed  {path}\n"));
            }
            None => self.files.push(format!("to do    {path}: {else_say}\n")),
        }
        Ok(())
    }
}

fn a_lab(names: &Names, made: &mut Made) -> Result<()> {
    let lab = &names.lab;
    made.write(&format!("labs/{lab}/Cargo.toml"), &names.manifest())?;
    made.write(&format!("labs/{lab}/src/main.rs"), &names.main())?;
    made.write(&format!("book/src/{lab}.md"), &names.page())?;
    let line = names.summary_line();
    made.change(
        "book/src/SUMMARY.md",
        |text| in_summary(text, &line),
        &format!("add `{line}`"),
    )
}

fn an_experiment(names: &Names, made: &mut Made) -> Result<()> {
    let (lab, module) = (&names.lab, names.module());
    made.write(&format!("labs/{lab}/src/{module}.rs"), &names.source())?;
    made.change(
        &format!("labs/{lab}/src/main.rs"),
        |text| in_main(text, &module),
        &format!(
            "add `mod {module};` and `.experiment({module}::experiment())`"
        ),
    )?;
    made.change(
        &format!("book/src/{lab}.md"),
        |text| in_page(text, &names.section()),
        "add a section",
    )
}

/// After the last chapter before it, by number.
fn in_summary(text: &str, line: &str) -> Option<String> {
    let file = |line: &str| {
        let (_, file) = line.rsplit_once('(')?;
        file.starts_with("ch").then(|| file.to_string())
    };
    let ours = file(line)?;
    let lines: Vec<&str> = text.lines().collect();
    let last = lines
        .iter()
        .rposition(|l| file(l).is_some_and(|theirs| theirs < ours))?;
    let mut lines = lines;
    lines.insert(last + 1, line);
    Some(lines.join("\n") + "\n")
}

/// `mod x;` among its like, and the experiment at the end of the list.
fn in_main(text: &str, module: &str) -> Option<String> {
    let mut lines: Vec<String> = text.lines().map(String::from).collect();
    let entry = format!("        .experiment({module}::experiment());");
    let end = lines.iter().position(|l| l.contains("lab_kit::main("))?;
    let last = lines[..end].iter_mut().rfind(|l| l.ends_with(';'))?;
    last.pop();
    let at = lines[..end].iter().rposition(|l| !l.is_empty())? + 1;
    lines.insert(at, entry);
    let declared = format!("mod {module};");
    let after = |l: &&String| l.starts_with("mod ") && **l < declared;
    let before = lines.iter().filter(after).count();
    let first = lines.iter().position(|l| l.starts_with("mod "));
    match first {
        Some(first) => lines.insert(first + before, declared),
        None => {
            let main = lines.iter().position(|l| l.starts_with("fn main"))?;
            lines.splice(main..main, [declared, String::new()]);
        }
    }
    Some(lines.join("\n") + "\n")
}

/// Before the closing sections that every chapter has, or at the end.
fn in_page(text: &str, section: &str) -> Option<String> {
    let closing = ["\n## Where you meet it", "\n## Folklore"];
    let at = closing.iter().filter_map(|heading| text.find(heading)).min();
    let at = at.unwrap_or(text.len());
    let (before, after) = text.split_at(at);
    let before = before.trim_end();
    Some(format!("{before}\n{section}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert!(names("ch08-congestion", "slow-start").is_ok());
        for lab in ["ch8-x", "ch08", "ch08-", "ch08-X", "../ch08-x", "ab08-x"] {
            assert!(names(lab, "x").is_err(), "{lab}");
        }
        for name in ["", "Main", "main", "a/b", "-x", "x-", "a b"] {
            assert!(names("ch08-x", name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_chapter_finds_its_place_in_the_summary() {
        let text = "# S\n- [1. A](ch01-a.md)\n- [9. B](ch09-b.md)\n# R\n";
        let line = "- [8. C](ch08-c.md)";
        assert_eq!(
            in_summary(text, line).unwrap(),
            "# S\n- [1. A](ch01-a.md)\n- [8. C](ch08-c.md)\n\
             - [9. B](ch09-b.md)\n# R\n"
        );
        assert_eq!(in_summary("# no chapter\n", line), None);
    }

    #[test]
    fn main_lists_the_experiment() {
        let empty = "//! X.\n\nfn main() {\n    let lab = Lab::new(\"a\");\n    \
                     lab_kit::main(lab)\n}\n";
        let one = in_main(empty, "bees").unwrap();
        assert_eq!(
            one,
            "//! X.\n\nmod bees;\n\nfn main() {\n    let lab = \
             Lab::new(\"a\")\n        .experiment(bees::experiment());\n    \
             lab_kit::main(lab)\n}\n"
        );
        let two = in_main(&one, "ants").unwrap();
        assert!(two.contains("mod ants;\nmod bees;\n"), "{two}");
        assert!(
            two.contains(
                "(bees::experiment())\n        .experiment(ants::experiment());"
            ),
            "{two}"
        );
        assert_eq!(in_main("fn other() {}", "x"), None);
    }

    #[test]
    fn a_section_stands_before_the_closing_ones() {
        let page = "# T\n\nText.\n\n## Folklore, tested\n\nRows.\n";
        assert_eq!(
            in_page(page, "\n## New\n\nX.\n").unwrap(),
            "# T\n\nText.\n\n## New\n\nX.\n\n## Folklore, tested\n\nRows.\n"
        );
    }
}
