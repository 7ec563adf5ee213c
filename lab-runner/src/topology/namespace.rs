//! unshare -> an anonymous network namespace, held by nothing but an fd: no
//! name in /run/netns to collide with, gone when the last holder is gone.

use std::cell::RefCell;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;

use anyhow::{Context, Result};
use nix::sched::{CloneFlags, setns, unshare};

use super::netlink::Routing;

thread_local! {
    /// Where this thread is, once that was asked: only this file moves a
    /// thread that asks.
    static HERE: RefCell<Option<Namespace>> = const { RefCell::new(None) };
}

/// A network namespace. Clones are the same namespace.
#[derive(Clone)]
pub(crate) struct Namespace(Rc<Inner>);

struct Inner {
    fd: OwnedFd,
    /// Open since it was first needed.
    routing: RefCell<Option<Routing>>,
}

impl Namespace {
    /// A fresh one, once this was done in it; then this thread is back where
    /// it was.
    pub(crate) fn fresh(
        act: impl FnOnce(&Namespace) -> Result<()>,
    ) -> Result<Self> {
        let here = Self::current()?;
        unshare(CloneFlags::CLONE_NEWNET).context(
            "unshare(CLONE_NEWNET): run as root, or in a user namespace \
             of your own (`lab-runner doctor` says what this machine allows)",
        )?;
        let fresh = Self::open().inspect(Namespace::is_here);
        let done = fresh.and_then(|fresh| act(&fresh).map(|()| fresh));
        here.enter()?;
        done
    }

    /// The one that this thread is in.
    fn current() -> Result<Self> {
        if let Some(known) = HERE.with_borrow(Clone::clone) {
            return Ok(known);
        }
        Self::open().inspect(Namespace::is_here)
    }

    fn open() -> Result<Self> {
        let path = "/proc/thread-self/ns/net";
        let file = File::open(path).with_context(|| format!("open {path}"))?;
        let routing = RefCell::default();
        Ok(Namespace(Rc::new(Inner { fd: file.into(), routing })))
    }

    fn is_here(&self) {
        HERE.set(Some(self.clone()));
    }

    /// Acts inside, then comes back, whatever came of the act.
    pub(crate) fn inside<T>(
        &self,
        act: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let here = Self::current()?;
        if Rc::ptr_eq(&here.0, &self.0) {
            return act();
        }
        self.enter()?;
        let result = act();
        here.enter()?;
        result
    }

    /// Speaks rtnetlink with it.
    pub(crate) fn routing<T>(
        &self,
        act: impl FnOnce(&mut Routing) -> Result<T>,
    ) -> Result<T> {
        let mut routing = self.0.routing.borrow_mut();
        match &mut *routing {
            Some(open) => act(open),
            none => act(none.insert(Routing::open(self)?)),
        }
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.0.fd.as_fd()
    }

    fn enter(&self) -> Result<()> {
        setns(self.fd(), CloneFlags::CLONE_NEWNET)
            .context("setns to a network namespace (needs CAP_SYS_ADMIN)")?;
        self.is_here();
        Ok(())
    }
}
