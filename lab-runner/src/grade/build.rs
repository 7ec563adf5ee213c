//! An answer's source -> a program, compiled in the box: no network, nothing of
//! the submission but this answer's files, no cargo and so no build script.

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use lab_box::{
    BoxSpec, Cgroup, Collect, Collected, End, Limits, Outcome, Share, Source,
};

use super::handed::Language;
use super::libraries::Libraries;
use crate::check::write_for_now;

/// Where things are in the box.
const SOURCES: &str = "/answer";
const TOOLCHAIN: &str = "/toolchain";
const LIBRARIES: &str = "/libraries";
const OUT: &str = "/out";
const OUTPUT: &str = "/out/program";

const LARGEST: u64 = 64 << 20;
/// Of the compiler's output, in bytes.
const LONGEST: usize = 4000;

/// Compiles answers.
pub(crate) struct Builder {
    pub(crate) libraries: Option<Libraries>,
    pub(crate) cgroup: Cgroup,
}

/// A command, or what the compiler says.
pub(crate) type Built = std::result::Result<Vec<PathBuf>, String>;

impl Builder {
    /// Makes `program` of the answer that begins with `main`; Python is its
    /// own program.
    pub(crate) fn build(
        &self,
        language: Language,
        main: &Path,
        program: &Path,
    ) -> Result<Built> {
        let name = main.file_name().context("a source's name")?;
        let inside = Path::new(SOURCES).join(name);
        let mut spec = match language {
            Language::Python => {
                return Ok(Ok(vec!["python3".into(), main.into()]));
            }
            Language::C => c(&inside),
            Language::Rust => {
                let libraries = self.libraries.as_ref();
                rust(libraries.context(
                    "there is no cargo on this machine, and the answer is in \
                     Rust: grade again where Rust is, what is graded is kept",
                )?, &inside)
            }
        };
        let folder = main.parent().context("a source's folder")?;
        let folder = folder.canonicalize().context("a source's folder")?;
        spec.files.push(share(&folder, SOURCES));
        spec.limits = limits();
        spec.cgroup = self.cgroup;
        spec.files.push(Share::scratch(OUT, LARGEST));
        let inside = OUTPUT.into();
        spec.collect = vec![Collect { inside, limit: LARGEST }];
        let outcome = lab_box::run(spec).context("the compiler's box")?;
        keep(outcome, program)
    }
}

/// CPU time, and not time: a busy machine is nobody's fault.
fn limits() -> Limits {
    Limits {
        wall: Duration::from_secs(300),
        cpu: Duration::from_secs(30),
        memory: 1536 << 20,
        processes: 64,
        files: 1024,
        output_bytes: LONGEST,
        file_size: LARGEST,
        tmpfs: 512 << 20,
    }
}

fn c(main: &Path) -> BoxSpec {
    let mut spec = BoxSpec::new("/usr/bin/cc");
    spec.args = words(["-O1", "-Wall", "-pthread", "-o", OUTPUT]);
    spec.args.push(main.into());
    spec
}

fn rust(libraries: &Libraries, main: &Path) -> BoxSpec {
    let mut spec = BoxSpec::new(Path::new(TOOLCHAIN).join("bin/rustc"));
    spec.args = words([
        "--edition",
        "2024",
        "--crate-name",
        "answer",
        "-Cdebuginfo=0",
        "-Cstrip=symbols",
        "--color=never",
        "-o",
        OUTPUT,
    ]);
    spec.args.push(format!("-Ldependency={LIBRARIES}").into());
    for (name, file) in &libraries.named {
        spec.args.push(format!("--extern={name}={LIBRARIES}/{file}").into());
    }
    spec.args.push(main.into());
    spec.files = vec![
        share(&libraries.toolchain, TOOLCHAIN),
        share(&libraries.folder, LIBRARIES),
    ];
    spec
}

fn words<const N: usize>(words: [&str; N]) -> Vec<OsString> {
    words.map(OsString::from).to_vec()
}

fn share(path: &Path, inside: &str) -> Share {
    Share {
        source: Source::Path(path.into()),
        inside: inside.into(),
        writable: false,
    }
}

fn keep(outcome: Outcome, program: &Path) -> Result<Built> {
    let words = String::from_utf8_lossy(&outcome.stderr).into_owned();
    match outcome.end {
        End::Exited(0) => {}
        End::Exited(_) => return Ok(Err(words)),
        other => return Ok(Err(format!("{words}\n{}", stopped(other)))),
    }
    let file = match outcome.collected.first() {
        Some(Collected::File(file)) => whole(file)?,
        Some(Collected::Nothing(why)) => {
            return Ok(Err(format!("{words}\nno program: {why}")));
        }
        None => bail!("the box handed out nothing, and doesn't say why"),
    };
    write_for_now(program, &file)?;
    fs::set_permissions(program, Permissions::from_mode(0o755))?;
    Ok(Ok(vec![program.into()]))
}

fn whole(file: &File) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut file = file;
    file.read_to_end(&mut bytes).context("read a built program")?;
    Ok(bytes)
}

fn stopped(end: End) -> String {
    let limits = limits();
    match end {
        End::OutOfMemory => format!(
            "the compiler needs more than {} MiB for it",
            limits.memory >> 20
        ),
        End::Signalled(libc::SIGXCPU | libc::SIGKILL) => format!(
            "the compiler takes more than {} s of CPU time for it",
            limits.cpu.as_secs()
        ),
        other => format!("the compiler was stopped: {other:?}"),
    }
}
