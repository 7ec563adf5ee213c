//! The labs' plans -> what a page may have run, and an order -> the runner's
//! arguments. Nothing that is not listed here is ever passed on.

use std::collections::BTreeMap;
use std::time::Duration;

use lab_kit::{Described, Plan};
use serde::Deserialize;
use serde_json::{Value, json};

use super::knobs::{Range, ranges};

/// What a page asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    /// `ch05/first-ack`.
    pub(super) of: String,
    #[serde(default)]
    what_if: Option<String>,
    /// `server:net.ipv4.tcp_sack=0`
    #[serde(default)]
    set: Vec<String>,
}

/// An order that may be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ordered {
    pub(super) arguments: Vec<String>,
    /// Time for it, after which something hangs.
    pub(super) within: Duration,
}

/// Starting, judging and a machine that is busy, beside the run itself.
const BESIDE: Duration = Duration::from_secs(60);

struct Entry {
    lab: String,
    plan: Plan,
    knobs: BTreeMap<String, Range>,
}

/// Experiments by name, `ch05/first-ack`.
#[derive(Default)]
pub(super) struct Catalogue(BTreeMap<String, Entry>);

impl Catalogue {
    pub(super) fn of(labs: Vec<Described>) -> Catalogue {
        let mut all = BTreeMap::new();
        for lab in labs {
            for plan in lab.experiments {
                let of = format!("{}/{}", lab.name, plan.name);
                let (lab, knobs) = (lab.name.clone(), ranges(&plan));
                all.insert(of, Entry { lab, plan, knobs });
            }
        }
        Catalogue(all)
    }

    /// For pages, by name.
    pub(super) fn listed(&self) -> Value {
        let all = self.0.iter().map(|(of, entry)| (of.clone(), entry.listed()));
        Value::Object(all.collect())
    }

    /// What the runner is to do; the error is a sentence.
    pub(super) fn order(&self, order: &Order) -> Result<Ordered, String> {
        let entry = self.0.get(&order.of);
        let entry = entry.ok_or("No experiment of the book is called so.")?;
        let plan = &entry.plan;
        let mut arguments =
            vec![entry.lab.clone(), plan.name.clone(), "--events".into()];
        if let Some(name) = &order.what_if {
            if !plan.perturbations.iter().any(|known| known.name == *name) {
                return Err("The experiment has no such what-if.".into());
            }
            arguments.push(format!("--what-if={name}"));
        }
        let mut turned = Vec::new();
        for set in &order.set {
            let (name, value) = set.split_once('=').unwrap_or((set, ""));
            let range =
                entry.knobs.get(name).filter(|_| !turned.contains(&name));
            let range = range.ok_or("The experiment has no such knob.")?;
            if !range.takes(value) {
                return Err(format!("{name} takes {range}."));
            }
            turned.push(name);
            arguments.push(format!("--set={set}"));
        }
        let within = Duration::from_millis(plan.within_ms) * 2 + BESIDE;
        Ok(Ordered { arguments, within })
    }
}

impl Entry {
    fn listed(&self) -> Value {
        let plan = &self.plan;
        let what_ifs = plan.perturbations.iter().map(|what_if| {
            let knobs = what_if.knobs.iter().map(ToString::to_string);
            json!({
                "name": what_if.name,
                "knobs": knobs.collect::<Vec<_>>(),
                "fails": what_if.fails,
            })
        });
        json!({
            "lab": self.lab,
            "name": plan.name,
            "question": plan.question,
            "hosts": plan.hosts,
            "claims": plan.claims,
            "what_ifs": what_ifs.collect::<Vec<_>>(),
            "knobs": self.knobs.iter().map(|(name, range)| {
                json!({"name": name, "takes": range})
            }).collect::<Vec<_>>(),
            "root_only": plan.root_only,
        })
    }
}
