//! A link's rules, marks and frames in order -> the fate of each frame.

use std::time::Duration;

use lab_kit::{Action, Link, Rule};

use super::frame::Summary;

/// What becomes of a frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Pass,
    Drop,
    Delay(Duration),
    Duplicate,
    Corrupt,
    /// Overtaken by this many.
    Reorder(u32),
    Hold,
}

pub(super) struct Rules {
    ends: [String; 2],
    rules: Vec<Active>,
    hold_all: bool,
}

struct Active {
    rule: Rule,
    begun: bool,
    ended: bool,
    matched: u32,
}

impl Rules {
    pub(super) fn new(link: &Link) -> Rules {
        let rules = link.rules.iter().map(|rule| Active {
            begun: rule.since.is_none(),
            rule: rule.clone(),
            ended: false,
            matched: 0,
        });
        Rules {
            ends: link.ends.clone(),
            rules: rules.collect(),
            hold_all: false,
        }
    }

    /// The first rule that picks the frame decides.
    pub(super) fn fate(&mut self, lane: usize, frame: &Summary) -> Fate {
        if !frame.ip {
            return Fate::Pass;
        }
        let from = &self.ends[lane];
        let mut fate = None;
        for active in &mut self.rules {
            if active.picks(from, frame) && fate.is_none() {
                fate = Some(match &active.rule.action {
                    Action::Drop => Fate::Drop,
                    Action::Delay(ns) => Fate::Delay(Duration::from_nanos(*ns)),
                    Action::Duplicate => Fate::Duplicate,
                    Action::Reorder(by) => Fate::Reorder(*by),
                    Action::Corrupt => Fate::Corrupt,
                    Action::Hold => Fate::Hold,
                });
            }
        }
        match fate {
            None if self.hold_all => Fate::Hold,
            None => Fate::Pass,
            Some(fate) => fate,
        }
    }

    /// Begins and ends rules at a mark; true: what is held may go.
    pub(super) fn mark(&mut self, name: &str) -> bool {
        let mut released = false;
        for active in &mut self.rules {
            if active.rule.since.as_deref() == Some(name) {
                active.begun = true;
            }
            if active.rule.until.as_deref() == Some(name) && !active.ended {
                active.ended = true;
                released |= active.rule.action == Action::Hold;
            }
        }
        released
    }

    /// A script's own hold; letting go ends the plan's hold rules too.
    pub(super) fn hold_all(&mut self, hold: bool) {
        self.hold_all = hold;
        for active in &mut self.rules {
            active.ended |= !hold && active.rule.action == Action::Hold;
        }
    }
}

impl Active {
    fn picks(&mut self, from: &str, frame: &Summary) -> bool {
        let pick = &self.rule.pick;
        let fits = self.begun
            && !self.ended
            && pick.from.as_deref().is_none_or(|host| host == from)
            && (!pick.data || frame.len > 0)
            && pick.flag.is_none_or(|flag| frame.flags.has(flag));
        if !fits {
            return false;
        }
        self.matched += 1;
        pick.nth.is_empty() || pick.nth.contains(&self.matched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab_kit::{Flags, drop, duplicate, every, hold, nth, wire};

    fn data() -> Summary {
        Summary { ip: true, flags: Flags("P.".into()), len: 5 }
    }

    fn fates(link: &Link, lanes: &[usize]) -> Vec<Fate> {
        let mut rules = Rules::new(link);
        lanes.iter().map(|&lane| rules.fate(lane, &data())).collect()
    }

    #[test]
    fn the_second_from_the_client_is_dropped_and_nothing_else() {
        let link = wire("client", "server").rule(drop(nth(2).from("client")));
        let all = fates(&link, &[1, 0, 1, 0, 0]);
        let want = [Fate::Pass, Fate::Pass, Fate::Pass, Fate::Drop, Fate::Pass];
        assert_eq!(all, want);
    }

    #[test]
    fn a_rule_sleeps_until_its_mark_and_ends_with_another() {
        let rule = hold(every()).since("ready").until("go");
        let mut rules = Rules::new(&wire("a", "b").rule(rule));
        assert_eq!(rules.fate(0, &data()), Fate::Pass);
        assert!(!rules.mark("ready"));
        assert_eq!(rules.fate(0, &data()), Fate::Hold);
        assert!(rules.mark("go"), "what was held is let go");
        assert_eq!(rules.fate(0, &data()), Fate::Pass);
    }

    #[test]
    fn arp_is_nobodys_business() {
        let link = wire("a", "b").rule(duplicate(every()));
        let mut rules = Rules::new(&link);
        assert_eq!(rules.fate(0, &Summary::default()), Fate::Pass);
        assert_eq!(rules.fate(0, &data()), Fate::Duplicate);
    }
}
