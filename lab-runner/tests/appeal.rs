//! A mark that somebody doubts: what was recorded of it is judged again to the
//! same end, and whatever was touched since is noticed.

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use common::Said;
use common::workspace::Workspace;
use nix::fcntl::{Flock, FlockArg};
use serde_json::{Value, json};

/// Dan handed in the starter, Bob what is right.
struct Graded(Workspace);

fn graded() -> Graded {
    let work = Workspace::with("ch05-delayed-ack");
    let own = "labs/ch05-delayed-ack/exercises/no-stall";
    for (id, from, name) in [
        ("dan", "starter.rs", "main.rs"),
        ("bob", "other/answer.py", "main.py"),
    ] {
        let folder = work.at().join("submissions").join(id);
        fs::create_dir_all(&folder).unwrap();
        fs::copy(work.at().join(own).join(from), folder.join(name)).unwrap();
    }
    fs::write(work.at().join("roster.csv"), "id,name\ndan,D\nbob,B\n").unwrap();
    let said = work.run(
        "grade --submissions submissions --roster roster.csv --exercise \
         no-stall --out out --tries 8",
    );
    assert_eq!(said.code, 0, "{}", said.all());
    Graded(work)
}

impl Graded {
    fn path(&self, name: &str) -> PathBuf {
        self.0.at().join("out").join(name)
    }

    fn appeal(&self, words: &str) -> Said {
        self.0.run(&format!("appeal out {words}"))
    }

    /// The only object of an appeal that ends so.
    #[track_caller]
    fn object(&self, words: &str, code: i32) -> Value {
        let said = self.appeal(&format!("{words} --json"));
        assert_eq!(said.code, code, "{}", said.all());
        let object = said.json().remove(0);
        assert_eq!(object["exit_code"], code, "{object}");
        assert_eq!(object["stands"], code == 0, "{object}");
        object
    }

    /// Changes a file, looks, and changes it back.
    #[track_caller]
    fn changed(&self, name: &str, how: impl Fn(Vec<u8>) -> Vec<u8>) -> Value {
        let path = self.path(name);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, how(whole.clone())).unwrap();
        let object = self.object("dan --offline", 1);
        fs::write(&path, whole).unwrap();
        object
    }

    #[track_caller]
    fn results(&self, how: impl Fn(&mut Value)) -> Value {
        self.changed("results.json", |bytes| {
            let mut results: Value = serde_json::from_slice(&bytes).unwrap();
            // By id: bob, dan.
            how(&mut results["students"][1]["marks"][0]);
            serde_json::to_vec(&results).unwrap()
        })
    }
}

const CAPTURE: &str = "evidence/dan/ch05-no-stall.pcap";
const NOTES: &str = "evidence/dan/ch05-no-stall.notes.json";
const ANSWER: &str = "taken/dan/main.rs";

#[track_caller]
fn against(object: &Value, words: &str) {
    let text = object["against"].to_string();
    assert!(text.contains(words), "no {words:?} in {object:#}");
}

#[test]
fn a_mark_is_looked_into() {
    let class = graded();
    let offline = class.object("dan no-stall --offline", 0);
    assert_eq!(offline["kept"]["points"], 3, "{offline:#}");
    assert_eq!(offline["mark"]["points"], 3);
    assert!(offline["kept"]["text"].as_str().unwrap().contains("header, "));
    assert_eq!(offline["beside"], Value::Null);
    assert_eq!(class.object("bob --offline", 0)["kept"]["points"], 10);

    let live = class.object("dan --again 2 --pcap saved", 0);
    let both = &live["beside"];
    let at = both["parts_at"].as_u64().expect("they part") as usize;
    let line = |side: &str| both[side][at].as_str().unwrap().to_string();
    assert!(line("answer").contains("1:9(8)"), "{both:#}");
    assert!(line("solution").contains("1:13(12)"), "{both:#}");
    assert_eq!(live["again"].as_array().unwrap().len(), 2, "{live:#}");
    assert!(class.0.at().join("saved/ch05-no-stall.pcapng").is_file());

    touched(&class);
    refused(&class);
}

/// Whatever is not as it was is named, and nothing follows from it.
fn touched(class: &Graded) {
    let flip = |mut bytes: Vec<u8>| {
        *bytes.last_mut().unwrap() ^= 1;
        bytes
    };
    for name in [CAPTURE, NOTES] {
        let object = class.changed(name, flip);
        against(&object, &format!("{name}: its"));
        assert_eq!(object["kept"], Value::Null, "{object:#}");
    }
    against(&class.changed(ANSWER, flip), "it is not what was graded");

    // A mark that the packets don't support, however well it is forged.
    let object = class.results(|mark| {
        mark["verdict"] = json!("pass");
        mark["cause"] = json!("all-hold");
        mark["points"] = json!(10);
        for rule in mark["rules"].as_array_mut().unwrap() {
            rule["holds"] = json!(true);
        }
    });
    against(
        &object,
        "worth 3 of 10 by today's rules, and the mark is 10 of 10",
    );

    // No file is read that lies elsewhere.
    let elsewhere = class.results(|mark| {
        mark["evidence"]["files"][0]["path"] = json!("../../../etc/passwd");
    });
    against(&elsewhere, "it leads elsewhere");
    let capture = class.path(CAPTURE);
    let aside = class.path("aside.pcap");
    fs::rename(&capture, &aside).unwrap();
    symlink(&aside, &capture).unwrap();
    against(&class.object("dan --offline", 1), "it leads elsewhere");
    fs::remove_file(&capture).unwrap();
    against(&class.object("dan --offline", 1), "No such file");
    fs::rename(&aside, &capture).unwrap();
    assert_eq!(class.object("dan --offline", 0)["kept"]["points"], 3);
}

fn refused(class: &Graded) {
    class.appeal("dna").could_not(&["nobody has the id", "dan"]);
    class.appeal("dan no-stal").could_not(&["was not graded", "no-stall"]);
    class.appeal("dan --offline --again 1").could_not(&["--again"]);
    let lock = fs::File::open(class.path("lock")).unwrap();
    let _grading = Flock::lock(lock, FlockArg::LockExclusive).unwrap();
    class.appeal("dan").could_not(&["a grading is at work"]);
}
