//! Answers `ping`, until somebody says `stop`.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

static STOPPED: AtomicBool = AtomicBool::new(false);

fn main() -> std::io::Result<()> {
    let at = std::env::args().nth(1).expect("where to listen");
    let listener = TcpListener::bind(at)?;
    let mut serving = Vec::new();
    // TODO: when does anybody look at this?
    while !STOPPED.load(Ordering::SeqCst) {
        let (client, _) = listener.accept()?;
        serving.push(thread::spawn(|| serve(client)));
    }
    for thread in serving {
        let _ = thread.join(); // until its client closes
    }
    Ok(())
}

fn serve(mut client: TcpStream) {
    let mut word = [0; 4];
    while client.read_exact(&mut word).is_ok() {
        let answer = match &word {
            b"stop" => {
                STOPPED.store(true, Ordering::SeqCst);
                b"done"
            }
            _ => b"pong",
        };
        if client.write_all(answer).is_err() {
            return; // it has gone
        }
    }
}
