//! A class of 40 for tests: 6 exercises, every verdict and cause, and in every
//! text something that some format would obey.

use super::results::{
    Assigned, Cause, Evidence, FORMAT, Graded, Held, KeptFile, LeftOut, Mark,
    Printed, Results, Ruled, Stranger, Student, Worth,
};

/// What stands where text that nobody trusts does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Texts {
    Hostile,
    /// A harmless word for each attack: the same shape without the texts.
    Harmless,
    /// As a class of honest students has them.
    Plain,
}

/// Each is an attack on some format.
pub(crate) const ATTACKS: [&str; 20] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)' x='",
    "</pre></style></title></textarea><h1 id=forged>",
    "<!-- --><![CDATA[ x ]]>",
    "]]></system-out></testcase><testcase name=\"forged\"/>",
    "</system-out><failure/>&#0;&#xd800;&amp;&nbsp;",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "O'Brien, \"Bob\"\nsecond line; \u{3000}",
    "\u{202e}gnp.exe\u{202c} שלום",
    "\0\x1b[2J\x1b]0;title\x07\u{85}\u{9b}31m",
    "\u{fffe}\u{ffff}\u{10ffff}\u{feff}\u{2028}",
    "javascript:alert(1)//[x](y) **md** `$(id)`",
    "PASS {\"score\": 100, \"tests\": []}",
    "Zoë Ångström 山田 👩‍💻",
];

const RULES: [[&str; 4]; 6] = [
    ["the reply leaves at once", "nothing waits", "one segment", "no NODELAY"],
    ["all bytes arrive", "the FIN comes last", "no RST", "both sides close"],
    ["it listens at once", "no EADDRINUSE", "TIME_WAIT stays", "one listener"],
    ["four share", "nobody starves", "one queue each", "none is lost"],
    ["it notices", "within three probes", "it says ETIMEDOUT", "no leak"],
    ["the length is right", "network order", "checksum", "no padding"],
];
const NAMES: [[&str; 2]; 6] = [
    ["ch05/no-stall", "Answer at once, without TCP_NODELAY"],
    ["ch01/half-close", "Close one half, and lose nothing"],
    ["ch03/restart", "Restart a server without EADDRINUSE"],
    ["ch04/even-workers", "Four workers share connections evenly"],
    ["ch02/vanished-peer", "Survive a peer that vanishes"],
    ["ch06/header", "Send a header that the peer can read"],
];
const LADDER: &str =
    "        ms  client                                                 server
     0.000  │── SYN ───────────────────────────────────────────────────▶│
     0.036  │◀──────────────────────────────────────────────── SYN ACK ─│
     0.052  │── ACK 1 ─────────────────────────────────────────────────▶│
     8.992  │── PSH ACK 1:6 \"ping!\" ───────────────────────────────────▶│ ①
            ┊               ① 46.3 ms: the first ACK waits              ┊
    55.286  │◀────────────────────────────────────────────────── ACK 6 ─│ ①
    58.227  │── FIN ACK ───────────────────────────────────────────────▶│";
const PEOPLE: [&str; 8] = [
    "Ada Lovelace",
    "Jon Postel",
    "Radia Perlman",
    "Van Jacobson",
    "Sally Floyd",
    "Grace Hopper",
    "Vint Cerf",
    "Zoë Ångström",
];

/// The class.
pub(crate) fn sample(texts: Texts) -> Results {
    let text = Text { texts };
    Results {
        format: FORMAT,
        runner: "0.1.0".into(),
        exercises_digest: "ab".repeat(32),
        roster_digest: "cd".repeat(32),
        partition: None,
        kernel: "6.18.44".into(),
        exercises: (0..6).map(|n| assigned(&text, n)).collect(),
        students: (0..40).map(|n| student(&text, n)).collect(),
        strangers: (0..3)
            .map(|n| Stranger {
                folder: text.at(n, &format!("s9{n}-late")),
                why: text.at(n + 5, "nobody of the roster has this id"),
            })
            .collect(),
    }
}

struct Text {
    texts: Texts,
}

impl Text {
    fn at(&self, n: usize, plain: &str) -> String {
        match self.texts {
            Texts::Hostile => ATTACKS[n % ATTACKS.len()].into(),
            Texts::Harmless => {
                let n = n % ATTACKS.len();
                let lines = ATTACKS[n].matches('\n').count();
                format!("x{n}{}", "\nx".repeat(lines))
            }
            Texts::Plain => plain.into(),
        }
    }
}

fn assigned(text: &Text, n: usize) -> Assigned {
    let worth = |m: usize| Worth {
        rule: text.at(n + m, RULES[n][m]),
        points: [2, 1, 1, 1][m],
    };
    Assigned {
        name: NAMES[n][0].into(),
        title: text.at(n, NAMES[n][1]),
        kind: "make".into(),
        rules: (0..4).map(worth).collect(),
    }
}

fn student(text: &Text, n: usize) -> Student {
    let left = |m: usize| LeftOut {
        path: text.at(n + m, "src/../../etc/passwd"),
        what: "symlink".into(),
        why: text.at(n + m + 1, "it is a link, and leads out of the folder"),
    };
    let left_out = if n % 7 == 3 { 2 } else { 0 };
    let name = format!("{} {}", PEOPLE[n % 8], ["", "II", "III"][n / 8 % 3]);
    Student {
        id: format!("s{n:03}"),
        name: text.at(n, name.trim()),
        email: n.is_multiple_of(2).then(|| text.at(n, "a@example.org")),
        marks: (0..6).map(|e| mark(text, n, e)).collect(),
        left_out: (0..left_out).map(left).collect(),
    }
}

/// How many of the four rules hold, or why there is no run.
fn fate(n: usize, e: usize) -> Result<usize, Cause> {
    match (n * 7 + e * 5) % 29 {
        0 => Err(Cause::NotHandedIn),
        1 => Err(Cause::DoesNotCompile),
        2 if n.is_multiple_of(4) => Err(Cause::LostFrames),
        3 if n % 8 == 1 => Err(Cause::SlowMachine),
        4 if n % 8 == 2 => Err(Cause::CouldNotRun),
        5 => Err(Cause::NotAnAnswer),
        6..=9 => Ok(0),
        10..=12 => Ok(1),
        13..=15 => Ok(3),
        _ => Ok(4),
    }
}

fn mark(text: &Text, n: usize, e: usize) -> Mark {
    let at = n * 3 + e * 11;
    let fate = fate(n, e);
    let holding = fate.unwrap_or_default();
    let (verdict, cause, why) = match fate {
        Ok(4) => (Graded::Pass, Cause::AllHold, "every rule holds"),
        Ok(0) => (Graded::Fail, Cause::Rule, "the reply waits for an ACK"),
        Ok(_) => (Graded::Partial, Cause::Rule, "a step is not as wanted"),
        Err(cause) => match cause {
            Cause::LostFrames | Cause::SlowMachine | Cause::CouldNotRun => (
                Graded::Inconclusive,
                cause,
                "three runs of three: the ring lost 812 frames",
            ),
            _ => (Graded::Fail, cause, "error[E0425]: no `liten` here"),
        },
    };
    let ran = fate.is_ok();
    let rules = (0..4).filter(|_| ran).map(|m| Ruled {
        rule: text.at(e + m, RULES[e][m]),
        points: [2, 1, 1, 1][m],
        holds: m < holding,
        wanted: text.at(at + m, "the second segment within 5 ms"),
        saw: text.at(at + m + 1, "46.3 ms between segments 4 and 6"),
    });
    let rules: Vec<Ruled> = rules.collect();
    Mark {
        exercise: NAMES[e][0].into(),
        verdict,
        cause,
        why: text.at(at, why),
        points: rules.iter().filter(|r| r.holds).map(|r| r.points).sum(),
        of: 5,
        rules,
        ladder: if ran { text.at(at + 2, LADDER) } else { String::new() },
        programs: if ran { vec![printed(text, at)] } else { Vec::new() },
        digest: "ef".repeat(32),
        layers: if ran { layers(text, n, at) } else { Vec::new() },
        runs: if verdict == Graded::Inconclusive { 3 } else { 1 },
        evidence: ran.then(|| evidence(text, n, e, at)),
    }
}

fn evidence(text: &Text, n: usize, e: usize, at: usize) -> Evidence {
    let slug = NAMES[e][0].replace('/', "-");
    let file = |ending: &str| KeptFile {
        path: format!("evidence/s{n:03}/{slug}.{ending}"),
        bytes: 1846,
        sha256: "01".repeat(32),
    };
    match n % 5 {
        4 => Evidence {
            files: Vec::new(),
            lacks: Some(text.at(at + 6, "it was more than is kept")),
        },
        _ => Evidence {
            files: ["pcap", "notes.json"].map(file).into(),
            lacks: None,
        },
    }
}

fn printed(text: &Text, at: usize) -> Printed {
    Printed {
        host: text.at(at + 3, "client"),
        how: text.at(at + 4, "exit 0"),
        text: text.at(at + 5, "connected\ngot 5 bytes\n"),
    }
}

fn layers(text: &Text, n: usize, at: usize) -> Vec<Held> {
    let held = |(m, layer): (usize, &str)| {
        let on = layer != "cgroup" || !n.is_multiple_of(9);
        let note = "no delegated cgroup: memory is limited by address space";
        let note = if on { "on" } else { note };
        Held { layer: layer.into(), on, note: text.at(at + m, note) }
    };
    ["user", "pid", "mount", "seccomp", "landlock", "cgroup"]
        .into_iter()
        .enumerate()
        .map(held)
        .collect()
}
