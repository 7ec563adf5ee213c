//! Names in the book -> descriptions, snapshots, models and sources of the
//! labs.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use lab_kit::figure::Drawn;
use lab_kit::ladder::Ladder;
use lab_kit::ladder::model::Model;
use lab_kit::protocol::Judgement;
use lab_kit::{Described, Evidence, Plan};

use crate::directive::Target;
use crate::kernels::Kernels;
use crate::models::{self, Accepted};
use crate::snapshot::Snapshot;
use crate::teach::lasted;
use lab_bench::results::Results;
use lab_kit::names::nearest;

/// A lab's folder, `labs/ch05-delayed-ack`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// The lab's name, `ch05`.
    pub name: String,
    /// Its package, named as its folder.
    pub package: String,
}

/// A lab that has described itself.
pub struct Known {
    /// What it says.
    pub described: Described,
    /// Asks it what becomes of its claims.
    pub judge: Box<Judge>,
}

/// An experiment's plan and what a run of it left -> the lab's judgement.
pub type Judge =
    dyn Fn(&Plan, &Evidence) -> Result<Judgement, String> + Send + Sync;

/// Asks labs to describe themselves: the workspace and their folders -> a
/// lab or a sentence for each.
pub type Describe =
    dyn Fn(&Path, &[Folder]) -> Vec<Result<Known, String>> + Send + Sync;

/// The labs that a book speaks of.
pub(crate) struct Library {
    pub(crate) root: PathBuf,
    folders: Vec<Folder>,
    /// Those that were made already.
    models: Models,
    known: BTreeMap<String, Result<Known, String>>,
}

/// By `ch05/first-ack@variant`. A quiz and a ladder may name the same.
type Models = RefCell<BTreeMap<String, Result<Rc<Model>, String>>>;

/// One experiment of a lab.
pub(crate) struct Found<'a> {
    library: &'a Library,
    folder: &'a Folder,
    pub(crate) plan: &'a Plan,
}

impl Library {
    /// Describes those labs of a workspace that are wanted.
    pub(crate) fn open(
        root: &Path,
        wanted: &BTreeSet<&str>,
        describe: &Describe,
    ) -> Self {
        let folders = folders(root);
        let asked: Vec<_> = folders
            .iter()
            .filter(|f| wanted.contains(f.name.as_str()))
            .cloned()
            .collect();
        let answers = match asked.is_empty() {
            true => Vec::new(),
            false => describe(root, &asked),
        };
        let names = asked.into_iter().map(|f| f.name);
        let known = names.zip(answers).collect();
        Library { root: root.into(), folders, known, models: Models::default() }
    }

    /// Describes all labs of a workspace.
    pub(crate) fn whole(root: &Path, describe: &Describe) -> Self {
        let folders = folders(root);
        let names = folders.iter().map(|f| f.name.as_str()).collect();
        Library::open(root, &names, describe)
    }

    /// The names of all labs, in the chapters' order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.folders.iter().map(|f| f.name.as_str())
    }

    /// The chapter's page, beside the others: `ch05-delayed-ack.html`.
    pub(crate) fn page(&self, lab: &str) -> Option<String> {
        let folder = self.folders.iter().find(|f| f.name == lab)?;
        Some(format!("{}.html", folder.package))
    }

    /// What experiments came to on each kernel.
    pub(crate) fn kernels(&self) -> Result<Kernels, String> {
        Kernels::read(&self.root)
    }

    /// What `./run bench` measured, by file.
    pub(crate) fn bench(&self) -> Result<Vec<Results>, String> {
        crate::bench::read(&self.root)
    }

    /// What is left of a line of `./run bench`, and why: Markdown.
    pub(crate) fn why(&self, line: &str) -> Option<String> {
        crate::bench::why(&self.root, line)
    }

    /// A lab by name.
    pub(crate) fn lab(&self, name: &str) -> Result<&Described, String> {
        self.known(name).map(|known| &known.described)
    }

    fn known(&self, name: &str) -> Result<&Known, String> {
        match self.known.get(name) {
            Some(Ok(known)) => Ok(known),
            Some(Err(why)) => Err(why.clone()),
            None => {
                let names = self.folders.iter().map(|f| f.name.as_str());
                let hint = nearest(name, names);
                Err(format!("no lab is called `{name}`; {hint}"))
            }
        }
    }

    /// An experiment by name.
    pub(crate) fn find(&self, of: &Target) -> Result<Found<'_>, String> {
        let lab = self.lab(&of.lab)?;
        let plan = lab.experiments.iter().find(|e| e.name == of.experiment);
        let Some(plan) = plan else {
            let names = lab.experiments.iter().map(|e| e.name.as_str());
            return Err(format!(
                "{} has no experiment `{}`; {}",
                of.lab,
                of.experiment,
                nearest(&of.experiment, names)
            ));
        };
        self.found(&of.lab, plan)
    }

    /// A plan of a lab's, with all that is kept of it.
    pub(crate) fn found<'a>(
        &'a self,
        lab: &str,
        plan: &'a Plan,
    ) -> Result<Found<'a>, String> {
        let folder = self.folders.iter().find(|f| f.name == lab);
        let folder = folder.ok_or("its folder has gone")?;
        Ok(Found { library: self, folder, plan })
    }
}

impl Library {
    /// A source file's path and text: that of an experiment, or one that
    /// several share, by its own name (`ch01/pair` is `src/pair.rs`).
    pub(crate) fn source(
        &self,
        of: &Target,
    ) -> Result<(String, String), String> {
        let found = self.find(of);
        let folder = self.folders.iter().find(|f| f.name == of.lab);
        let path = match (&found, folder) {
            (Ok(found), _) => found.plan.source.clone(),
            (Err(why), None) => return Err(why.clone()),
            (Err(why), Some(folder)) => {
                let file = of.experiment.replace('-', "_");
                let path = format!("labs/{}/src/{file}.rs", folder.package);
                if !self.root.join(&path).is_file() {
                    return Err(why.clone());
                }
                path
            }
        };
        let text = std::fs::read_to_string(self.root.join(&path));
        let text = text.map_err(|e| format!("{path}: {e}"))?;
        Ok((path, text))
    }
}

impl Found<'_> {
    /// Its accepted trace (or a variant's) for browsers.
    pub(crate) fn model(
        &self,
        variant: Option<&str>,
    ) -> Result<Rc<Model>, String> {
        let of = self.model_name(variant);
        let made = self.library.models.borrow().get(&of).cloned();
        made.unwrap_or_else(|| {
            let model = self.make_model(variant, &of).map(Rc::new);
            let mut models = self.library.models.borrow_mut();
            models.insert(of, model.clone());
            model
        })
    }

    /// `ch05/first-ack@variant`: its file below `models/`, without `.js`.
    pub(crate) fn model_name(&self, variant: Option<&str>) -> String {
        format!("{}/{}", self.folder.name, self.kept(variant))
    }

    fn make_model(
        &self,
        variant: Option<&str>,
        of: &str,
    ) -> Result<Model, String> {
        let known = self.library.known(&self.folder.name)?;
        models::make(&Accepted {
            of,
            root: &self.library.root,
            stem: format!("{}/snapshots/{}", self.lab(), self.kept(variant)),
            plan: self.plan,
            judge: &known.judge,
        })
    }

    /// What the files are called that are kept of it.
    fn kept(&self, variant: Option<&str>) -> String {
        match variant {
            Some(variant) => format!("{}@{variant}", self.plan.name),
            None => self.plan.name.clone(),
        }
    }

    /// Its accepted trace (or a variant's), and the file that holds it.
    pub(crate) fn snapshot(
        &self,
        variant: Option<&str>,
    ) -> Result<(String, Snapshot), String> {
        let name = self.kept(variant);
        let folder = format!("labs/{}/snapshots", self.folder.package);
        let path = format!("{folder}/{name}.snap");
        let text = std::fs::read_to_string(self.library.root.join(&path))
            .map_err(|e| {
                let there = stems(&self.library.root.join(&folder));
                let there = there.iter().map(String::as_str);
                format!("{path}: {e}; {}", nearest(&name, there))
            })?;
        let snapshot =
            Snapshot::read(&text).map_err(|why| format!("{path} {why}"))?;
        Ok((path, snapshot))
    }
}

impl Found<'_> {
    /// `ch05/first-ack`.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.folder.name, self.plan.name)
    }

    /// `labs/ch05-delayed-ack`, below the workspace.
    pub(crate) fn lab(&self) -> String {
        format!("labs/{}", self.folder.package)
    }

    /// What is given to those who are to diagnose it, and the file with it.
    pub(crate) fn given(&self) -> Result<(String, Ladder), String> {
        let name = &self.plan.name;
        let path = format!("{}/snapshots/{name}.ladder.json", self.lab());
        let text = std::fs::read(self.library.root.join(&path));
        let text = text.map_err(|e| {
            format!("{path}: {e}; `./run accept` of {name} keeps it")
        })?;
        let ladder = serde_json::from_slice(&text)
            .map_err(|e| format!("{path} holds no ladder of ours: {e}"))?;
        Ok((path, ladder))
    }

    /// How long its accepted run took, with all around it.
    pub(crate) fn lasted_ms(&self) -> Result<u64, String> {
        let name = &self.plan.name;
        let path = format!("{}/snapshots/{name}.notes.json", self.lab());
        let text = std::fs::read(self.library.root.join(&path))
            .map_err(|e| format!("{path}: {e}"))?;
        lasted(&text).map_err(|e| format!("{path} holds no notes: {e}"))
    }

    /// Its accepted figures; none if it draws none.
    pub(crate) fn figures_if_any(&self) -> Result<Vec<Drawn>, String> {
        match self.plan.figures.is_empty() {
            true => Ok(Vec::new()),
            false => self.figures().map(|(_, figures)| figures),
        }
    }

    /// Its accepted figures, and the file that holds them.
    pub(crate) fn figures(&self) -> Result<(String, Vec<Drawn>), String> {
        let path = format!(
            "labs/{}/snapshots/{}.figures.json",
            self.folder.package, self.plan.name
        );
        let text = std::fs::read(self.library.root.join(&path))
            .map_err(|e| format!("{path}: {e}"))?;
        let figures = serde_json::from_slice(&text)
            .map_err(|e| format!("{path} holds no figures of ours: {e}"))?;
        Ok((path, figures))
    }
}

/// The folders `labs/chNN-*` of a workspace.
pub(crate) fn folders(root: &Path) -> Vec<Folder> {
    let is_lab = |name: &String| name.starts_with("ch");
    let mut packages: Vec<_> =
        names(&root.join("labs")).into_iter().filter(is_lab).collect();
    packages.sort();
    let name = |p: &str| p.split('-').next().unwrap_or(p).to_string();
    packages
        .into_iter()
        .map(|package| Folder { name: name(&package), package })
        .collect()
}

fn stems(folder: &Path) -> Vec<String> {
    let snap = |name: String| name.strip_suffix(".snap").map(String::from);
    names(folder).into_iter().filter_map(snap).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|e| e.file_name().into_string().ok()).collect()
}
