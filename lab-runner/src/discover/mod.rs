//! labs/ch* -> Lab: finds, builds and asks each lab to describe itself.

mod cargo;
mod fresh;
mod place;
mod prebuilt;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use lab_kit::names::{nearest, pick};
use lab_kit::protocol::FORMAT;
use lab_kit::{Described, Kind, Plan};

use crate::ask::Residents;
use crate::report::progress;

/// A lab that was built and has described itself.
#[derive(Debug, Clone)]
pub(crate) struct Lab {
    pub(crate) dir: PathBuf,
    pub(crate) program: PathBuf,
    /// The program's processes that describe and judge.
    pub(crate) asked: Arc<Residents>,
    pub(crate) described: Described,
}

/// The project: where labs and the book are.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    pub(crate) root: PathBuf,
    /// Where what one makes goes; the root, if one may write there.
    work: PathBuf,
}

impl Project {
    /// From `LAB_ROOT`, the nearest folder above with labs in it, or the one
    /// that this program was installed in.
    pub(crate) fn find() -> Result<Project> {
        let root = place::root()?;
        Ok(Project { work: place::work(&root), root })
    }

    /// The learner's own folder.
    pub(crate) fn answers(&self) -> PathBuf {
        self.work.join("answers")
    }

    /// Refuses what would change the project, where it may not be.
    pub(crate) fn must_be_ours(&self, what: &str) -> Result<()> {
        if place::may_write(&self.root) {
            return Ok(());
        }
        let root = self.root.display();
        bail!(
            "{what} changes the project, and {root} may not be written: copy \
             it (cp -r {root} FOLDER; rm -f FOLDER/installed), and run me there"
        )
    }

    /// The folder of programs, if labs are not built here.
    pub(crate) fn programs(&self) -> Option<PathBuf> {
        prebuilt::folder(&self.root)
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
            [one] => self.load(&dirs[one..=one])?.pop().context("its lab"),
            [] => bail!("no chapter {name:?}; {}", nearest(name, names)),
            _ => {
                let all: Vec<_> = found.iter().map(|&n| names[n]).collect();
                bail!("{name:?} is the beginning of {}", all.join(", "))
            }
        }
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => self.root.join(dir),
            None => self.work.join("target"),
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

    /// The names of the labs' folders in which there is such a folder.
    pub(crate) fn chapters_with(&self, inside: &str) -> Result<Vec<String>> {
        let mut dirs = self.lab_dirs()?;
        dirs.retain(|dir| dir.join(inside).is_dir());
        Ok(dirs.iter().map(|dir| folder(dir).to_string()).collect())
    }

    /// One lab, or all of them.
    pub(crate) fn labs(&self, chapter: Option<&str>) -> Result<Vec<Lab>> {
        match chapter {
            Some(chapter) => Ok(vec![self.lab(chapter)?]),
            None => self.load(&self.lab_dirs()?),
        }
    }

    /// Builds labs with one call of cargo, unless they were built before, and
    /// asks each to describe itself.
    fn load(&self, dirs: &[PathBuf]) -> Result<Vec<Lab>> {
        let packages: Vec<&str> = dirs.iter().map(|dir| folder(dir)).collect();
        if packages.is_empty() {
            return Ok(Vec::new());
        }
        let programs = match self.programs() {
            Some(folder) => {
                let programs = prebuilt::find(&folder, &packages)?;
                dirs.iter().zip(&programs).for_each(|(dir, it)| warn(dir, it));
                programs
            }
            None => self.built(&packages)?,
        };
        dirs.iter().zip(programs).map(|(dir, it)| described(dir, it)).collect()
    }
}

/// Says that what runs is not what stands there.
fn warn(dir: &Path, program: &Path) {
    if let Some(source) = prebuilt::newer_source(dir, program) {
        eprintln!(
            "note: {} is newer than {}, which was not built here; with \
             LAB_PROGRAMS= (nothing) cargo builds the lab",
            source.display(),
            program.display()
        );
    }
}

impl Project {
    /// By cargo, unless it would find nothing to do.
    fn built(&self, packages: &[&str]) -> Result<Vec<PathBuf>> {
        let target = self.target();
        let fresh = |it: &&str| fresh::program(&self.root, &target, it);
        if let Some(programs) = packages.iter().map(fresh).collect() {
            return Ok(programs);
        }
        progress(&format!("building {}", packages.join(", ")));
        let begun = fresh::Begun::now(&target, packages);
        let programs = cargo::build(&self.root, packages)?;
        begun.ended();
        Ok(programs)
    }
}

/// Asks a lab's program to describe itself.
fn described(dir: &Path, program: PathBuf) -> Result<Lab> {
    let package = folder(dir);
    let asked = Arc::new(Residents::of(program.clone()));
    let described = asked
        .ask(None, |text| understand(package, text))
        .with_context(|| format!("ask {package} to describe itself"))?;
    Ok(Lab { dir: dir.into(), program, asked, described })
}

pub(crate) fn understand(package: &str, text: &[u8]) -> Result<Described> {
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
    for task in &described.exercises {
        if let Some(fault) = task.faults().first() {
            bail!("{}/{}: {fault}", described.name, task.plan.name);
        }
    }
    Ok(described)
}

impl Lab {
    /// The experiments that a name means: the one that it names, or all that
    /// begin with it; all of the lab without a name.
    pub(crate) fn experiments(&self, name: Option<&str>) -> Result<Vec<&Plan>> {
        self.pick(self.described.experiments.iter().collect(), name)
    }

    /// The same among all whose traces are kept: experiments, and the sick
    /// systems that exercises are about.
    pub(crate) fn accepted(&self, name: Option<&str>) -> Result<Vec<&Plan>> {
        let tasks = self.described.exercises.iter();
        let sick = tasks.filter(|task| task.kind == Kind::Diagnose);
        let sick = sick.map(|task| &task.plan);
        let all = self.described.experiments.iter().chain(sick);
        self.pick(all.collect(), name)
    }

    fn pick<'a>(
        &self,
        all: Vec<&'a Plan>,
        name: Option<&str>,
    ) -> Result<Vec<&'a Plan>> {
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

    /// A lab that nobody built.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn nowhere(dir: &Path, described: Described) -> Lab {
        let program = PathBuf::from("/nowhere");
        let asked = Arc::new(Residents::of(program.clone()));
        Lab { dir: dir.into(), program, asked, described }
    }

    /// Whether what it keeps may be changed.
    pub(crate) fn is_ours(&self) -> bool {
        let root = self.dir.ancestors().nth(2);
        root.is_some_and(place::may_write)
    }

    /// Where an accepted trace is: `<snapshots>/<experiment>.<ending>`.
    pub(crate) fn kept(&self, experiment: &str, ending: &str) -> PathBuf {
        self.dir.join("snapshots").join(format!("{experiment}.{ending}"))
    }
}

fn folder(dir: &Path) -> &str {
    dir.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}
