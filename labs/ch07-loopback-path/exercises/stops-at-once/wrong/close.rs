//! Wrong: close() takes the number away. The thread that is in accept() keeps the
//! listener, for one more client.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::thread;

use nix::unistd::close;

fn main() -> std::io::Result<()> {
    let at = std::env::args().nth(1).expect("where to listen");
    let listener = TcpListener::bind(at)?;
    let mut serving = Vec::new();
    // An error ends it: the next accept() says EBADF.
    while let Ok((client, _)) = listener.accept() {
        let listener = listener.as_raw_fd();
        serving.push(thread::spawn(move || serve(client, listener)));
    }
    for thread in serving {
        let _ = thread.join(); // until its client closes
    }
    Ok(())
}

fn serve(mut client: TcpStream, listener: RawFd) {
    let mut word = [0; 4];
    while client.read_exact(&mut word).is_ok() {
        let answer = match &word {
            b"stop" => {
                let _ = close(listener);
                b"done"
            }
            _ => b"pong",
        };
        if client.write_all(answer).is_err() {
            return; // it has gone
        }
    }
}
