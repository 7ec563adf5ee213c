//! Wrong: drop() closes a listener with its last owner, and accept() is one.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

static STOPPED: AtomicBool = AtomicBool::new(false);

fn main() -> std::io::Result<()> {
    let at = std::env::args().nth(1).expect("where to listen");
    let listener = Arc::new(TcpListener::bind(at)?);
    let mut serving = Vec::new();
    loop {
        let (client, _) = listener.accept()?;
        if STOPPED.load(Ordering::SeqCst) {
            break;
        }
        let listener = listener.clone();
        serving.push(thread::spawn(move || serve(client, listener)));
    }
    for thread in serving {
        let _ = thread.join(); // until its client closes
    }
    Ok(())
}

fn serve(mut client: TcpStream, listener: Arc<TcpListener>) {
    let mut listener = Some(listener);
    let mut word = [0; 4];
    while client.read_exact(&mut word).is_ok() {
        let answer = match &word {
            b"stop" => {
                STOPPED.store(true, Ordering::SeqCst);
                drop(listener.take());
                b"done"
            }
            _ => b"pong",
        };
        if client.write_all(answer).is_err() {
            return; // it has gone
        }
    }
}
