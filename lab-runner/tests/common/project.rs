//! A project in a temporary folder, made of fixture labs that are built once.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::{Said, root, run, run_judged, runner};

/// Fixture labs, built; a folder of programs.
fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
        let labs = ["ch90-small", "ch91-hostile", "ch92-wire"];
        let said = run(Command::new(cargo)
            .args(["build", "--quiet", "--manifest-path"])
            .arg(root().join("Cargo.toml"))
            .args(["-p", "lab-runner"])
            .args(labs.iter().flat_map(|lab| ["-p", lab, "--bin", lab]))
            .arg("--target-dir")
            .arg(target()));
        assert_eq!(said.code, 0, "{}", said.all());
        target().join("debug")
    })
}

/// Where cargo builds: above the runner's own program.
pub(crate) fn target() -> PathBuf {
    let own = Path::new(env!("CARGO_BIN_EXE_lab-runner"));
    let mut above = own.ancestors().skip(2);
    above.next().expect("target/debug/lab-runner").into()
}

/// A folder with labs in it; gone with this value.
pub(crate) struct Project {
    pub(crate) dir: tempfile::TempDir,
    lab: String,
}

/// A project of one fixture lab.
pub(crate) fn fixture(lab: &str) -> Project {
    let project = Project::empty();
    let at = project.path(&format!("labs/{lab}/src"));
    fs::create_dir_all(&at).expect("make a lab");
    fs::write(at.join("../Cargo.toml"), "").expect("make a lab");
    Project { lab: lab.into(), ..project }
}

/// While we wrote, another thread may have forked: until its child calls exec,
/// the file is still open for writing there, and can't be run (ETXTBSY).
fn wait_until_it_can_be_started(program: &Path) {
    let busy = |program: &Path| {
        let mut command = Command::new(program);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let started = command.stderr(Stdio::null()).status();
        started.is_err_and(|e| e.kind() == ErrorKind::ExecutableFileBusy)
    };
    while busy(program) {
        std::thread::yield_now();
    }
}

impl Project {
    /// Without a lab. Its `cargo` only says where the fixtures' programs are,
    /// so that fifty tests don't wait for one build lock.
    pub(crate) fn empty() -> Project {
        let here = Path::new(env!("CARGO_TARGET_TMPDIR"));
        Project::with_programs_of(here, built())
    }

    fn with_programs_of(here: &Path, programs: &Path) -> Project {
        let dir = tempfile::Builder::new()
            .prefix("socket-lab-test-")
            .tempdir_in(here)
            .expect("a temporary folder");
        let project = Project { dir, lab: String::new() };
        fs::create_dir_all(project.path("labs")).expect("make labs");
        fs::write(project.path("Cargo.toml"), "").expect("make a project");
        let script = format!(
            "#!/bin/sh\nwhile [ $# -gt 0 ]; do\n[ \"$1\" = -p ] && printf '\
             {{\"target\":{{\"kind\":[\"bin\"],\"name\":\"%s\"}},\
             \"executable\":\"{}/%s\"}}\\n' \"$2\" \"$2\"\nshift\ndone\n",
            programs.display()
        );
        project.program("cargo", &script);
        project
    }

    /// Puts a script there.
    pub(crate) fn program(&self, name: &str, script: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, script).expect("write a script");
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&path, mode).expect("make it a program");
        wait_until_it_can_be_started(&path);
        path
    }

    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.dir.path().join(inside)
    }

    /// A file of the lab's snapshots.
    pub(crate) fn kept(&self, name: &str) -> PathBuf {
        self.path(&format!("labs/{}/snapshots/{name}", self.lab))
    }

    /// The runner in this project.
    pub(crate) fn runner(&self) -> Command {
        let mut command = runner();
        command
            .env("LAB_ROOT", self.dir.path())
            .env("CARGO", self.path("cargo"))
            .current_dir(self.dir.path());
        command
    }

    /// Runs it with these words.
    pub(crate) fn run(&self, words: &str) -> Said {
        run_judged(self.runner().args(words.split_whitespace()))
    }

    /// Accepts one experiment of the lab.
    pub(crate) fn accept(&self, words: &str) {
        let words = format!("accept {words} --yes");
        let mut command = self.runner();
        let said = command.env_remove("CI").args(words.split(' '));
        let said = run_judged(said);
        assert_eq!(said.code, 0, "{}", said.all());
    }

    /// From now on the lab describes only this experiment.
    pub(crate) fn only(&self, experiment: &str) {
        let lab = built().join(&self.lab);
        let said = Command::new(&lab).arg("describe").output().expect("lab");
        let mut described: lab_kit::Described =
            serde_json::from_slice(&said.stdout).expect("a description");
        described.experiments.retain(|plan| plan.name == experiment);
        let text = serde_json::to_string(&described).expect("JSON");
        let only = self.dir.path().join("only.json");
        fs::write(&only, text).expect("write the description");
        // The first question is what the lab is.
        let script = format!(
            "#!/bin/sh\n[ \"$1\" = serve ] || exec {lab} \"$@\"\n\
             read -r n describe; printf '%s ' \"$n\"; cat {only}; echo\n\
             exec {lab} serve\n",
            lab = lab.display(),
            only = only.display()
        );
        let lab = self.program("lab", &script);
        let answer = format!(
            "#!/bin/sh\nprintf '{{\"target\":{{\"kind\":[\"bin\"],\
             \"name\":\"%s\"}},\"executable\":\"%s\"}}\\n' {} {}\n",
            self.lab,
            lab.display()
        );
        self.program("cargo", &answer);
    }

    /// What is in the project, for a test that nothing was left.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.dir.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("list").flatten() {
                match entry.path().is_dir() {
                    true => folders.push(entry.path()),
                    false => found.push(entry.path()),
                }
            }
        }
        found.sort();
        found
    }
}

impl Project {
    /// The real labs, built, for a user who may not write to the workspace.
    pub(crate) fn of_real_labs() -> Project {
        let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
        let labs = std::fs::read_dir(root().join("labs")).expect("labs");
        let names: Vec<String> = labs
            .flatten()
            .map(|e| e.file_name().to_string_lossy().into_owned())
            .filter(|name| name.starts_with("ch"))
            .collect();
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--manifest-path"]);
        build.arg(root().join("Cargo.toml"));
        build.arg("--target-dir").arg(target());
        build.args(["-p", "lab-runner"]);
        build.args(names.iter().flat_map(|name| ["-p", name, "--bin", name]));
        let said = run(&mut build);
        assert_eq!(said.code, 0, "{}", said.all());
        // Copies in /tmp: nobody may not read root's home.
        let programs = Path::new("programs");
        let project =
            Project::with_programs_of(&std::env::temp_dir(), programs);
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(project.dir.path(), mode).expect("readable");
        project.copy(Path::new(env!("CARGO_BIN_EXE_lab-runner")), "programs");
        for lab in &names {
            let from = root().join("labs").join(lab);
            let to = format!("labs/{lab}");
            project.copy(&from.join("Cargo.toml"), &to);
            project.copy(&built().join(lab), "programs");
            let kept = fs::read_dir(from.join("snapshots")).expect("traces");
            for file in kept.flatten() {
                project.copy(&file.path(), &format!("{to}/snapshots"));
            }
        }
        project
    }

    fn copy(&self, from: &Path, folder: &str) {
        let folder = self.path(folder);
        fs::create_dir_all(&folder).expect("make a folder");
        let name = from.file_name().expect("a file's name");
        fs::copy(from, folder.join(name)).expect("copy a file");
    }

    /// The runner as a user without any privilege.
    pub(crate) fn runner_as_nobody(&self, words: &[&str]) -> Command {
        let mut nobody = Command::new("setpriv");
        nobody
            .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
            .args(["--bounding-set", "-all", "--inh-caps", "-all"])
            .arg(self.path("programs/lab-runner"))
            .args(words)
            .env("LAB_ROOT", self.dir.path())
            .env("CARGO", self.path("cargo"))
            .env("CI", "1")
            .env("HOME", "/tmp")
            .current_dir(self.dir.path());
        nobody
    }
}

impl Project {
    /// As an archive unpacks it: programs and runner in it, for everybody.
    pub(crate) fn install(&self) {
        self.copy(&built().join(&self.lab), "programs");
        self.copy(Path::new(env!("CARGO_BIN_EXE_lab-runner")), "bin");
        wait_until_it_can_be_started(&self.path("bin/lab-runner"));
        fs::write(self.path("installed"), "").expect("say that it is");
    }

    /// Its own runner, from elsewhere, with nothing on PATH.
    pub(crate) fn installed_runner(&self, home: &Path) -> Command {
        let mut runner = Command::new(self.path("bin/lab-runner"));
        // Without a PATH, /usr/bin would be looked into.
        runner.env_clear().env("PATH", "/nowhere").env("HOME", home);
        runner.current_dir("/");
        runner
    }
}
