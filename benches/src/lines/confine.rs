//! (f) What a box around a program costs: `true`, held by each.

use super::Line;
use crate::contender::{Contender, Sampling};
use crate::setup::Setup;

pub(super) fn line(setup: &Setup) -> Line {
    let exit = |it: Contender| it.sampled(Sampling::Exit).silent();
    let lab_box = setup.program("lab-box");
    let ours =
        Contender::new("lab-box", &[&lab_box, &"run", &"--", &"/bin/true"]);
    let words = "bwrap --unshare-all --die-with-parent --ro-bind / / \
                 --proc /proc --dev /dev /bin/true";
    let words: Vec<&str> = words.split_whitespace().collect();
    let words: Vec<&dyn AsRef<std::ffi::OsStr>> =
        words.iter().map(|word| word as &dyn AsRef<std::ffi::OsStr>).collect();
    let plain = Contender::new("nothing: fork and exec", &[&"/bin/true"]);
    Line {
        contenders: vec![
            exit(ours.ours().needs_file(&lab_box)),
            exit(Contender::new("bubblewrap", &words).needs("bwrap")),
            exit(plain),
        ],
        goal: Some(("at most 10 ms", |result| {
            let ours = result.contenders.iter().find(|one| one.ours)?;
            Some(ours.spread.median <= 10.0)
        })),
        note: "bubblewrap here makes namespaces; our box adds seccomp, \
               Landlock, limits and a root of its own."
            .into(),
        ..Line::new("box", "A box around /bin/true", "ms")
    }
}
