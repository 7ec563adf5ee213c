//! A submission that tries everything.

use std::fs::{self, File, Permissions};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
use nix::unistd::mkfifo;
use tempfile::TempDir;

use super::*;

/// A class's folder, one submission in it, and a secret beside it.
pub(super) struct Class {
    folder: TempDir,
}

impl Class {
    pub(super) fn new() -> Class {
        let class = Class { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(class.submission()).unwrap();
        fs::write(class.secret(), "SECRET").unwrap();
        class
    }

    pub(super) fn submission(&self) -> PathBuf {
        self.folder.path().join("alice")
    }

    pub(super) fn secret(&self) -> PathBuf {
        self.folder.path().join("secret")
    }

    pub(super) fn stage(&self) -> PathBuf {
        self.folder.path().join("stage")
    }

    fn at(&self, name: &str) -> PathBuf {
        self.submission().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(super) fn take(&self) -> Taken {
        self.take_within(&Intake::default())
    }

    fn take_within(&self, limits: &Intake) -> Taken {
        intake(&self.submission(), &self.stage(), limits).unwrap()
    }
}

fn paths(taken: &Taken) -> Vec<&str> {
    taken.files.iter().map(|file| file.path.as_str()).collect()
}

fn found(taken: &Taken) -> Vec<(&str, What)> {
    taken.findings.iter().map(|f| (f.path.as_str(), f.what)).collect()
}

#[test]
fn an_honest_submission_is_copied() {
    let class = Class::new();
    class.write("src/main.rs", "fn main() {}\n");
    class.write("Cargo.toml", "[package]\n");
    let taken = class.take();
    assert_eq!(paths(&taken), ["Cargo.toml", "src/main.rs"]);
    assert_eq!((&taken.refused, &taken.findings[..]), (&None, &[][..]));
    let copy = class.stage().join("src/main.rs");
    assert_eq!(fs::read_to_string(&copy).unwrap(), "fn main() {}\n");
    let mode = |path: PathBuf| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(copy), 0o644);
    assert_eq!(mode(class.stage().join("src")), 0o755);
    assert_eq!(
        taken.files[1].sha256,
        "536e506bb90914c243a12b397b9a998f85ae2cbd9ba02dfd03a9e155ca5ca0f4"
    );
}

#[test]
fn the_digest_is_of_names_and_contents() {
    let digest = |name: &str, text: &str| {
        let class = Class::new();
        class.write(name, text);
        class.take().digest
    };
    assert_eq!(digest("a", "1"), digest("a", "1"));
    assert_ne!(digest("a", "1"), digest("a", "2"));
    assert_ne!(digest("a", "1"), digest("b", "1"));
}

#[test]
fn nothing_but_regular_files_is_taken() {
    let class = Class::new();
    class.write("answer.rs", "fine");
    for (name, to) in [
        ("passwd", "/etc/passwd"),
        ("up", ".."),
        ("secret.rs", "../secret"),
        ("self", "/proc/self/fd/0"),
        ("loop", "loop"),
    ] {
        symlink(to, class.at(name)).unwrap();
    }
    fs::hard_link(class.secret(), class.at("hard.rs")).unwrap();
    mkfifo(&class.at("fifo"), Mode::S_IRWXU).unwrap();
    let _socket = UnixListener::bind(class.at("socket")).unwrap();
    let taken = class.take();
    assert_eq!(paths(&taken), ["answer.rs"]);
    assert_eq!(
        found(&taken),
        [
            ("fifo", What::Fifo),
            ("hard.rs", What::HardLink),
            ("loop", What::SymbolicLink),
            ("passwd", What::SymbolicLink),
            ("secret.rs", What::SymbolicLink),
            ("self", What::SymbolicLink),
            ("socket", What::Socket),
            ("up", What::SymbolicLink),
        ]
    );
}

#[test]
fn what_would_change_the_build_stays_out() {
    let class = Class::new();
    for name in [
        ".cargo/config.toml",
        ".git/hooks/post-checkout",
        ".vimrc",
        "Cargo.lock",
        "RUST-toolchain.toml",
        "all.tar.GZ",
        "build.rs",
        "sub/.Cargo/config",
        "target/debug/answer",
    ] {
        class.write(name, "x");
    }
    let taken = class.take();
    assert_eq!(paths(&taken), ["build.rs"]);
    assert_eq!(
        found(&taken),
        [
            (".cargo", What::CargoConfiguration),
            (".git", What::VersionControl),
            (".vimrc", What::Hidden),
            ("Cargo.lock", What::LockFile),
            ("RUST-toolchain.toml", What::Toolchain),
            ("all.tar.GZ", What::Archive),
            ("sub/.Cargo", What::CargoConfiguration),
            ("target", What::BuildOutput),
        ]
    );
}

#[test]
fn names_that_mislead_are_refused_and_told_harmlessly() {
    let class = Class::new();
    for (name, what) in [
        (&b"a\nb"[..], What::NameDeceives),
        (b"\x1b[2J", What::NameDeceives),
        ("\u{202e}sr.niam".as_bytes(), What::NameDeceives),
        ("ma\u{200b}in.rs".as_bytes(), What::NameDeceives),
        (b"\xff", What::NameNotUtf8),
        ("m\u{430}in.rs".as_bytes(), What::NameNotAscii),
        ("e\u{301}".as_bytes(), What::NameNotAscii),
        (b"-rf", What::NameUnsafe),
        (b"=cmd()", What::NameUnsafe),
        (b"a;b", What::NameUnsafe),
        (b"$(x)", What::NameUnsafe),
        (b"a\\b", What::NameUnsafe),
        (b"<b>", What::NameUnsafe),
        (b"end ", What::NameUnsafe),
        (b"Main.rs", What::NameClash),
        (b"main.rs", What::NameClash),
    ] {
        let path = class.submission().join(std::ffi::OsStr::from_bytes(name));
        fs::write(&path, "x").unwrap();
        // One at a time, but for the two that clash.
        let taken = class.take();
        fs::remove_dir_all(class.stage()).unwrap();
        if name == b"Main.rs" {
            assert_eq!(paths(&taken), ["Main.rs"]);
            continue;
        }
        assert_eq!(paths(&taken), [""; 0], "{name:?}");
        for finding in &taken.findings {
            assert_eq!(finding.what, what, "{name:?}");
            let told = finding.path.bytes();
            assert!(told.into_iter().all(|b| (b' '..=b'~').contains(&b)));
        }
        if what != What::NameClash {
            assert_eq!(taken.findings.len(), 1, "{name:?}");
            fs::remove_file(path).unwrap();
        } else {
            assert_eq!(taken.findings.len(), 2);
        }
    }
}

#[test]
fn a_terabyte_of_nothing_is_too_large() {
    let class = Class::new();
    let sparse = File::create(class.at("sparse.rs")).unwrap();
    sparse.set_len(1 << 40).unwrap();
    assert_eq!(found(&class.take()), [("sparse.rs", What::TooLarge)]);
}

#[test]
fn limits_hold_to_the_byte() {
    let limits = Intake { file_bytes: 4, all_bytes: 6, entries: 3, depth: 2 };
    let class = Class::new();
    class.write("a", "1234");
    class.write("b", "12");
    let taken = class.take_within(&limits);
    assert_eq!(paths(&taken), ["a", "b"]);
    fs::remove_dir_all(class.stage()).unwrap();

    class.write("b", "123");
    let refused = class.take_within(&limits);
    assert!(refused.refused.unwrap().contains("more than 6 bytes"));
    assert_eq!(fs::read_dir(class.stage()).unwrap().count(), 0);

    class.write("b", "12345");
    assert_eq!(found(&class.take_within(&limits)), [("b", What::TooLarge)]);
    fs::remove_dir_all(class.stage()).unwrap();

    class.write("c", "");
    class.write("d", "");
    let refused = class.take_within(&limits);
    assert!(refused.refused.unwrap().contains("more than 3 files"));
}

#[test]
fn ten_thousand_and_one_files_are_not_read() {
    let class = Class::new();
    for number in 0..10_001 {
        File::create(class.at(&number.to_string())).unwrap();
    }
    let limits = Intake { entries: 10_000, ..Intake::default() };
    let taken = class.take_within(&limits);
    assert!(taken.refused.unwrap().contains("more than 10000"));
    assert_eq!(taken.files, []);
}

#[test]
fn folders_in_folders_come_to_an_end() {
    let class = Class::new();
    let path = (0..200).map(|_| "d").collect::<PathBuf>();
    fs::create_dir_all(class.submission().join(&path)).unwrap();
    fs::write(class.submission().join(path).join("deep.rs"), "").unwrap();
    class.write("d/d/d/d/d/d/d/last.rs", "");
    let taken = class.take();
    assert_eq!(paths(&taken), ["d/d/d/d/d/d/d/last.rs"]);
    assert_eq!(found(&taken), [("d/d/d/d/d/d/d/d", What::TooDeep)]);
}

#[test]
fn a_submission_that_is_no_folder_is_refused() {
    let class = Class::new();
    fs::remove_dir(class.submission()).unwrap();
    let missing =
        intake(&class.submission(), &class.stage(), &Intake::default());
    assert!(missing.is_err());
    type Make = fn(&Path);
    let makes: [(Make, &str); 3] = [
        (|at| symlink("/etc", at).unwrap(), "a symbolic link"),
        (|at| drop(File::create(at).unwrap()), "no folder"),
        (|at| mkfifo(at, Mode::S_IRWXU).unwrap(), "no folder"),
    ];
    for (make, why) in makes {
        make(&class.submission());
        let taken = class.take();
        assert!(taken.refused.unwrap().contains(why));
        fs::remove_file(class.submission()).unwrap();
    }
}

#[test]
fn the_staging_folder_is_new() {
    let class = Class::new();
    let take =
        || intake(&class.submission(), &class.stage(), &Intake::default());
    fs::create_dir(class.stage()).unwrap();
    fs::write(class.stage().join("old"), "").unwrap();
    assert!(format!("{:#}", take().unwrap_err()).contains("not empty"));
    fs::remove_dir_all(class.stage()).unwrap();
    symlink("/", class.stage()).unwrap();
    assert!(take().is_err());
}

#[test]
fn what_may_not_be_read_is_told() {
    if nix::unistd::geteuid().is_root() {
        // Root may read everything; the answer of the kernel is enough.
        let told = open::blame(Errno::EACCES).unwrap();
        assert_eq!(told.0, What::Unreadable);
        return;
    }
    let class = Class::new();
    class.write("locked", "x");
    let none = Permissions::from_mode(0o000);
    fs::set_permissions(class.at("locked"), none).unwrap();
    assert_eq!(found(&class.take()), [("locked", What::Unreadable)]);
}

#[test]
fn a_machine_without_files_left_costs_nobody_a_mark() {
    for errno in [Errno::EMFILE, Errno::ENFILE, Errno::ENOMEM, Errno::EIO] {
        assert!(open::blame(errno).is_none(), "{errno}");
    }
}

/// A file is taken only if it is the one that was looked at.
#[test]
fn what_is_swapped_after_the_look_is_not_taken() {
    type Act = fn(&Class);
    let acts: [(Act, What); 7] = [
        (
            |c| replace(c, |at| symlink("/etc/passwd", at).unwrap()),
            What::Swapped,
        ),
        (|c| replace(c, |at| fs::write(at, "b").unwrap()), What::Swapped),
        (|c| replace(c, |at| fs::create_dir(at).unwrap()), What::Swapped),
        (
            |c| replace(c, |at| mkfifo(at, Mode::S_IRWXU).unwrap()),
            What::Swapped,
        ),
        (|c| fs::remove_file(c.at("s/a")).unwrap(), What::Swapped),
        (|c| c.write("s/a", "much longer"), What::Changed),
        (
            |c| {
                fs::rename(c.at("s"), c.at("t")).unwrap();
                symlink("t", c.at("s")).unwrap();
            },
            What::Swapped,
        ),
    ];
    for (number, (act, what)) in acts.into_iter().enumerate() {
        let class = Class::new();
        class.write("s/a", "a");
        let root = root(&class.submission()).unwrap().unwrap();
        let Ok(survey) = Survey::of(root.as_fd(), &Intake::default()) else {
            panic!("no survey");
        };
        act(&class);
        let stage = fresh(&class.stage()).unwrap();
        let taken = take(&root, survey, &stage).unwrap();
        assert_eq!(found(&taken), [("s/a", what)], "act {number}");
        assert_eq!(taken.files, []);
    }
}

/// The old file is kept, so that the new one can't have its inode.
fn replace(class: &Class, make: impl FnOnce(&Path)) {
    fs::rename(class.at("s/a"), class.at("s/old")).unwrap();
    make(&class.at("s/a"));
}

/// Another thread swaps the file for a link to the secret, without a pause.
#[test]
fn a_racing_swap_never_leads_outside() {
    let class = Class::new();
    class.write("a.rs", "honest");
    symlink(class.secret(), class.submission().join(".link")).unwrap();
    let (file, link) = (class.at("a.rs"), class.at(".link"));
    let over = AtomicBool::new(false);
    let (mut rounds, mut honest, mut links, mut wrong) = (0, 0, 0, 0);
    let since = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let swap = RenameFlags::RENAME_EXCHANGE;
                renameat2(AT_FDCWD, &file, AT_FDCWD, &link, swap).unwrap();
            }
        });
        let patience = Duration::from_secs(30);
        while rounds < 300
            || (honest == 0 || links == 0) && since.elapsed() < patience
        {
            rounds += 1;
            let taken = class.take();
            for file in &taken.files {
                let copy = fs::read(class.stage().join(&file.path));
                wrong += usize::from(copy.unwrap() != b"honest");
            }
            honest += taken.files.len();
            let left = |what| found(&taken).contains(&("a.rs", what));
            links += usize::from(left(What::SymbolicLink));
            fs::remove_dir_all(class.stage()).unwrap();
        }
        over.store(true, Ordering::Relaxed);
    });
    assert_eq!(wrong, 0, "of {rounds} rounds");
    assert!(honest > 0 && links > 0, "{rounds}: {honest}, {links}");
}
