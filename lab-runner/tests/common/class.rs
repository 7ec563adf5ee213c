//! A class that hands in everything that a class can: right, wrong, hostile,
//! empty, garbage. What must come of each stands in it (`EXPECT: pass 10`).

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::Value;

use super::root;
use super::workspace::Workspace;

/// Submissions, a roster, and the marks that are due.
pub(crate) struct Class {
    pub(crate) work: Workspace,
    /// `student-017: fail 0 rule`, by id.
    pub(crate) due: Vec<String>,
}

/// What somebody hands in, and what must come of it.
struct Handed {
    name: String,
    due: String,
    put: Box<dyn Fn(&Path)>,
}

const SLUG: &str = "ch05-no-stall";

impl Class {
    /// This many students, who take turns through everything there is.
    pub(crate) fn of(students: usize) -> Class {
        let work = Workspace::with("ch05-delayed-ack");
        let all = everything();
        let mut roster = String::from("id,name\n");
        let mut due = Vec::new();
        for n in 0..students {
            let handed = &all[n % all.len()];
            let id = format!("student-{n:03}");
            let folder = work.at().join("submissions").join(&id);
            (handed.put)(&folder);
            roster += &format!("{id},\"{}, =cmd()\"\n", handed.name);
            due.push(format!("{id}: {}", handed.due));
        }
        fs::create_dir_all(work.at().join("submissions/nobody")).unwrap();
        fs::write(work.at().join("roster.csv"), roster).unwrap();
        Class { work, due }
    }

    /// One of each.
    pub(crate) fn whole() -> Class {
        Class::of(everything().len())
    }

    pub(crate) fn grading(&self, out: &str, words: &str) -> Command {
        let grade = "grade --submissions submissions --roster roster.csv \
                     --exercise no-stall --out";
        let mut command = self.work.command(grade);
        command.arg(out).args(words.split_whitespace());
        command
    }

    pub(crate) fn results(&self, out: &str) -> Value {
        let path = self.work.at().join(out).join("results.json");
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }

    /// The marks, as `due` has them.
    pub(crate) fn marks(&self, out: &str) -> Vec<String> {
        let results = self.results(out);
        let students = results["students"].as_array().unwrap().iter();
        students
            .map(|student| {
                let mark = &student["marks"][0];
                let word = |key: &str| mark[key].as_str().unwrap().to_string();
                let id = student["id"].as_str().unwrap();
                let (verdict, cause) = (word("verdict"), word("cause"));
                match verdict.as_str() {
                    "fail" => format!("{id}: fail {} {cause}", mark["points"]),
                    _ => format!("{id}: {verdict} {}", mark["points"]),
                }
            })
            .collect()
    }
}

fn everything() -> Vec<Handed> {
    let mut all = programs();
    let ours = root().join("labs/ch05-delayed-ack/exercises/no-stall");
    for (name, due) in [
        ("starter", "partial 3"),
        ("solution", "pass 10"),
        ("wrong/nodelay", "partial 7"),
        ("wrong/quickack-here", "partial 3"),
        ("wrong/header-only", "fail 0 rule"),
    ] {
        let path = ours.join(format!("{name}.rs"));
        all.push(program(name, due, &path, "src/main.rs"));
    }
    all.extend(garbage());
    all
}

fn programs() -> Vec<Handed> {
    let folder = root().join("lab-runner/tests/fixtures/class");
    let list = fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = list.map(|e| e.unwrap().path()).collect();
    paths.sort();
    let one = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let first = text.lines().next().unwrap();
        let due = first.split_once("EXPECT: ").unwrap().1;
        let name = path.file_stem().unwrap().to_str().unwrap();
        let ending = path.extension().unwrap().to_str().unwrap();
        program(name, due, path, &format!("main.{ending}"))
    };
    paths.iter().map(one).collect()
}

fn program(name: &str, due: &str, from: &Path, as_: &str) -> Handed {
    let (from, as_) = (from.to_path_buf(), as_.to_string());
    handed(name, due, move |at| {
        let path = at.join(SLUG).join(&as_);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(&from, path).unwrap();
    })
}

fn handed(name: &str, due: &str, put: impl Fn(&Path) + 'static) -> Handed {
    Handed { name: name.into(), due: due.into(), put: Box::new(put) }
}

fn file(name: &'static str, bytes: &'static [u8]) -> impl Fn(&Path) {
    move |at: &Path| {
        fs::create_dir_all(at.join(SLUG)).unwrap();
        fs::write(at.join(SLUG).join(name), bytes).unwrap();
    }
}

fn garbage() -> Vec<Handed> {
    let nothing = "fail 0 not-handed-in";
    let unclear = "fail 0 not-an-answer";
    let compiles_not = "fail 0 does-not-compile";
    vec![
        handed("no folder", nothing, |_| {}),
        handed("an empty folder", nothing, |at| {
            fs::create_dir_all(at).unwrap();
        }),
        handed("a folder of another exercise", nothing, |at| {
            fs::create_dir_all(at.join("ch05-other")).unwrap();
            fs::write(at.join("ch05-other/main.rs"), "fn main() {}").unwrap();
        }),
        handed("an ELF program", unclear, |at| {
            fs::create_dir_all(at.join(SLUG)).unwrap();
            fs::copy("/bin/true", at.join(SLUG).join("answer")).unwrap();
        }),
        handed("bytes", compiles_not, file("main.rs", b"\x7fELF\0\xff\xfe")),
        handed("an empty file", compiles_not, file("main.rs", b"")),
        handed("two answers", unclear, |at| {
            file("main.rs", b"fn main() {}")(at);
            file("main.c", b"int main(void) { return 0; }")(at);
        }),
        handed("a link", unclear, |at| {
            fs::create_dir_all(at.join(SLUG)).unwrap();
            symlink("/etc/passwd", at.join(SLUG).join("main.py")).unwrap();
        }),
        handed("a folder that is a link", unclear, |at| {
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            symlink("/etc", at).unwrap();
        }),
        handed("a pipe", unclear, |at| {
            fs::create_dir_all(at.join(SLUG)).unwrap();
            let pipe = at.join(SLUG).join("main.py");
            mkfifo(&pipe, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
        }),
        handed("a terabyte of nothing", unclear, |at| {
            fs::create_dir_all(at.join(SLUG)).unwrap();
            let file = fs::File::create(at.join(SLUG).join("main.py"));
            file.unwrap().set_len(1 << 40).unwrap();
        }),
        handed("orders to cargo", "pass 10", |at| {
            let ours = root().join("labs/ch05-delayed-ack/exercises/no-stall");
            let own = at.join(SLUG);
            fs::create_dir_all(own.join("src")).unwrap();
            fs::create_dir_all(own.join(".cargo")).unwrap();
            fs::copy(ours.join("solution.rs"), own.join("src/main.rs"))
                .unwrap();
            let config = "[build]\nrustc-wrapper = \"/bin/false\"\n";
            fs::write(own.join(".cargo/config.toml"), config).unwrap();
            fs::write(own.join("rust-toolchain.toml"), "[toolchain]\n")
                .unwrap();
            let script = "fn main() { panic!(\"it ran\") }";
            fs::write(own.join("build.rs"), script).unwrap();
        }),
    ]
}
