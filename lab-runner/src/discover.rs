//! labs/ch* -> Lab: finds, builds and asks each lab to describe itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use lab_kit::names::{nearest, pick};
use lab_kit::protocol::FORMAT;
use lab_kit::{Described, Plan};

use crate::ask::{ask, dying_with_us};
use crate::report::progress;

/// A lab that was built and has described itself.
#[derive(Debug, Clone)]
pub(crate) struct Lab {
    pub(crate) dir: PathBuf,
    pub(crate) program: PathBuf,
    pub(crate) described: Described,
}

/// The project: where labs and the book are.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    pub(crate) root: PathBuf,
}

impl Project {
    /// From `LAB_ROOT`, or the nearest folder above with labs in it.
    pub(crate) fn find() -> Result<Project> {
        if let Some(root) = std::env::var_os("LAB_ROOT") {
            let root = PathBuf::from(root);
            if !root.join("labs").is_dir() {
                bail!("LAB_ROOT={} has no labs", root.display());
            }
            return Ok(Project { root });
        }
        let here = std::env::current_dir().context("the current folder")?;
        let mut above = here.ancestors();
        let root = above.find(|dir| {
            dir.join("labs").is_dir() && dir.join("Cargo.toml").is_file()
        });
        match root {
            Some(root) => Ok(Project { root: root.into() }),
            None => bail!(
                "no labs in {} or above it: run me inside the project",
                here.display()
            ),
        }
    }

    /// Folders of all labs, in the chapters' order.
    fn lab_dirs(&self) -> Result<Vec<PathBuf>> {
        let labs = self.root.join("labs");
        let list = std::fs::read_dir(&labs)
            .with_context(|| format!("list {}", labs.display()))?;
        let mut dirs: Vec<PathBuf> = list
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|dir| folder(dir).starts_with("ch"))
            .filter(|dir| dir.join("Cargo.toml").is_file())
            .collect();
        dirs.sort();
        Ok(dirs)
    }

    /// The lab whose folder's name starts like this: `ch05`, `ch05-del`, `5`.
    pub(crate) fn lab(&self, name: &str) -> Result<Lab> {
        let dirs = self.lab_dirs()?;
        let names: Vec<&str> = dirs.iter().map(|dir| folder(dir)).collect();
        let padded = match name.parse::<u8>() {
            Ok(n) => format!("ch{n:02}"),
            Err(_) => name.to_string(),
        };
        let found = pick(&padded, &names);
        match found[..] {
            [one] => self.load(&dirs[one]),
            [] => bail!("no chapter {name:?}; {}", nearest(name, names)),
            _ => {
                let all: Vec<_> = found.iter().map(|&n| names[n]).collect();
                bail!("{name:?} is the beginning of {}", all.join(", "))
            }
        }
    }

    /// The name of the lab's folder, if there is such a lab.
    pub(crate) fn folder_of(&self, name: &str) -> Result<Option<String>> {
        let dirs = self.lab_dirs()?;
        let mut names = dirs.iter().map(|dir| folder(dir));
        let is_it = |folder: &&str| {
            *folder == name || folder.split('-').next() == Some(name)
        };
        Ok(names.find(is_it).map(String::from))
    }

    /// One lab, or all of them.
    pub(crate) fn labs(&self, chapter: Option<&str>) -> Result<Vec<Lab>> {
        match chapter {
            Some(chapter) => Ok(vec![self.lab(chapter)?]),
            None => self.lab_dirs()?.iter().map(|d| self.load(d)).collect(),
        }
    }

    /// Builds a lab and asks it to describe itself.
    fn load(&self, dir: &Path) -> Result<Lab> {
        let package = folder(dir);
        progress(&format!("building {package}"));
        let program = self.build(package)?;
        let output = ask(Command::new(&program).arg("describe"), Vec::new())
            .with_context(|| format!("ask {package} to describe itself"))?;
        if !output.status.success() {
            bail!(
                "{package} can't describe itself ({}): {}",
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        let described = understand(package, &output.stdout)?;
        Ok(Lab { dir: dir.into(), program, described })
    }

    fn build(&self, package: &str) -> Result<PathBuf> {
        let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
        let mut build = Command::new(cargo);
        build
            .args(["build", "--quiet", "--message-format=json", "-p", package])
            .arg("--manifest-path")
            .arg(self.root.join("Cargo.toml"))
            // The reader's folder may ask for another toolchain.
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        let output = dying_with_us(&mut build)
            .output()
            .context("start cargo: is Rust installed and on PATH?")?;
        let messages = messages(&output.stdout);
        if !output.status.success() {
            let mut errors: Vec<String> = messages
                .iter()
                .filter_map(|m| {
                    let text = m["message"]["rendered"].as_str()?;
                    let level = m["message"]["level"].as_str()?;
                    (level == "error").then(|| text.to_string())
                })
                .collect();
            if errors.is_empty() {
                let text = String::from_utf8_lossy(&output.stderr);
                errors.push(text.trim().to_string());
            }
            bail!("{package} does not compile:\n\n{}", errors.join("\n"));
        }
        let program = messages.iter().rev().find_map(|m| {
            let of_lab = m["target"]["kind"][0] == "bin";
            m["executable"].as_str().filter(|_| of_lab).map(PathBuf::from)
        });
        program.with_context(|| {
            format!("{package} builds no program: has it a src/main.rs?")
        })
    }
}

fn messages(lines: &[u8]) -> Vec<serde_json::Value> {
    let lines = lines.split(|&b| b == b'\n');
    lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

fn understand(package: &str, text: &[u8]) -> Result<Described> {
    #[derive(serde::Deserialize)]
    struct Version {
        format: u32,
    }
    let version: Version = serde_json::from_slice(text).with_context(|| {
        format!("{package} describes itself in no JSON of ours")
    })?;
    if version.format > FORMAT {
        bail!(
            "{package} describes itself in format {}, this lab-runner reads \
             up to {FORMAT}: rebuild lab-runner (cargo build -p lab-runner)",
            version.format
        );
    }
    let described: Described = serde_json::from_slice(text)
        .with_context(|| format!("{package}: read its description"))?;
    for plan in &described.experiments {
        if let Some(fault) = plan.faults().first() {
            bail!("{}/{}: {fault}", described.name, plan.name);
        }
    }
    Ok(described)
}

impl Lab {
    /// The experiments that a name means: the one that it names, or all that
    /// begin with it; all of the lab without a name.
    pub(crate) fn experiments(&self, name: Option<&str>) -> Result<Vec<&Plan>> {
        let all: Vec<&Plan> = self.described.experiments.iter().collect();
        let Some(name) = name else { return Ok(all) };
        let names: Vec<&str> = all.iter().map(|p| p.name.as_str()).collect();
        let found = pick(name, &names);
        if found.is_empty() {
            bail!(
                "{} has no experiment {name:?}; {}",
                self.described.name,
                nearest(name, names)
            );
        }
        Ok(found.into_iter().map(|n| all[n]).collect())
    }

    /// Where an accepted trace is: `<snapshots>/<experiment>.<ending>`.
    pub(crate) fn kept(&self, experiment: &str, ending: &str) -> PathBuf {
        self.dir.join("snapshots").join(format!("{experiment}.{ending}"))
    }
}

fn folder(dir: &Path) -> &str {
    dir.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}
