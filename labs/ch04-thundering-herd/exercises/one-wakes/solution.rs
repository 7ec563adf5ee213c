//! Four workers wait for guests on one listener, and one is woken.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use nix::sys::epoll::{
    Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout,
};

fn main() -> std::io::Result<()> {
    let here = std::env::args().nth(1).expect("where to listen");
    let listener = TcpListener::bind(here)?;
    listener.set_nonblocking(true)?;
    std::thread::scope(|workers| {
        for number in 0..4 {
            let listener = &listener;
            workers.spawn(move || work(number, listener).expect("work"));
        }
    });
    Ok(())
}

fn work(number: u8, listener: &TcpListener) -> std::io::Result<()> {
    let epoll = Epoll::new(EpollCreateFlags::empty())?;
    // one guest, one of us: the first in the queue who waits
    let how = EpollFlags::EPOLLIN | EpollFlags::EPOLLEXCLUSIVE;
    epoll.add(listener, EpollEvent::new(how, 0))?;
    loop {
        epoll.wait(&mut [EpollEvent::empty()], EpollTimeout::NONE)?;
        let Ok((guest, _)) = listener.accept() else {
            continue; // another worker was quicker
        };
        let _ = serve(number, guest);
    }
}

/// One guest; a worker does nothing else meanwhile.
fn serve(number: u8, mut guest: TcpStream) -> std::io::Result<()> {
    guest.read_exact(&mut [0])?;
    guest.write_all(number.to_string().as_bytes())
}
