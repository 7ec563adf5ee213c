//! The two calls of epoll that most files of this chapter make.

use std::os::fd::AsFd;

use anyhow::Result;
use nix::sys::epoll::{
    Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout,
};

/// What a worker says when it has been told something.
pub(crate) const RETURNED: &str = "epoll_wait returned";

/// An epoll descriptor that watches one other.
pub(crate) fn watch(what: impl AsFd, how: EpollFlags) -> Result<Epoll> {
    let epoll = Epoll::new(EpollCreateFlags::empty())?;
    epoll.add(what, EpollEvent::new(how, 0))?;
    Ok(epoll)
}

/// Sleeps until there is something.
pub(crate) fn wait(epoll: &Epoll) -> Result<()> {
    epoll.wait(&mut [EpollEvent::empty()], EpollTimeout::NONE)?;
    Ok(())
}

/// What there is just now: `IN`, `IN HUP`, or `-`.
pub(crate) fn look(epoll: &Epoll) -> Result<String> {
    let mut found = [EpollEvent::empty(); 8];
    let count = epoll.wait(&mut found, EpollTimeout::ZERO)?;
    let flags = found[..count].iter().map(EpollEvent::events);
    let flags = flags.fold(EpollFlags::empty(), |all, f| all | f);
    let names = flags.iter_names().map(|(name, _)| &name["EPOLL".len()..]);
    let names = names.collect::<Vec<_>>().join(" ");
    Ok(if names.is_empty() { "-".into() } else { names })
}
