//! (c) Datagrams as fast as one process sends them: sent, kept, lost.

use super::Line;
use crate::contender::Contender;
use crate::setup::{FLOOR, Setup};

pub(super) fn line(setup: &Setup) -> Line {
    let count = if setup.quick { "2000" } else { "100000" };
    let turned = format!("client:count={count}");
    let runner = setup.lab("lab-runner", "flood", &["--set", &turned]);
    let ours = runner.by(&setup.peer("flood-by-us"));
    let command: [&dyn AsRef<std::ffi::OsStr>; 3] =
        [&setup.floor, &"flood", &count];
    let floor = Contender::new(FLOOR, &command);
    let script = setup.peer("tcpdump-netns");
    let tcpdump = |name, how: &str, program| {
        let command: [&dyn AsRef<std::ffi::OsStr>; 4] =
            [&script, &how, &"1", &count];
        let it = Contender::new(name, &command).with("FLOOR", &setup.floor);
        it.needs("ip").needs(program).needs_file(&setup.floor).needs_root()
    };
    Line {
        contenders: vec![
            ours,
            floor.needs_file(&setup.floor).needs_root(),
            tcpdump("tcpdump --immediate-mode", "tcpdump", "tcpdump"),
        ],
        goal: Some(("every datagram kept, in every round", |r| {
            let ours = r.contenders.iter().find(|one| one.ours)?;
            Some(ours.right[0] == ours.right[1])
        })),
        note: format!(
            "{count} datagrams of 64 bytes, as fast as one process sends \
             them; until the process has ended, the judging included. Right \
             is a trace with every one of them."
        ),
        most_rounds: 5,
        ..Line::new("flood", "A capture under flood", "ms")
    }
}
