//! Wrong: one epoll for all is a stack: the last who came back is next.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use nix::sys::epoll::{
    Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout,
};

fn main() -> std::io::Result<()> {
    let here = std::env::args().nth(1).expect("where to listen");
    let listener = TcpListener::bind(here)?;
    listener.set_nonblocking(true)?;
    let epoll = Epoll::new(EpollCreateFlags::empty())?;
    let how = EpollFlags::EPOLLIN | EpollFlags::EPOLLET;
    epoll.add(&listener, EpollEvent::new(how, 0))?;
    std::thread::scope(|workers| {
        for number in 0..4 {
            let (listener, epoll) = (&listener, &epoll);
            workers.spawn(move || work(number, listener, epoll).expect("work"));
        }
    });
    Ok(())
}

fn work(
    number: u8,
    listener: &TcpListener,
    epoll: &Epoll,
) -> std::io::Result<()> {
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
