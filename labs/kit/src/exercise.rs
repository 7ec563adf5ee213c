//! An exercise, and rules that the wire decides: an experiment one of whose
//! hosts is played by somebody's answer, or one about which somebody says in a
//! file what is the matter, or what will be.

use serde::{Deserialize, Serialize};

use crate::claim::Finding;
use crate::evidence::Evidence;
use crate::experiment::Experiment;
use crate::plan::Plan;
use crate::said::{Field, Form};

/// A task on a lab, and how an answer to it is judged.
pub struct Exercise {
    task: Task,
    pub(crate) experiment: Experiment,
}

/// Everything about an exercise but its code, as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// What is to be done, a title: `Answer without a stall`.
    pub title: String,
    /// What an answer is.
    #[serde(default)]
    pub kind: Kind,
    /// The blanks of an answer that is a file.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// Rules go by time: when others' answers are judged, nothing else runs
    /// beside one to this.
    #[serde(default)]
    pub alone: bool,
    /// The experiment that an answer takes part in; its name is the
    /// exercise's.
    pub plan: Plan,
    /// What an answer is worth, in the order of the plan's claims.
    pub rules: Vec<Rule>,
    /// The rule that the starter breaks first.
    pub starter_breaks: String,
    /// Answers that look right, and the rule that each must break.
    pub wrong: Vec<Wrong>,
}

/// What an answer is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A program, until the trace has a property.
    #[default]
    Make,
    /// A file, about the accepted capture of a sick system.
    Diagnose,
    /// A file, about a run that is still to come: the reader's own run is the
    /// key.
    Predict,
}

impl Kind {
    /// `make`, `diagnose`, `predict`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Make => "make",
            Kind::Diagnose => "diagnose",
            Kind::Predict => "predict",
        }
    }
}

/// What a claim about an answer is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The claim, word for word.
    pub claim: String,
    /// Points for an answer under which it holds.
    pub points: u32,
    /// From a nudge to all but the answer, for those whose answer breaks it.
    pub hints: [String; 3],
}

/// A plausible answer that is wrong: `exercises/<name>/wrong/<file>.rs`, or
/// `.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// The file's name without its ending.
    pub name: String,
    /// The rule that it must break, first of all.
    pub breaks: String,
}

impl Exercise {
    /// Make it so: a program answers in one of the experiment's hosts
    /// ([`Experiment::answered_by`]). The experiment's name is the exercise's.
    pub fn new(title: &str, experiment: Experiment) -> Self {
        Exercise::of_kind(Kind::Make, title, experiment)
    }

    /// Diagnose: what is the matter with this system? Its accepted capture,
    /// counters and states are given, and an answer is held against them.
    pub fn diagnose(title: &str, experiment: Experiment) -> Self {
        Exercise::of_kind(Kind::Diagnose, title, experiment)
    }

    /// Predict: what will be seen? An answer is held against a run that is
    /// made after it. An experiment of the chapter will do, under another
    /// name ([`Experiment::named`]): its claims are left out.
    pub fn predict(title: &str, experiment: Experiment) -> Self {
        Exercise::of_kind(Kind::Predict, title, experiment)
    }

    fn of_kind(kind: Kind, title: &str, experiment: Experiment) -> Self {
        let mut experiment = match kind {
            Kind::Make => experiment,
            Kind::Diagnose | Kind::Predict => experiment.without_claims(),
        };
        experiment.plan_mut().asks = kind != Kind::Make;
        let task = Task {
            title: title.into(),
            kind,
            fields: Vec::new(),
            alone: false,
            plan: experiment.plan().clone(),
            rules: Vec::new(),
            starter_breaks: String::new(),
            wrong: Vec::new(),
        };
        Exercise { task, experiment }
    }

    /// A rule: points for an answer under which this claim holds, and three
    /// hints for those who break it. The first rule of a program is that it
    /// does its work: where it doesn't hold, no other counts.
    pub fn rule(
        mut self,
        points: u32,
        claim: &str,
        hints: [&str; 3],
        judge: impl Fn(&Evidence) -> Finding + 'static,
    ) -> Self {
        self.experiment = self.experiment.claim(claim, judge);
        self.task.plan = self.experiment.plan().clone();
        if self.task.kind != Kind::Make && self.task.rules.is_empty() {
            self.task.starter_breaks = claim.into();
        }
        self.task.rules.push(Rule {
            claim: claim.into(),
            points,
            hints: hints.map(String::from),
        });
        self
    }

    /// A blank of an answer that is a file: its name, what is asked, and what
    /// may be filled in.
    pub fn asks(mut self, key: &str, question: &str, form: Form) -> Self {
        let (key, question) = (key.into(), question.into());
        self.task.fields.push(Field { key, question, form });
        self
    }

    /// Its rules go by time: a grader runs nothing else meanwhile.
    pub fn alone(mut self) -> Self {
        self.task.alone = true;
        self
    }

    /// The rule that the starter breaks, first of all; if it is a form, that
    /// is the first rule.
    pub fn starter_breaks(mut self, rule: &str) -> Self {
        self.task.starter_breaks = rule.into();
        self
    }

    /// An answer that looks right, and the rule that it must break.
    pub fn wrong(mut self, name: &str, breaks: &str) -> Self {
        self.task
            .wrong
            .push(Wrong { name: name.into(), breaks: breaks.into() });
        self
    }

    /// The exercise without its code.
    pub fn task(&self) -> &Task {
        &self.task
    }
}

impl Task {
    /// The most that an answer can get.
    pub fn points(&self) -> u32 {
        self.rules.iter().map(|rule| rule.points).sum()
    }

    /// `rs`, `toml`: how the files of its answers end.
    pub fn ending(&self) -> &'static str {
        match self.kind {
            Kind::Make => "rs",
            Kind::Diagnose | Kind::Predict => "toml",
        }
    }

    fn fault_of_kind(&self) -> Option<&'static str> {
        let answers = !self.plan.answers.is_empty();
        let asks = !self.fields.is_empty();
        match (self.kind, answers, asks) {
            (Kind::Make, true, false) => None,
            (Kind::Make, false, _) => {
                Some("nobody answers: Experiment::answered_by")
            }
            (Kind::Make, true, true) => Some("a program fills in no form"),
            (_, true, _) => Some("nobody answers what is only asked about"),
            (_, false, true) => None,
            (_, false, false) => Some("nothing is asked: Exercise::asks"),
        }
    }

    /// What is wrong with the exercise, if anything.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = self.plan.faults();
        let claims: Vec<_> = self.rules.iter().map(|r| &r.claim).collect();
        if claims != self.plan.claims.iter().collect::<Vec<_>>() {
            faults.push("every claim of an exercise is a rule".into());
        }
        faults.extend(self.fault_of_kind().map(String::from));
        if !claims.contains(&&self.starter_breaks) {
            faults.push(format!(
                "the starter breaks no rule of ours: {:?}",
                self.starter_breaks
            ));
        }
        for wrong in &self.wrong {
            if !claims.contains(&&wrong.breaks) {
                faults.push(format!(
                    "the wrong answer {} breaks no rule of ours: {:?}",
                    wrong.name, wrong.breaks
                ));
            }
        }
        faults
    }
}
