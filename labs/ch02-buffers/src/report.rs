//! What two exercises of this chapter send: a report that fits into no buffer,
//! and a reader that says how much of it has come.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;

use anyhow::Result;
use lab_kit::{Net, outcome};

/// The alphabet and a line feed, 24,000 times.
fn report() -> Vec<u8> {
    "abcdefghijklmnopqrstuvwxyz\n".repeat(24_000).into_bytes()
}

/// Starts the answer, tells it where the server is, and waits for its end.
pub(crate) fn client(net: &Net) -> Result<()> {
    net.wait_for("listening")?;
    let n = net.answer(&[&net.at("server", 7000).to_string()])?;
    net.answered(n)?;
    Ok(())
}

/// Reads until the end, or until something is wrong, and says what came and
/// what the end was. Each part is handed on at once.
pub(crate) fn read_report(
    mut client: &TcpStream,
    mut hand_on: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> (String, String) {
    let report = report();
    let (mut bytes, mut part) = (0, [0; 8192]);
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
