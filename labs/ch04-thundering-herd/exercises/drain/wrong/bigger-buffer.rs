//! Wrong: it is still one read for each edge, and breaks later.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use nix::sys::epoll::{
    Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout,
};

const LISTENER: u64 = u64::MAX;

fn main() -> std::io::Result<()> {
    let here = std::env::args().nth(1).expect("where to listen");
    let listener = TcpListener::bind(here)?;
    listener.set_nonblocking(true)?;
    let epoll = Epoll::new(EpollCreateFlags::empty())?;
    let edge = EpollFlags::EPOLLIN | EpollFlags::EPOLLET;
    epoll.add(&listener, EpollEvent::new(edge, LISTENER))?;
    let mut guests: Vec<TcpStream> = Vec::new();
    loop {
        let mut events = [EpollEvent::empty(); 16];
        let count = epoll.wait(&mut events, EpollTimeout::NONE)?;
        for event in &events[..count] {
            if event.data() != LISTENER {
                let _ = hear(&guests[event.data() as usize]);
                continue;
            }
            while let Ok((guest, _)) = listener.accept() {
                guest.set_nonblocking(true)?;
                epoll
                    .add(&guest, EpollEvent::new(edge, guests.len() as u64))?;
                guests.push(guest);
            }
        }
    }
}

/// Something has come from this guest.
fn hear(mut guest: &TcpStream) -> std::io::Result<()> {
    let mut part = [0; 16 * 1024];
    let count = guest.read(&mut part)?;
    if part[..count].ends_with(b".") {
        guest.write_all(b"ok")?;
    }
    Ok(())
}
