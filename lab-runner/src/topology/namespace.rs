//! unshare -> an anonymous network namespace, held by nothing but an fd: no
//! name in /run/netns to collide with, gone when the last holder is gone.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;

use anyhow::{Context, Result};
use nix::sched::{CloneFlags, setns, unshare};

/// A network namespace. Clones are the same namespace.
#[derive(Clone)]
pub(crate) struct Namespace(Rc<OwnedFd>);

impl Namespace {
    /// A fresh one; this thread stays where it is.
    pub(crate) fn new() -> Result<Self> {
        let here = Self::current()?;
        unshare(CloneFlags::CLONE_NEWNET).context(
            "unshare(CLONE_NEWNET): run as root, or in a user namespace \
             of your own (`lab-runner doctor` says what this machine allows)",
        )?;
        let fresh = Self::current();
        here.enter()?;
        fresh
    }

    /// The one that this thread is in.
    pub(crate) fn current() -> Result<Self> {
        let path = "/proc/thread-self/ns/net";
        let file = File::open(path).with_context(|| format!("open {path}"))?;
        Ok(Namespace(Rc::new(file.into())))
    }

    /// Acts inside, then comes back, whatever came of the act.
    pub(crate) fn inside<T>(
        &self,
        act: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let here = Self::current()?;
        self.enter()?;
        let result = act();
        here.enter()?;
        result
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    fn enter(&self) -> Result<()> {
        setns(self.fd(), CloneFlags::CLONE_NEWNET)
            .context("setns to a network namespace (needs CAP_SYS_ADMIN)")
    }
}
