//! Two ways to answer on many connections: a process each, or one for all.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::Result;
use lab_kit::figure::Bars;
use lab_kit::{Evidence, Figure};
use nix::sys::epoll::{
    Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout,
};

use crate::crew::Desk;
use crate::watch::wait;

// ANCHOR: workers
pub(crate) fn blocking(mut connection: &TcpStream) -> Result<()> {
    loop {
        connection.read_exact(&mut [0])?;
        connection.write_all(b"!")?;
    }
}

pub(crate) fn one_for_all(
    desk: &Desk,
    pairs: &[(TcpStream, TcpStream)],
) -> Result<()> {
    let epoll = Epoll::new(EpollCreateFlags::empty())?;
    for (n, (_, connection)) in pairs.iter().enumerate() {
        epoll
            .add(connection, EpollEvent::new(EpollFlags::EPOLLIN, n as u64))?;
    }
    let mut found = [EpollEvent::empty(); 8];
    loop {
        wait(&epoll)?;
        desk.gate("busy")?;
        loop {
            let count = epoll.wait(&mut found, EpollTimeout::ZERO)?;
            if count == 0 {
                break; // all is done: sleep
            }
            for event in &found[..count] {
                let mut connection = &pairs[event.data() as usize].1;
                connection.read_exact(&mut [0])?;
                connection.write_all(b"!")?;
            }
        }
    }
}
// ANCHOR_END: workers

/// How often each of them went to sleep.
pub(crate) fn sleeps(run: &Evidence) -> Bars {
    let keys = ["a process each", "one epoll"].iter();
    keys.fold(Figure::bars("context switches"), |bars, key| {
        let times = run.observed("server", key).number().value();
        bars.bar(key, times.unwrap_or(0))
    })
}
