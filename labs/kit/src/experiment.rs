//! One experiment: a question, the hosts and links it is asked of, and the
//! claims that answer it.

use std::time::Duration;

use anyhow::Result;

use crate::claim::Finding;
use crate::evidence::Evidence;
use crate::figure::{Drawn, Figure};
use crate::folklore::{Saying, Truth};
use crate::knob::{Knob, truth};
use crate::link::Link;
use crate::net::Net;
use crate::plan::{Perturbation, Plan, SCRIPT, Since, Variant};

type Program = Box<dyn Fn(&Net) -> Result<()>>;
type Judge = Box<dyn Fn(&Evidence) -> Finding>;
type Draw = Box<dyn Fn(&Evidence) -> Figure>;

/// One question, asked of real kernels.
pub struct Experiment {
    plan: Plan,
    programs: Vec<(String, Program)>,
    claims: Vec<Judge>,
    figures: Vec<Draw>,
}

/// The claims that a perturbation must break.
pub fn fails<const N: usize>(claims: [&str; N]) -> Vec<String> {
    claims.map(String::from).to_vec()
}

impl Experiment {
    /// An experiment with its name and its question.
    #[track_caller]
    pub fn new(name: &str, question: &str) -> Self {
        let source = std::panic::Location::caller().file();
        Experiment {
            plan: Plan {
                name: name.into(),
                question: question.into(),
                source: source.into(),
                hosts: Vec::new(),
                raw: Vec::new(),
                forged: Vec::new(),
                programs: Vec::new(),
                answers: Vec::new(),
                asks: false,
                links: Vec::new(),
                options: Vec::new(),
                knobs: Vec::new(),
                claims: Vec::new(),
                figures: Vec::new(),
                folklore: Vec::new(),
                perturbations: Vec::new(),
                variants: Vec::new(),
                counters: Vec::new(),
                shows_windows: false,
                packets_vary: None,
                keeps_bytes: false,
                ends_with_script: false,
                by_events: false,
                within_ms: 10_000,
                root_only: None,
                since: None,
            },
            programs: Vec::new(),
            claims: Vec::new(),
            figures: Vec::new(),
        }
    }

    /// Joins two hosts; names them.
    pub fn link(mut self, link: Link) -> Self {
        for host in &link.ends {
            if !self.plan.hosts.contains(host) {
                self.plan.hosts.push(host.clone());
            }
        }
        self.plan.links.push(link);
        self
    }

    /// A host's program: run in its namespace, as a process of its own.
    pub fn program(
        mut self,
        host: &str,
        program: impl Fn(&Net) -> Result<()> + 'static,
    ) -> Self {
        self.plan.programs.push(host.into());
        self.programs.push((host.into(), Box::new(program)));
        self
    }

    /// One function that plays all hosts in one thread ([`Net::on`]): where
    /// the order between hosts is the subject.
    pub fn script(self, script: impl Fn(&Net) -> Result<()> + 'static) -> Self {
        self.program(SCRIPT, script)
    }

    /// This host has no IP stack; the lab builds its segments ([`Net::raw`]).
    pub fn raw(mut self, host: &str) -> Self {
        self.plan.raw.push(host.into());
        self
    }

    /// This host has its own IP stack, and a program also forges frames in
    /// its name ([`Net::raw`]): late duplicates, injected resets.
    pub fn forges(mut self, host: &str) -> Self {
        self.plan.forged.push(host.into());
        self
    }

    /// In this host runs an answer to an exercise, a program that nobody
    /// knows; the host's own program, or the script, starts it
    /// ([`Net::answer`]).
    pub fn answered_by(mut self, host: &str) -> Self {
        self.plan.answers.push(host.into());
        self
    }

    /// The run ends when its script is done: sockets that are still open then,
    /// or owe segments, are not part of it.
    pub fn ends_with_script(mut self) -> Self {
        self.plan.ends_with_script = true;
        self
    }

    /// For an exercise: everything is awaited by event, and no rule is about
    /// time. So an answer that fails on a busy machine has failed; without
    /// this word the run would be inconclusive.
    pub fn by_events(mut self) -> Self {
        self.plan.by_events = true;
        self
    }

    /// Declares an option of a host's program and its default.
    pub fn option(
        mut self,
        host: &str,
        key: &str,
        default: impl std::fmt::Display,
    ) -> Self {
        self.plan.options.push(Knob::Option {
            host: host.into(),
            key: key.into(),
            value: truth(default.to_string()),
        });
        self
    }

    /// Turns a knob for every run of this experiment.
    pub fn knob(mut self, knob: Knob) -> Self {
        self.plan.knobs.push(knob);
        self
    }

    /// A sentence, and the function of the evidence that finds it true or not.
    pub fn claim(
        mut self,
        sentence: &str,
        judge: impl Fn(&Evidence) -> Finding + 'static,
    ) -> Self {
        self.plan.claims.push(sentence.into());
        self.claims.push(Box::new(judge));
        self
    }

    /// Something to look at, and the function of the evidence that draws it.
    pub fn figure<F: Into<Figure>>(
        mut self,
        title: &str,
        draw: impl Fn(&Evidence) -> F + 'static,
    ) -> Self {
        self.plan.figures.push(title.into());
        self.figures.push(Box::new(move |run| draw(run).into()));
        self
    }

    /// What people say, as they say it, how true it is, and which of this
    /// experiment's claims shows it.
    pub fn folklore(mut self, truth: Truth, saying: &str, claim: &str) -> Self {
        self.say(saying, truth, claim, None);
        self
    }

    pub(crate) fn say(
        &mut self,
        saying: &str,
        truth: Truth,
        claim: &str,
        note: Option<String>,
    ) {
        let (saying, claim) = (saying.into(), claim.into());
        self.plan.folklore.push(Saying { saying, truth, claim, note });
    }

    /// What is so instead: a sentence about the saying just above.
    pub fn folklore_note(mut self, note: &str) -> Self {
        if let Some(saying) = self.plan.folklore.last_mut() {
            saying.note = Some(note.into());
        }
        self
    }

    /// A knob (or several) that switches the phenomenon off, and the claims
    /// that must then fail: exactly those.
    pub fn what_if(
        mut self,
        name: &str,
        knobs: impl IntoKnobs,
        fails: Vec<String>,
    ) -> Self {
        self.plan.perturbations.push(Perturbation {
            name: name.into(),
            knobs: knobs.into_knobs(),
            fails,
            since: None,
        });
        self
    }

    /// Declares an equivalent order of events, which has its own snapshot.
    pub fn variant(mut self, name: &str, reason: &str) -> Self {
        self.plan
            .variants
            .push(Variant { name: name.into(), reason: reason.into() });
        self
    }

    /// The snapshot shows how much this kernel counter of a host grew, even
    /// by zero.
    pub fn shows_counter(mut self, host: &str, counter: &str) -> Self {
        self.plan.counters.push(format!("{host}:{counter}"));
        self
    }

    /// The snapshot shows the advertised window of every segment.
    pub fn shows_windows(mut self) -> Self {
        self.plan.shows_windows = true;
        self
    }

    /// Keeps every byte of every packet in the evidence, for claims about
    /// bytes and for figures of them ([`Segment::bytes`](crate::Segment)).
    /// Not for experiments that send megabytes.
    pub fn keeps_bytes(mut self) -> Self {
        self.plan.keeps_bytes = true;
        self
    }

    /// The snapshot leaves the packets out, because even their number isn't the
    /// same in every run: for bulk transfers only. States, observations and
    /// counters stay.
    pub fn packets_vary(mut self, why: &str) -> Self {
        self.plan.packets_vary = Some(why.into());
        self
    }

    /// Allows a run longer than 10 seconds before it counts as hung.
    pub fn within(mut self, longest: Duration) -> Self {
        self.plan.within_ms = longest.as_millis() as u64;
        self
    }

    /// The same under another name: for an exercise on an experiment of the
    /// chapter.
    pub fn named(mut self, name: &str) -> Self {
        self.plan.name = name.into();
        self
    }

    /// Hosts, links and programs alone: no claim, nothing that rests on one.
    pub(crate) fn without_claims(mut self) -> Self {
        self.plan.claims.clear();
        self.plan.folklore.clear();
        self.plan.perturbations.clear();
        self.claims.clear();
        self
    }

    /// Needs real root; `why` is printed where it is skipped.
    pub fn root_only(mut self, why: &str) -> Self {
        self.plan.root_only = Some(why.into());
        self
    }

    /// Needs at least this kernel, for what this commit brought to it; skipped
    /// elsewhere.
    pub fn since(
        mut self,
        kernel: (u32, u32),
        commit: &str,
        what: &str,
    ) -> Self {
        self.plan.since = Some(guard(kernel, commit, what));
        self
    }

    /// The `what_if` just above needs at least this kernel.
    pub fn what_if_since(
        mut self,
        kernel: (u32, u32),
        commit: &str,
        what: &str,
    ) -> Self {
        if let Some(what_if) = self.plan.perturbations.last_mut() {
            what_if.since = Some(guard(kernel, commit, what));
        }
        self
    }

    /// The experiment without its code.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(crate) fn plan_mut(&mut self) -> &mut Plan {
        &mut self.plan
    }

    pub(crate) fn play(&self, role: &str, net: &Net) -> Result<()> {
        let program = self.programs.iter().find(|(name, _)| name == role);
        let Some((_, program)) = program else {
            anyhow::bail!("{} has no program for {role}", self.plan.name)
        };
        program(net)
    }

    /// One finding per claim, in the plan's order.
    pub fn judge(&self, evidence: &Evidence) -> Vec<Finding> {
        self.claims.iter().map(|claim| claim(evidence)).collect()
    }

    /// The figures, in the plan's order.
    pub fn draw(&self, evidence: &Evidence) -> Vec<Drawn> {
        let titled = self.plan.figures.iter().zip(&self.figures);
        titled
            .map(|(title, draw)| Drawn {
                title: title.clone(),
                figure: draw(evidence),
            })
            .collect()
    }
}

/// One knob, or several.
pub trait IntoKnobs {
    /// As a list.
    fn into_knobs(self) -> Vec<Knob>;
}

impl IntoKnobs for Knob {
    fn into_knobs(self) -> Vec<Knob> {
        vec![self]
    }
}

impl<const N: usize> IntoKnobs for [Knob; N] {
    fn into_knobs(self) -> Vec<Knob> {
        self.into()
    }
}
fn guard(kernel: (u32, u32), commit: &str, what: &str) -> Since {
    Since { kernel, commit: commit.into(), what: what.into() }
}
