//! An accepted trace and a question -> the answer, or why there is none.

use std::collections::BTreeSet;

use lab_kit::Plan;
use lab_kit::figure::{Drawn, Figure};
use lab_kit::ladder::model::{Model, ModelPacket, ModelRow};
use lab_kit::names::nearest;
use serde_json::{Value, json};

use super::ask::Filter;
use super::{Answer, Ask, packet};

/// What questions are asked of.
pub(crate) struct Ground<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) model: &'a Model,
    /// Empty if the experiment draws none.
    pub(crate) figures: &'a [Drawn],
}

impl Ask {
    /// What the trace says.
    pub(crate) fn answer(&self, ground: &Ground) -> Result<Answer, String> {
        match self {
            Ask::Packet { n, field } => {
                let found = packet::field(ground.packet(*n)?, field);
                found.ok_or_else(|| format!("packet {n} has no {field}"))
            }
            Ask::Count(filter) => {
                ground.known(filter.from.iter().chain(&filter.to))?;
                let all = ground.model.packets();
                let n = all.filter(|p| filter.keeps(p)).count();
                Ok(Answer::Number(n as i64))
            }
            Ask::Gap { from, to } => {
                let at = |n: &usize| ground.packet(*n).map(|p| p.at);
                Ok(Answer::Time(at(to)? - at(from)?))
            }
            Ask::GapOf(claim) => ground.gap(claim),
            Ask::Claim(claim) => {
                let n = ground.claim(claim)?;
                let holds = ground.model.claims.get(n).is_some_and(|c| c.holds);
                let word = if holds { "holds" } else { "fails" };
                Ok(Answer::Text(word.into()))
            }
            Ask::State { host, label } => ground.state(host, label),
            Ask::Value { host, key, nth } => ground.value(host, key, *nth),
            Ask::Counter { host, name } => ground.counter(host, name),
            Ask::Figure { title, row, column } => {
                ground.cell(title, row, column)
            }
        }
    }

    /// For pages: the same question, to any run.
    pub(crate) fn told(&self, ground: &Ground) -> Result<Value, String> {
        let place = |n: &usize| packet::place(ground.model, *n);
        Ok(match self {
            Ask::Packet { n, field } => {
                json!({"ask": "packet", "n": n, "at": place(n)?, "field": field})
            }
            Ask::Count(filter) => filter.told(),
            Ask::Gap { from, to } => {
                json!({"ask": "gap", "from": place(from)?, "to": place(to)?})
            }
            Ask::GapOf(claim) => json!({"ask": "gap-of", "claim": claim}),
            Ask::Claim(claim) => json!({"ask": "claim", "claim": claim}),
            Ask::State { host, label } => {
                json!({"ask": "state", "host": host, "label": label})
            }
            Ask::Value { host, key, nth } => {
                json!({"ask": "value", "host": host, "key": key, "nth": nth})
            }
            Ask::Counter { host, name } => {
                json!({"ask": "counter", "host": host, "name": name})
            }
            Ask::Figure { .. } => json!({"ask": "figure"}),
        })
    }
}

impl Filter {
    fn keeps(&self, p: &ModelPacket) -> bool {
        let is = |want: &Option<String>, have: &str| {
            want.as_ref().is_none_or(|want| want == have)
        };
        let flags = packet::flags(p);
        let has = |flag: &str| flags.split(' ').any(|f| f == flag);
        is(&self.from, &p.from)
            && is(&self.to, &p.to)
            && is(&self.flags, &flags)
            && self.with.iter().all(|all| all.split(' ').all(has))
            && self.connection.is_none_or(|n| n == p.flow)
            && self.saying.as_ref().is_none_or(|s| p.label.contains(s))
            && self.marks.iter().all(|mark| match mark.as_str() {
                "data" => packet::bytes(p) > 0,
                "again" => p.again,
                _ => p.arrived.is_none(),
            })
    }

    fn told(&self) -> Value {
        json!({
            "ask": "count", "from": self.from, "to": self.to,
            "flags": self.flags, "with": self.with, "marks": self.marks,
            "saying": self.saying, "connection": self.connection,
        })
    }
}

impl Ground<'_> {
    /// A packet by its number.
    pub(crate) fn packet(&self, n: usize) -> Result<&ModelPacket, String> {
        self.model.packets().find(|p| p.n == n).ok_or_else(|| {
            let count = self.model.packets().count();
            format!("there is no packet {n}; {} has {count}", self.model.of)
        })
    }

    /// Every name is a host's, or the script's.
    fn known<'n>(
        &self,
        names: impl IntoIterator<Item = &'n String>,
    ) -> Result<(), String> {
        let hosts = || self.model.hosts.iter().map(String::as_str);
        for name in names {
            if !hosts().any(|h| h == name) && name != lab_kit::SCRIPT {
                return Err(format!(
                    "no host is called `{name}`; {}",
                    nearest(name, hosts())
                ));
            }
        }
        Ok(())
    }

    /// Which claim it is.
    pub(crate) fn claim(&self, says: &str) -> Result<usize, String> {
        let mut claims = self.plan.claims.iter();
        claims.position(|c| c == says).ok_or_else(|| {
            let all = self.plan.claims.iter().map(String::as_str);
            format!(
                "{} doesn't claim {says:?}; {}",
                self.plan.name,
                nearest(says, all)
            )
        })
    }

    fn gap(&self, says: &str) -> Result<Answer, String> {
        let wanted = self.claim(says)?;
        let lasted = self.model.rows.iter().find_map(|row| match row {
            ModelRow::Gap { claim, lasted, .. } if *claim == wanted => {
                Some(Answer::read(lasted))
            }
            _ => None,
        });
        match lasted {
            Some(time @ Answer::Time(_)) => Ok(time),
            _ => Err(format!("{says:?} is about no time that was measured")),
        }
    }

    fn state(&self, host: &str, wanted: &str) -> Result<Answer, String> {
        self.known([&host.to_string()])?;
        let steps = || {
            self.model.rows.iter().filter_map(|row| match row {
                ModelRow::States { label, states } => Some((label, states)),
                _ => None,
            })
        };
        let step = steps().find(|(label, _)| *label == wanted);
        let Some((_, states)) = step else {
            let hint = nearest(wanted, steps().map(|(l, _)| l.as_str()));
            return Err(format!("no state was recorded at {wanted:?}; {hint}"));
        };
        let state = states.iter().find(|(h, _)| h == host);
        Ok(Answer::Text(state.map_or("-", |(_, s)| s.as_str()).into()))
    }

    /// Whether it was seen at some time (and isn't a counter), whose, what.
    fn notes(&self) -> impl Iterator<Item = (bool, &str, &str)> {
        self.model.rows.iter().filter_map(|row| match row {
            ModelRow::Note { at, host, text } => {
                Some((at.is_some(), host.as_str(), text.as_str()))
            }
            _ => None,
        })
    }

    fn value(
        &self,
        host: &str,
        key: &str,
        nth: usize,
    ) -> Result<Answer, String> {
        let kept = || {
            let own = self.notes().filter(|(seen, h, _)| *seen && *h == host);
            own.filter_map(|(_, _, text)| text.split_once(" -> "))
        };
        let mut found = kept().filter(|(k, _)| *k == key);
        match nth.checked_sub(1).and_then(|n| found.nth(n)) {
            Some((_, value)) => Ok(Answer::read(value)),
            None => Err(format!(
                "{host} kept no value {nth} of {key:?}; {}",
                nearest(key, kept().map(|(k, _)| k).collect::<BTreeSet<_>>())
            )),
        }
    }

    /// A counter that didn't grow isn't in the trace; a name that nobody has,
    /// and a host whose counters another shows, would read 0 too.
    fn counter(&self, host: &str, name: &str) -> Result<Answer, String> {
        self.known([&host.to_string()])?;
        let grew = || {
            let counters = self.notes().filter(|(seen, ..)| !seen);
            counters.filter_map(|(_, h, text)| {
                let (name, grew) = text.split_once(' ')?;
                Some((h, name, grew.parse().ok()?))
            })
        };
        let watched = self.plan.counters.iter();
        let mut watched = watched.filter_map(|c| c.split_once(':'));
        let is_there = grew().any(|(_, n, _)| n == name)
            || watched.any(|(_, n)| n == name);
        if !is_there {
            let hint = nearest(name, grew().map(|(_, n, _)| n));
            return Err(format!("no counter {name} grew here; {hint}"));
        }
        if !grew().any(|(h, ..)| h == host) {
            return Err(format!("this trace has no counters of {host}"));
        }
        let own = grew().find(|(h, n, _)| *h == host && *n == name);
        Ok(Answer::Number(own.map_or(0, |(_, _, grew)| grew)))
    }

    fn cell(
        &self,
        title: &str,
        row: &str,
        column: &str,
    ) -> Result<Answer, String> {
        let Some(drawn) = self.figures.iter().find(|d| d.title == title) else {
            let titles = self.figures.iter().map(|d| d.title.as_str());
            let hint = nearest(title, titles);
            return Err(format!("no figure is called {title:?}; {hint}"));
        };
        let missing = |name: &str, names: &[&str]| {
            let hint = nearest(name, names.iter().copied());
            format!("the figure {title:?} has no {name:?}; {hint}")
        };
        match &drawn.figure {
            Figure::Table(table) => {
                let heads: Vec<_> =
                    table.head.iter().map(String::as_str).collect();
                let first =
                    |r: &'_ Vec<String>| r.first().cloned().unwrap_or_default();
                let rows: Vec<_> = table.rows.iter().map(first).collect();
                let rows: Vec<_> = rows.iter().map(String::as_str).collect();
                let at = heads.iter().position(|h| *h == column);
                let at = at.ok_or_else(|| missing(column, &heads))?;
                let found = rows.iter().position(|r| *r == row);
                let found = found.ok_or_else(|| missing(row, &rows))?;
                let cell = table.rows[found].get(at).map(String::as_str);
                Ok(Answer::read(cell.unwrap_or_default()))
            }
            Figure::Bars(bars) => {
                let names: Vec<_> =
                    bars.bars.iter().map(|(name, _)| name.as_str()).collect();
                let found = bars.bars.iter().find(|(name, _)| name == row);
                let found = found.ok_or_else(|| missing(row, &names))?;
                Ok(Answer::Number(found.1))
            }
            _ => Err(format!("the figure {title:?} has no cells")),
        }
    }
}
