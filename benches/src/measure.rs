//! A line -> its result: rounds in which each contender has its turn, so that
//! what disturbs one disturbs all.

use anyhow::Result;

use crate::contender::Contender;
use crate::lines::Line;
use crate::results::{Absent, Flood, Goal, LineResult, Measured};
use crate::sample::{Sample, sample};
use crate::statistics::{Spread, exponent, ratio};

/// Measures a line in so many rounds, after one that is thrown away.
pub(crate) fn measure(line: &Line, rounds: u32, warm_up: bool) -> LineResult {
    let (here, absent) = present(&line.contenders);
    let mut rows: Vec<Row> = here.into_iter().map(Row::new).collect();
    for round in 0..rounds + u32::from(warm_up) {
        let counts = round > 0 || !warm_up;
        // Who begins changes: nobody always follows the same one.
        let first = round as usize % rows.len().max(1);
        rows.rotate_left(first);
        for row in rows.iter_mut().filter(|row| row.why.is_none()) {
            eprintln!("{}: {}, round {round}", line.name, row.of.name);
            row.take(counts);
        }
        rows.rotate_right(first);
    }
    result(line, &rows, absent)
}

/// Those who are here, and those who are not.
fn present(all: &[Contender]) -> (Vec<&Contender>, Vec<Absent>) {
    let (mut here, mut absent) = (Vec::new(), Vec::new());
    for contender in all {
        match &contender.lacking {
            None => here.push(contender),
            Some(why) => absent.push(Absent {
                name: contender.name.clone(),
                why: why.clone(),
            }),
        }
    }
    (here, absent)
}

/// One contender while it is measured.
struct Row<'a> {
    of: &'a Contender,
    samples: Vec<Sample>,
    why: Option<String>,
}

impl<'a> Row<'a> {
    fn new(of: &'a Contender) -> Self {
        Row { of, samples: Vec::new(), why: None }
    }

    fn take(&mut self, counts: bool) {
        let taken: Result<Sample> = sample(self.of);
        match taken {
            Ok(sample) if counts => self.samples.push(sample),
            Ok(_) => {}
            Err(why) => self.why = Some(format!("{why:#}")),
        }
    }

    /// Nobody who never does the job is fast at it.
    fn never_right(&self) -> Option<String> {
        let last = self.samples.last();
        let complaint = || match (self.flood(), last) {
            (Some(flood), _) => flood.to_string(),
            (None, Some(last)) => last.complaint.clone(),
            (None, None) => String::new(),
        };
        let never = self.samples.iter().all(|sample| sample.right == 0);
        let why = || format!("no verdict of it was right; {}", complaint());
        self.why.clone().or_else(|| never.then(why))
    }

    fn flood(&self) -> Option<Flood> {
        self.samples.iter().filter_map(|it| it.flood).reduce(Flood::and)
    }

    fn values(&self) -> Vec<f64> {
        self.samples.iter().map(|sample| sample.value).collect()
    }

    fn measured(&self, ours: Option<&[f64]>) -> Option<Measured> {
        let samples = self.values();
        let sum = |of: fn(&Sample) -> u64| self.samples.iter().map(of).sum();
        let peak = self.samples.iter().map(|sample| sample.peak_mb);
        Some(Measured {
            name: self.of.name.clone(),
            ours: self.of.ours,
            x: self.of.x,
            spread: Spread::of(&samples)?,
            ratio: ours.and_then(|ours| ratio(&samples, ours)),
            right: [sum(|s| s.right), sum(|s| s.due)],
            flood: self.flood(),
            peak_mb: peak.fold(0.0, f64::max),
            samples,
        })
    }
}

fn result(line: &Line, rows: &[Row], mut absent: Vec<Absent>) -> LineResult {
    let ours =
        rows.iter().find(|row| row.of.ours && row.never_right().is_none());
    let values = ours.map(Row::values);
    let mut contenders = Vec::new();
    for row in rows {
        if let Some(why) = row.never_right() {
            absent.push(Absent { name: row.of.name.clone(), why });
            continue;
        }
        // Of what grows each is another amount, and no ratio means anything.
        let is_ours = ours.is_some_and(|ours| std::ptr::eq(ours.of, row.of));
        let against = values.as_deref().filter(|_| !is_ours && !line.grows());
        contenders.extend(row.measured(against));
    }
    let points: Vec<(f64, f64)> = contenders
        .iter()
        .filter_map(|one| Some((one.x?, one.spread.median)))
        .collect();
    let mut result = LineResult {
        name: line.name.into(),
        title: line.title.into(),
        unit: line.unit.into(),
        more_is_better: line.more_is_better,
        goal: None,
        contenders,
        absent,
        exponent: line.grows().then(|| exponent(&points)).flatten(),
        note: line.note.clone(),
    };
    result.goal = line.goal.and_then(|(words, met)| {
        Some(Goal { words: words.into(), met: met(&result)? })
    });
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contender::Sampling;

    fn line(contenders: Vec<Contender>) -> Line {
        Line { contenders, ..Line::new("x", "X", "ms") }
    }

    #[test]
    fn who_is_not_there_or_fails_is_named_and_the_others_are_measured() {
        let shell = |name, script: &str| {
            Contender::new(name, &[&"sh", &"-c", &script])
                .sampled(Sampling::Verdict)
        };
        let ours = shell("ours", "echo pass").ours().right("pass");
        let lost = shell("lost", "true").needs("no-such-program-at-all");
        let fails = shell("fails", "echo no >&2; exit 9");
        let slow =
            shell("slow", "for n in 1 2 3 4; do sh -c :; done; echo pass");
        let line = line(vec![ours, lost, fails, slow]);
        let result = measure(&line, 3, false);
        let names: Vec<_> =
            result.contenders.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["ours", "slow"]);
        assert_eq!(result.absent[0].name, "lost");
        assert!(
            result.absent[1].why.contains("exit code 9"),
            "{:?}",
            result.absent
        );
        let slow = &result.contenders[1];
        assert_eq!((slow.samples.len(), slow.right), (3, [3, 3]));
        assert!(slow.ratio.unwrap().median > 1.0, "{slow:?}");
        assert!(result.contenders[0].ratio.is_none());
    }
}
