//! Answers `ping`, until somebody says `stop`.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::thread;

use nix::sys::socket::{Shutdown, shutdown};

fn main() -> std::io::Result<()> {
    let at = std::env::args().nth(1).expect("where to listen");
    let listener = Arc::new(TcpListener::bind(at)?);
    let mut serving = Vec::new();
    // An error ends it: after shutdown(), accept() says EINVAL.
    while let Ok((client, _)) = listener.accept() {
        let listener = listener.clone();
        serving.push(thread::spawn(move || serve(client, &listener)));
    }
    for thread in serving {
        let _ = thread.join(); // until its client closes
    }
    Ok(())
}

fn serve(mut client: TcpStream, listener: &TcpListener) {
    let mut word = [0; 4];
    while client.read_exact(&mut word).is_ok() {
        let answer = match &word {
            b"stop" => {
                // The port is closed when this returns; then we may say so.
                let _ = shutdown(listener.as_raw_fd(), Shutdown::Both);
                b"done"
            }
            _ => b"pong",
        };
        if client.write_all(answer).is_err() {
            return; // it has gone
        }
    }
}
