//! Wrong: one is woken, the one whose queue it is, busy or not.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use nix::sys::epoll::{
    Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout,
};
use socket2::{Domain, Socket, Type};

fn main() -> std::io::Result<()> {
    let here = std::env::args().nth(1).expect("where to listen");
    let here = here.parse().expect("an address and a port");
    std::thread::scope(|workers| -> std::io::Result<()> {
        for number in 0..4 {
            let own = open(here)?;
            workers.spawn(move || work(number, &own).expect("work"));
        }
        Ok(())
    })
}

fn work(number: u8, listener: &TcpListener) -> std::io::Result<()> {
    let epoll = Epoll::new(EpollCreateFlags::empty())?;
    epoll.add(listener, EpollEvent::new(EpollFlags::EPOLLIN, 0))?;
    loop {
        epoll.wait(&mut [EpollEvent::empty()], EpollTimeout::NONE)?;
        let Ok((guest, _)) = listener.accept() else {
            continue; // another worker was quicker
        };
        let _ = serve(number, guest);
    }
}

/// A listener of our own, beside those of the others.
fn open(here: SocketAddr) -> std::io::Result<TcpListener> {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    listener.set_reuse_port(true)?;
    listener.set_nonblocking(true)?;
    listener.bind(&here.into())?;
    listener.listen(128)?;
    Ok(listener.into())
}

/// One guest; a worker does nothing else meanwhile.
fn serve(number: u8, mut guest: TcpStream) -> std::io::Result<()> {
    guest.read_exact(&mut [0])?;
    guest.write_all(number.to_string().as_bytes())
}
