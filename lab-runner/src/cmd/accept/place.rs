//! A run and an order -> under which name its trace is kept: the experiment's
//! own, a declared variant's, or this series of kernels'.

use std::io::IsTerminal;

use anyhow::{Result, bail};

use super::{Order, answer};
use crate::check::{Accepted, Comparison, files, kept_on, name_on};
use crate::discover::Lab;
use crate::kernel::version;
use crate::run::Run;

/// Where a trace goes.
pub(super) enum Place {
    Own(String),
    Declared(String),
    /// Beside the experiment's own, of another series; with the reason.
    Beside {
        name: String,
        reason: String,
    },
    /// It would be, but it is the same.
    NotNeeded {
        instead_of: String,
    },
}

impl Place {
    pub(super) fn of(lab: &Lab, run: &Run, order: &Order) -> Result<Place> {
        let own = &run.plan.name;
        if let Some(variant) = order.variant {
            return Ok(Place::Declared(format!("{own}@{variant}")));
        }
        let path = lab.kept(own, "snap");
        if order.main || !path.exists() {
            return Ok(Place::Own(own.clone()));
        }
        let kernel = &run.notes.seen.kernel;
        let accepted = Accepted::read(&path)?;
        if version(&accepted.kernel) == version(kernel) {
            let variants = run.plan.variants.iter();
            let mut names = variants.map(|v| format!("{own}@{}", v.name));
            let seen = names.find(|name| is_the_same(lab, run, name));
            return Ok(Place::Own(seen.unwrap_or_else(|| own.clone())));
        }
        let name = name_on(own, kernel);
        if accepted.is(&run.text) {
            return Ok(Place::NotNeeded { instead_of: name });
        }
        let reason = reason(lab, &name, order, &accepted.kernel)?;
        Ok(Place::Beside { name, reason })
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Place::Own(name) | Place::Declared(name) => name,
            Place::Beside { name, .. } => name,
            Place::NotNeeded { instead_of } => instead_of,
        }
    }

    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Place::Beside { reason, .. } => Some(reason),
            _ => None,
        }
    }

    pub(super) fn is_declared(&self) -> bool {
        matches!(self, Place::Declared(_))
    }

    /// Whether this text is what is kept there, for this reason.
    pub(super) fn is_kept(&self, lab: &Lab, text: &str) -> bool {
        let kept = Accepted::read(&lab.kept(self.name(), "snap"));
        kept.is_ok_and(|kept| {
            kept.is(text) && kept.reason.as_deref() == self.reason()
        })
    }

    /// For a question.
    pub(super) fn told(&self) -> String {
        match self {
            Place::Own(name) | Place::Declared(name) => {
                format!("the trace of {name}")
            }
            _ => {
                format!("{}, beside the trace that the book draws", self.name())
            }
        }
    }

    /// An experiment's own trace needs none beside it of the same series.
    pub(super) fn tidy(&self, lab: &Lab) {
        let Place::Own(own) = self else { return };
        let Ok(now) = Accepted::read(&lab.kept(own, "snap")) else { return };
        for kept in kept_on(lab, own) {
            let kernel = Accepted::read(&lab.kept(&kept.name, "snap"));
            let needless = kept.series == version(&now.kernel)
                || kernel.is_ok_and(|other| other.is_as(&now));
            if needless {
                for file in files(lab, &kept.name) {
                    let _ = std::fs::remove_file(file);
                }
            }
        }
    }
}

/// Whether the run was the same as this.
fn is_the_same(lab: &Lab, run: &Run, name: &str) -> bool {
    let same = lab.kept(name, "snap");
    matches!(&run.comparison, Comparison::Same { path, .. } if *path == same)
}

/// As it was told, as it is kept already, or as somebody says now.
fn reason(lab: &Lab, name: &str, order: &Order, than: &str) -> Result<String> {
    let said = order.reason.map(str::trim).filter(|said| !said.is_empty());
    if let Some(said) = said {
        return Ok(said.into());
    }
    let path = lab.kept(name, "snap");
    let kept = Accepted::read(&path).ok().and_then(|kept| kept.reason);
    if let Some(kept) = kept {
        return Ok(kept);
    }
    let asked = match std::io::stdin().is_terminal() {
        true => answer("why does this series' trace differ? ", "")?,
        false => String::new(),
    };
    if asked.is_empty() {
        bail!(
            "the accepted trace is of Linux {than}, and this series' is kept \
             beside it with the reason why it differs: --reason TEXT (or \
             --main, if the book is to draw this one)"
        );
    }
    Ok(asked)
}
