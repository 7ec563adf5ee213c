//! pid 1 of the box, from its first instruction to its last. The order is the
//! point: each step still has the rights that it needs, and no later one.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;

use anyhow::{Context, Result, bail};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{sethostname, setsid};

use crate::enter::Identity;
use crate::files::Sources;
use crate::report::{Layers, Voice, Word};
use crate::spec::Layer;
use crate::start::Job;
use crate::warden::tie;
use crate::{cgroup, landlock, limits, reaper, rights, seccomp};

/// All that pid 1 begins with.
pub(crate) struct Inside {
    pub(crate) job: Job,
    pub(crate) shares: Vec<Option<OwnedFd>>,
    pub(crate) layers: Layers,
    pub(crate) identity: Identity,
    pub(crate) weak: bool,
    pub(crate) stdin: OwnedFd,
    pub(crate) stdout: OwnedFd,
    pub(crate) stderr: OwnedFd,
    pub(crate) voice: Voice,
    pub(crate) go: OwnedFd,
    /// Its cgroup's, where it has to enter by itself.
    pub(crate) doors: Vec<File>,
    /// Takes the box's own file systems, for the warden.
    pub(crate) hand: OwnedFd,
}

impl Inside {
    /// Its exit code.
    pub(crate) fn live(mut self) -> i32 {
        let lived = self.prepare().and_then(|()| reaper::run(&mut self));
        if let Err(error) = lived {
            let words = format!("{error:#}");
            let _ = self.voice.say(&Word::Failed(words));
        }
        0
    }

    fn prepare(&mut self) -> Result<()> {
        cgroup::enter(std::mem::take(&mut self.doors))?;
        self.await_permission()?;
        // Not before: what it looks at would be the permission.
        tie(&self.go)?;
        self.unshare_the_rest()?;
        let sources = Sources::open(&self.job, &self.shares, &self.layers)?;
        self.become_the_student()?;
        sources.build(&self.job.limits, &mut self.layers, &self.hand)?;
        self.set_limits()?;
        self.give_up_rights()
    }

    /// Until the warden has written our maps.
    fn await_permission(&self) -> Result<()> {
        let mut go = File::from(self.go.try_clone()?);
        if go.read(&mut [0])? != 1 {
            bail!("the warden has gone");
        }
        Ok(())
    }

    fn unshare_the_rest(&mut self) -> Result<()> {
        let layers = &mut self.layers;
        // Now, so that the view begins at the cgroup that we are in.
        layers.apply(Layer::CgroupView, || {
            unshare(CloneFlags::CLONE_NEWCGROUP).context("hide the cgroups")?;
            Ok("a namespace".into())
        })?;
        layers.apply(Layer::Session, || {
            setsid().context("leave the terminal")?;
            Ok("a session without a terminal".into())
        })?;
        layers.apply(Layer::Pid, || Ok("a namespace".into()))?;
        layers.apply(Layer::Ipc, || Ok("a namespace".into()))?;
        layers.apply(Layer::Uts, || {
            sethostname("box").context("name the box")?;
            Ok("a namespace".into())
        })
    }

    fn become_the_student(&mut self) -> Result<()> {
        let identity = self.identity;
        self.layers.apply(Layer::User, || {
            rights::become_the_student(identity.spare)?;
            Ok(identity.note())
        })?;
        // A change of uid clears it.
        tie(&self.go)
    }

    fn set_limits(&mut self) -> Result<()> {
        let (limits, weak) = (&self.job.limits, self.weak);
        self.layers.apply(Layer::Rlimits, || limits::set(limits, weak))
    }

    fn give_up_rights(&mut self) -> Result<()> {
        let layers = &mut self.layers;
        layers.apply(Layer::Capabilities, rights::drop_capabilities)?;
        layers.apply(Layer::NoNewPrivileges, rights::no_new_privileges)?;
        layers.apply(Layer::Hidden, rights::hide)?;
        match layers.wants(Layer::Landlock) {
            true => landlock::restrict(&self.job, layers),
            false => layers.off(Layer::Landlock, "switched off by the caller"),
        }
        let weak = self.weak;
        layers.apply(Layer::Seccomp, || {
            seccomp::install(weak)?;
            Ok(if weak { "and no memory files" } else { "on" }.into())
        })?;
        layers.apply(Layer::Descriptors, || Ok("0, 1 and 2".into()))?;
        layers.apply(Layer::Environment, || Ok("rebuilt".into()))
    }
}
