//! Whatever lies in a submission: nothing outside it is opened, and the stage
//! has regular files of safe names only.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use proptest::prelude::*;

use super::tests::Class;

#[derive(Clone, Debug)]
enum Thing {
    File(Vec<u8>),
    Folder(Vec<(OsString, Thing)>),
    Link(OsString),
    LinkToSecret,
    HardLink,
    Fifo,
    Socket,
}

fn names() -> impl Strategy<Value = OsString> {
    let pool = [
        "a",
        "A",
        "main.rs",
        "Main.rs",
        "src",
        "-rf",
        "=1+1",
        ".cargo",
        "target",
        "rust-toolchain.toml",
        "x.zip",
        "\u{202e}x",
        "a\nb",
        "é",
        "e\u{301}",
        "K",
        "\u{212a}",
        ".hidden",
        "a b",
        "a ",
        "...",
        "<i>",
    ];
    let plain = ["a", "b", "c", "lib.rs", "main.rs", "src"];
    prop_oneof![
        8 => proptest::sample::select(plain.to_vec())
            .prop_map(OsString::from),
        4 => proptest::sample::select(pool.to_vec()).prop_map(OsString::from),
        1 => proptest::collection::vec(1u8.., 1..20).prop_map(|mut name| {
            name.retain(|&b| b != b'/');
            match &name[..] {
                [] | b"." | b".." => "empty".into(),
                _ => OsString::from_vec(name),
            }
        }),
    ]
}

fn things() -> impl Strategy<Value = Thing> {
    let targets = [
        "../secret",
        "..",
        "/",
        ".",
        "../../..",
        "/etc/passwd",
        "main.rs",
        "/proc/self/root",
        "src",
    ];
    let leaf = prop_oneof![
        4 => proptest::collection::vec(any::<u8>(), 0..50)
            .prop_map(Thing::File),
        2 => proptest::sample::select(targets.to_vec())
            .prop_map(|to| Thing::Link(to.into())),
        2 => Just(Thing::LinkToSecret),
        1 => Just(Thing::HardLink),
        1 => Just(Thing::Fifo),
        1 => Just(Thing::Socket),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        proptest::collection::vec((names(), inner), 0..8)
            .prop_map(Thing::Folder)
    })
}

fn make(at: &Path, thing: &Thing, secret: &Path) {
    // A second one of the same name stays unmade.
    let _ = match thing {
        Thing::File(bytes) => {
            File::create_new(at).and_then(|mut file| file.write_all(bytes))
        }
        Thing::Link(to) => symlink(to, at),
        Thing::LinkToSecret => symlink(secret, at),
        Thing::HardLink => fs::hard_link(secret, at),
        Thing::Fifo => mkfifo(at, Mode::S_IRWXU).map_err(Into::into),
        Thing::Socket => std::os::unix::net::UnixListener::bind(at).map(drop),
        Thing::Folder(things) => fs::create_dir(at).map(|()| {
            for (name, thing) in things {
                make(&at.join(name), thing, secret);
            }
        }),
    };
}

/// Every name in the stage, and that it is as it has to be.
fn inspect(folder: &Path, all: &mut Vec<String>, root: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let found = entry.metadata().unwrap();
        let name = entry.file_name().into_string().unwrap();
        let safe =
            |c: char| c.is_ascii_alphanumeric() || "._-+@, ()".contains(c);
        assert!(name.chars().all(safe), "{name:?}");
        assert!(!name.starts_with(['-', '.', '=', ' ']), "{name:?}");
        if found.is_dir() {
            inspect(&entry.path(), all, root);
        } else {
            assert!(found.is_file() && found.nlink() == 1, "{name:?}");
            let path = entry.path();
            let path = path.strip_prefix(root).unwrap();
            all.push(path.to_str().unwrap().to_string());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200, failure_persistence: None, ..ProptestConfig::default()
    })]
    #[test]
    fn whatever_the_tree(
        tree in proptest::collection::vec((names(), things()), 0..8)
    ) {
        let class = Class::new();
        let secret = class.secret();
        for (name, thing) in &tree {
            make(&class.submission().join(name), thing, &secret);
        }
        let watch = Inotify::init(InitFlags::IN_NONBLOCK).unwrap();
        let read = AddWatchFlags::IN_OPEN | AddWatchFlags::IN_ACCESS;
        watch.add_watch(&secret, read).unwrap();
        let taken = class.take();
        let events = watch.read_events();
        prop_assert_eq!(events.map(|e| e.len()), Err(Errno::EAGAIN));

        let mut staged = Vec::new();
        let stage = class.stage();
        inspect(&stage, &mut staged, &stage);
        staged.sort();
        let told: Vec<_> = taken.files.iter().map(|f| &f.path).collect();
        prop_assert_eq!(told, staged.iter().collect::<Vec<_>>());
        for path in &staged {
            let copy = fs::read(stage.join(path)).unwrap();
            let own = fs::read(class.submission().join(path)).unwrap();
            prop_assert_eq!(copy, own);
        }
        let mut small: Vec<_> =
            staged.iter().map(|path| path.to_lowercase()).collect();
        small.dedup();
        prop_assert_eq!(small.len(), staged.len());
        for finding in &taken.findings {
            let told = finding.path.bytes();
            prop_assert!(told.into_iter().all(|b| (b' '..=b'~').contains(&b)));
        }
    }
}
