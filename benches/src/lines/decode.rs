//! (d) A long capture: every packet decoded and put into its connection.

use super::Line;
use crate::contender::{Contender, Sampling};
use crate::setup::Setup;

pub(super) fn line(setup: &Setup) -> Line {
    let frames = setup.frames;
    let capture = setup.capture(frames);
    let rate = Sampling::PerSecond(frames as f64);
    let by = |name: &str, command: &[&dyn AsRef<std::ffi::OsStr>]| {
        Contender::new(name, command).sampled(rate).silent()
    };
    let ours = setup.runner("lab-runner explain", &[&"explain", &capture]);
    let ours = Contender { due: 0, sampling: rate, ..ours };
    let fields = "frame.time_epoch ip.src ip.dst tcp.srcport tcp.dstport \
                  tcp.flags tcp.seq tcp.ack tcp.len";
    let mut tshark: Vec<&dyn AsRef<std::ffi::OsStr>> =
        vec![&"tshark", &"-r", &capture, &"-T", &"fields"];
    let fields: Vec<&str> = fields.split_whitespace().collect();
    for field in &fields {
        tshark.extend([&"-e" as &dyn AsRef<std::ffi::OsStr>, field]);
    }
    let tcpdump: [&dyn AsRef<std::ffi::OsStr>; 5] =
        [&"tcpdump", &"-Z", &"root", &"-nr", &capture];
    Line {
        more_is_better: true,
        contenders: vec![
            ours,
            by("tcpdump -nr", &tcpdump).needs("tcpdump"),
            by("tshark -T fields", &tshark).needs("tshark"),
        ],
        goal: Some(("2,000,000 packets in a second", |result| {
            let ours = result.contenders.iter().find(|one| one.ours)?;
            Some(ours.spread.median >= 2e6)
        })),
        note: format!(
            "{frames} packets of many connections, {} MB. We also look for \
             what is wrong in them; the others print a line for each.",
            setup.size_of(&capture) >> 20
        ),
        most_rounds: 5,
        ..Line::new("decode", "A long capture, read", "packets/s")
    }
}
