//! The job -> a Landlock domain: reads anywhere in the box's root, writes where
//! something writable was shared. As much of it as the running kernel knows.

use std::path::Path;

use anyhow::Result;
use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope, path_beneath_rules,
};

use crate::report::Layers;
use crate::spec::Layer;
use crate::start::Job;

/// The newest that was tried here.
const TRIED: ABI = ABI::V6;
const WRITABLE: [&str; 4] = ["/tmp", "/dev/null", "/dev/zero", "/dev/full"];

/// Best effort: it stands behind the box's root, which is enough by itself.
pub(crate) fn restrict(job: &Job, layers: &mut Layers) {
    match enforce(job) {
        Ok(RulesetStatus::FullyEnforced) => layers.on(Layer::Landlock, "all"),
        Ok(RulesetStatus::PartiallyEnforced) => {
            layers.on(Layer::Landlock, "what this kernel knows of it");
        }
        Ok(RulesetStatus::NotEnforced) => {
            layers.off(Layer::Landlock, "not in this kernel");
        }
        Err(error) => layers.off(Layer::Landlock, format!("{error:#}")),
    }
}

fn enforce(job: &Job) -> Result<RulesetStatus> {
    let shared = job.shares.iter().filter(|share| share.writable);
    let shared = shared.map(|share| Path::new(&share.inside));
    let writable: Vec<_> =
        WRITABLE.iter().map(Path::new).chain(shared).collect();
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(TRIED))?
        .scope(Scope::AbstractUnixSocket | Scope::Signal)?
        .create()?
        .add_rules(path_beneath_rules(["/"], AccessFs::from_read(TRIED)))?
        .add_rules(path_beneath_rules(writable, AccessFs::from_all(TRIED)))?
        .restrict_self()?;
    Ok(status.ruleset)
}
