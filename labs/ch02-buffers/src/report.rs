//! What two exercises of this chapter send: a report that fits into no buffer,
//! and a reader that says how much of it has come.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::time::Instant;

use anyhow::Result;
use lab_kit::{Net, outcome, secs, send_queue, tcp_state};

/// The alphabet and a line feed, 37,000 times.
fn report() -> Vec<u8> {
    "abcdefghijklmnopqrstuvwxyz\n".repeat(37_000).into_bytes()
}

/// Starts the answer, tells it where the server is, and waits for its end.
pub(crate) fn client(net: &Net) -> Result<()> {
    net.wait_for("listening")?;
    let n = net.answer(&[&net.at("server", 7000).to_string()])?;
    net.answered(n)?;
    Ok(())
}

/// Waits, for a second at most, until the client has read what it was sent, or
/// has closed and reset us. The end of the stream must
/// wait for this: after it, a `close()` with bytes unread tells nobody.
pub(crate) fn until_read(net: &Net, server: &TcpStream) -> Result<()> {
    let begin = Instant::now();
    net.until("the client has read it, or hasn't", || {
        if tcp_state(server)? == "CLOSED" {
            return Ok(true); // it was reset
        }
        let all = net.sockets("client")?;
        let mut ours = all.iter().filter(|s| s.remote_port == 7000);
        let read = send_queue(server)? == 0 && ours.all(|s| s.recv_q == 0);
        Ok(read || begin.elapsed() > secs(1))
    })
}

/// Reads until the end, or until something is wrong, and says what came and
/// what the end was. Each part is handed on at once.
pub(crate) fn read_report(
    mut client: &TcpStream,
    mut hand_on: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> (String, String) {
    let report = report();
    let (mut bytes, mut part) = (0, vec![0; 65_536]);
    let end = loop {
        let read = match client.read(&mut part) {
            Ok(0) => break "end of file".into(),
            Ok(n) => &part[..n],
            Err(error) => break outcome::<()>(Err(error)),
        };
        if report.get(bytes..bytes + read.len()) != Some(read) {
            return (format!("wrong after {bytes} bytes"), "not read".into());
        }
        bytes += read.len();
        match hand_on(read) {
            Ok(()) => {}
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                break "stuck".into();
            }
            Err(error) => break outcome::<()>(Err(error)),
        }
    };
    let text = match bytes {
        0 => "nothing".into(),
        n if n == report.len() => "whole".into(),
        n => format!("its first {n} bytes"),
    };
    (text, end)
}
