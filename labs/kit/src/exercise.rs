//! An exercise: an experiment one of whose hosts is played by somebody's
//! answer, and rules that the wire decides.

use serde::{Deserialize, Serialize};

use crate::claim::Finding;
use crate::evidence::Evidence;
use crate::experiment::{Experiment, Plan};

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

/// A plausible answer that is wrong: `exercises/<name>/wrong/<file>.rs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// The file's name without its ending.
    pub name: String,
    /// The rule that it must break, first of all.
    pub breaks: String,
}

impl Exercise {
    /// A task on an experiment, whose name is the exercise's.
    pub fn new(title: &str, experiment: Experiment) -> Self {
        let task = Task {
            title: title.into(),
            plan: experiment.plan().clone(),
            rules: Vec::new(),
            starter_breaks: String::new(),
            wrong: Vec::new(),
        };
        Exercise { task, experiment }
    }

    /// A rule: points for an answer under which this claim holds, and three
    /// hints for those who break it.
    pub fn rule(
        mut self,
        points: u32,
        claim: &str,
        hints: [&str; 3],
        judge: impl Fn(&Evidence) -> Finding + 'static,
    ) -> Self {
        self.experiment = self.experiment.claim(claim, judge);
        self.task.plan = self.experiment.plan().clone();
        self.task.rules.push(Rule {
            claim: claim.into(),
            points,
            hints: hints.map(String::from),
        });
        self
    }

    /// The rule that the starter breaks, first of all.
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

    /// What is wrong with the exercise, if anything.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = self.plan.faults();
        let claims: Vec<_> = self.rules.iter().map(|r| &r.claim).collect();
        if claims != self.plan.claims.iter().collect::<Vec<_>>() {
            faults.push("every claim of an exercise is a rule".into());
        }
        if self.plan.answers.is_empty() {
            faults.push("nobody answers: Experiment::answered_by".into());
        }
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
