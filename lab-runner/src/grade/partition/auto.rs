//! The engine's environment -> which part of the class this job is.
//!
//! | engine | index | parts |
//! |---|---|---|
//! | any | `LAB_PARTITION`, as `--partition` has it | |
//! | any that counts from 0 | `LAB_PARTITION_INDEX` | `LAB_PARTITION_COUNT` |
//! | Slurm array | `SLURM_ARRAY_TASK_ID` | `.._COUNT`, `.._MIN`, `.._STEP` |
//! | Kubernetes Indexed Job | `JOB_COMPLETION_INDEX` | `LAB_PARTITION_COUNT` |
//! | GitLab `parallel` | `CI_NODE_INDEX`, from 1 | `CI_NODE_TOTAL` |
//! | Nomad | `NOMAD_ALLOC_INDEX` | `LAB_PARTITION_COUNT` |
//!
//! Kubernetes and Nomad tell a job its index only: set `LAB_PARTITION_COUNT` in
//! the manifest to its `completions` or `count`. GitHub tells a job nothing:
//! set `LAB_PARTITION_INDEX: ${{ strategy.job-index }}` and
//! `LAB_PARTITION_COUNT: ${{ strategy.job-total }}`.

use anyhow::{Context, Result, bail, ensure};

use super::{Dealt, Partition, number};

const COUNT: &str = "LAB_PARTITION_COUNT";
const ENGINES: [&str; 5] = [
    "LAB_PARTITION_INDEX",
    "SLURM_ARRAY_TASK_ID",
    "JOB_COMPLETION_INDEX",
    "CI_NODE_INDEX",
    "NOMAD_ALLOC_INDEX",
];
const INSTEAD: &str = "say which part this is: --partition slice:K/N";

/// The part that the environment names; slices of it.
pub(super) fn find(get: impl Fn(&str) -> Option<String>) -> Result<Partition> {
    let get = |name: &str| get(name).filter(|value| !value.is_empty());
    if let Some(text) = get("LAB_PARTITION") {
        return text.parse().context("read LAB_PARTITION");
    }
    let found: Vec<_> =
        ENGINES.into_iter().filter(|name| get(name).is_some()).collect();
    match found[..] {
        [name] => by(name, &Environment { get: &get })
            .with_context(|| format!("{INSTEAD}; --partition auto")),
        [] => bail!(
            "--partition auto: none of {} and LAB_PARTITION is set; {INSTEAD}",
            ENGINES.join(", ")
        ),
        _ => bail!(
            "--partition auto: two engines, {} are set; {INSTEAD}",
            found.join(" and ")
        ),
    }
}

fn by(name: &str, environment: &Environment<'_>) -> Result<Partition> {
    let index = environment.number(name)?;
    let (part, of) = match name {
        "SLURM_ARRAY_TASK_ID" => environment.array(index)?,
        "CI_NODE_INDEX" => (index, environment.number("CI_NODE_TOTAL")?),
        _ => (index.saturating_add(1), environment.number(COUNT)?),
    };
    Partition::new(Dealt::Slice, part, of)
        .with_context(|| format!("{name}={index}"))
}

struct Environment<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
}

impl Environment<'_> {
    fn number(&self, name: &str) -> Result<u32> {
        let text = (self.get)(name);
        let text = text.with_context(|| format!("{name} is not set"))?;
        number(&text).with_context(|| format!("read {name}"))
    }

    /// `--array=1-7:2` has tasks 1, 3, 5 and 7. A list with gaps has no place
    /// in the whole, nor has a part of an array that is started again:
    /// `--array=3` for one of four looks like that, a lone task always does.
    fn array(&self, id: u32) -> Result<(u32, u32)> {
        let of = |what| self.number(&format!("SLURM_ARRAY_TASK_{what}"));
        let (least, most) = (of("MIN")?, of("MAX")?);
        let (count, step) = (of("COUNT")?, of("STEP")?.max(1));
        let tasks = format!(
            "an array of {count} tasks, {least} to {most} by {step}, and this \
             is task {id}"
        );
        ensure!((least..=most).contains(&id), "{tasks}");
        let (nth, last) = (id - least, most - least);
        ensure!(
            nth.is_multiple_of(step)
                && (last / step).saturating_add(1) == count,
            "{tasks}: it has gaps"
        );
        match (self.get)(COUNT) {
            Some(_) => {
                let whole = self.number(COUNT)?;
                ensure!(whole == count, "{tasks}, but {COUNT} is {whole}");
            }
            None => ensure!(
                count > 1 && least <= 1,
                "{tasks}: is it a part of an array that is started again? \
                 Then set LAB_PARTITION to slice:K/N; if it is all there is, \
                 set {COUNT} to {count}"
            ),
        }
        Ok((nth / step + 1, count))
    }
}
