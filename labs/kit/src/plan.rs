//! What is known of an experiment without running its code: the plan that a
//! runner reads as JSON, and what may be wrong with it.

use serde::{Deserialize, Serialize};

use crate::folklore::Saying;
use crate::knob::Knob;
use crate::link::{Action, Link, LinkKind};

/// Everything about an experiment but its code, as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The experiment's name, `first-ack`.
    pub name: String,
    /// The question, one sentence.
    pub question: String,
    /// The source file, relative to the workspace.
    pub source: String,
    /// Hosts, in the order of their first mention.
    pub hosts: Vec<String>,
    /// Hosts without an IP stack, whose segments the lab builds by hand.
    pub raw: Vec<String>,
    /// Hosts in whose name a program forges frames, beside their own stack.
    pub forged: Vec<String>,
    /// Names of the programs: hosts, or `script`.
    pub programs: Vec<String>,
    /// Hosts in which somebody's answer to an exercise runs.
    #[serde(default)]
    pub answers: Vec<String>,
    /// Its claims are about what somebody says of the run: nothing follows from
    /// them where nothing was said.
    #[serde(default)]
    pub asks: bool,
    /// What joins the hosts.
    pub links: Vec<Link>,
    /// Options that programs declared, with their defaults.
    pub options: Vec<Knob>,
    /// Knobs that the experiment itself turns.
    pub knobs: Vec<Knob>,
    /// The claims' sentences.
    pub claims: Vec<String>,
    /// The figures' titles.
    #[serde(default)]
    pub figures: Vec<String>,
    /// What people say, and which claim shows how it is.
    #[serde(default)]
    pub folklore: Vec<Saying>,
    /// What switches the phenomenon off.
    pub perturbations: Vec<Perturbation>,
    /// Equivalent orders, each with its own snapshot.
    pub variants: Vec<Variant>,
    /// Counters (`server:TcpExtDelayedACKs`) that the snapshot shows.
    pub counters: Vec<String>,
    /// The snapshot shows the advertised window of every segment.
    pub shows_windows: bool,
    /// Why the snapshot leaves the packets out, if it does.
    #[serde(default)]
    pub packets_vary: Option<String>,
    /// The evidence holds every byte of every packet.
    pub keeps_bytes: bool,
    /// The run ends when its script is done, whatever kernels still owe.
    pub ends_with_script: bool,
    /// Everything is awaited by event, and no claim is about time: a busy
    /// machine excuses nothing.
    #[serde(default)]
    pub by_events: bool,
    /// Longest run allowed, in milliseconds.
    pub within_ms: u64,
    /// Why it needs real root, if it does.
    pub root_only: Option<String>,
    /// The first kernel that has what it is about, if not all have.
    pub since: Option<Since>,
}

/// The first kernel that has something: elsewhere it is skipped, loudly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    /// `(6, 14)` for Linux 6.14.
    pub kernel: (u32, u32),
    /// The commit that brought it, as its first twelve digits.
    #[serde(default)]
    pub commit: String,
    /// What that kernel brought: `tcp_tw_reuse_delay`.
    pub what: String,
}

impl Since {
    /// `6.14`.
    pub fn version(&self) -> String {
        format!("{}.{}", self.kernel.0, self.kernel.1)
    }

    fn is_fault(&self) -> bool {
        let digits = self.commit.chars().all(|c| c.is_ascii_hexdigit());
        self.commit.len() != 12 || !digits
    }
}

/// A named knob setting under which the phenomenon disappears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Perturbation {
    /// For `--what-if`.
    pub name: String,
    /// What is set.
    pub knobs: Vec<Knob>,
    /// Exactly these claims must then fail.
    pub fails: Vec<String>,
    /// The first kernel that has its knobs, if not all have.
    pub since: Option<Since>,
}

/// An equivalent order of the same events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// Names its snapshot, `<experiment>@<variant>.snap`.
    pub name: String,
    /// Why both orders are right.
    pub reason: String,
}

/// `6.12` -> (6, 12); nothing else is a series of kernels.
pub fn series(name: &str) -> Option<(u32, u32)> {
    let (major, minor) = name.split_once('.')?;
    let number = |text: &str| -> Option<u32> {
        let digits = text.chars().all(|c| c.is_ascii_digit());
        text.parse().ok().filter(|_| digits)
    };
    Some((number(major)?, number(minor)?))
}

/// The role that a script plays: every host.
pub const SCRIPT: &str = "script";

impl Plan {
    /// Whether one script plays all hosts.
    pub fn is_scripted(&self) -> bool {
        self.programs.iter().any(|p| p == SCRIPT)
    }

    /// Whether any link is a wire.
    pub fn has_wire(&self) -> bool {
        self.links.iter().any(|l| l.kind == LinkKind::Wire)
    }

    /// Whether the wire holds frames. When one leaves is then the kernel's
    /// business, when it arrives the script's: so it is shown by arrival.
    pub fn is_stepped(&self) -> bool {
        let mut rules = self.links.iter().flat_map(|link| &link.rules);
        rules.any(|rule| rule.action == Action::Hold)
    }

    /// What is wrong with the plan, if anything: checked before it runs.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut fault = |text: String| faults.push(text);
        if self.links.is_empty() {
            fault("no link, so no hosts".into());
        }
        if self.programs.is_empty() {
            fault("no program and no script: nobody would send".into());
        }
        if self.claims.is_empty() {
            fault("no claim: it could never fail".into());
        }
        if self.is_scripted() && self.programs.len() > 1 {
            fault("a script plays all hosts: no programs beside it".into());
        }
        for name in self
            .programs
            .iter()
            .chain(&self.raw)
            .chain(&self.forged)
            .chain(&self.answers)
        {
            if name != SCRIPT && !self.hosts.contains(name) {
                fault(format!("{name} is on no link"));
            }
        }
        let what_ifs = self.perturbations.iter();
        let guards = what_ifs.filter_map(|what_if| what_if.since.as_ref());
        for guard in self.since.iter().chain(guards).filter(|g| g.is_fault()) {
            fault(format!(
                "Linux {} is asked for by no commit: {:?} is no twelve digits",
                guard.version(),
                guard.commit
            ));
        }
        for variant in &self.variants {
            if series(&variant.name).is_some() {
                fault(format!(
                    "a variant named as a kernel: {}; `lab-runner accept` on \
                     that kernel makes those",
                    variant.name
                ));
            }
        }
        for saying in &self.folklore {
            if !self.claims.contains(&saying.claim) {
                fault(format!(
                    "folklore {:?} names no claim of ours: {:?}",
                    saying.saying, saying.claim
                ));
            }
        }
        for what_if in &self.perturbations {
            for claim in &what_if.fails {
                if !self.claims.contains(claim) {
                    fault(format!(
                        "perturbation {} names no claim of ours: {claim:?}",
                        what_if.name
                    ));
                }
            }
        }
        faults
    }
}
