//! What is to be measured: somebody's command, and how its time is taken.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// How a command's run becomes a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Sampling {
    /// Milliseconds until it prints its first line, its verdict.
    Verdict,
    /// Milliseconds until it has ended.
    Exit,
    /// Milliseconds from line to line, on average: what one more costs.
    EachLine,
    /// Lines in a second, from the start to the last.
    LinesPerSecond,
    /// Of so many things, how many in a second until it has ended.
    PerSecond(f64),
    /// The largest of its processes, MB.
    PeakMb,
}

/// Somebody who does the job.
#[derive(Debug, Clone)]
pub(crate) struct Contender {
    pub(crate) name: String,
    pub(crate) ours: bool,
    pub(crate) x: Option<f64>,
    pub(crate) command: Vec<OsString>,
    pub(crate) environment: Vec<(OsString, OsString)>,
    pub(crate) sampling: Sampling,
    /// A line with this in it is a right verdict.
    pub(crate) right: &'static str,
    /// How many lines are due.
    pub(crate) due: u64,
    /// It reads this.
    pub(crate) input: Option<PathBuf>,
    /// These are not in memory when it starts.
    pub(crate) cold: Vec<PathBuf>,
    /// Why it can't run here.
    pub(crate) lacking: Option<String>,
}

impl Contender {
    pub(crate) fn new(
        name: &str,
        command: &[&dyn AsRef<std::ffi::OsStr>],
    ) -> Self {
        Contender {
            name: name.into(),
            ours: false,
            x: None,
            command: command.iter().map(|w| w.as_ref().into()).collect(),
            environment: Vec::new(),
            sampling: Sampling::Exit,
            right: "pass",
            due: 1,
            input: None,
            cold: Vec::new(),
            lacking: None,
        }
    }

    pub(crate) fn ours(self) -> Self {
        Contender { ours: true, right: "\"verdict\":\"pass\"", ..self }
    }

    /// A script that runs it, and says of it what it is asked for.
    pub(crate) fn by(mut self, script: &Path) -> Self {
        self.command.insert(0, script.into());
        Contender { right: "pass", ..self }.needs_file(script)
    }

    pub(crate) fn sampled(self, sampling: Sampling) -> Self {
        Contender { sampling, ..self }
    }

    /// What its lines of a right verdict hold.
    pub(crate) fn right(self, right: &'static str) -> Self {
        Contender { right, ..self }
    }

    pub(crate) fn due(self, due: u64) -> Self {
        Contender { due, ..self }
    }

    /// It prints nothing that is judged: its exit code is.
    pub(crate) fn silent(self) -> Self {
        Contender { due: 0, ..self }
    }

    pub(crate) fn cold(self, cold: Vec<PathBuf>) -> Self {
        Contender { cold, ..self }
    }

    pub(crate) fn at(self, x: f64) -> Self {
        Contender { x: Some(x), ..self }
    }

    pub(crate) fn with(mut self, name: &str, value: impl AsRef<Path>) -> Self {
        self.environment.push((name.into(), value.as_ref().into()));
        self
    }

    /// It can't do without this program.
    pub(crate) fn needs(self, program: &str) -> Self {
        match find(program) {
            Some(_) => self,
            None => self.lacks(format!("no {program} on PATH")),
        }
    }

    pub(crate) fn needs_file(self, path: &Path) -> Self {
        match path.exists() {
            true => self,
            false => self.lacks(format!("there is no {}", path.display())),
        }
    }

    pub(crate) fn needs_root(self) -> Self {
        // SAFETY: it only answers.
        match unsafe { libc::geteuid() } {
            0 => self,
            _ => self.lacks("it needs root".into()),
        }
    }

    /// What Debian's Python has to know.
    pub(crate) fn needs_python(self, module: &str) -> Self {
        let folder = Path::new("/usr/lib/python3/dist-packages").join(module);
        match folder.exists() {
            true => self,
            false => self.lacks(format!("no Debian package python3-{module}")),
        }
    }

    fn lacks(self, why: String) -> Self {
        Contender { lacking: self.lacking.or(Some(why)), ..self }
    }
}

pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(["/usr/sbin".into(), "/sbin".into()]);
    folders.into_iter().map(|d| d.join(program)).find(|p| p.is_file())
}
