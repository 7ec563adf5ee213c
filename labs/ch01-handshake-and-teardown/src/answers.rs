//! What the exercises of this chapter share: an answer in the client, and a
//! server that believes nothing.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::Result;
use lab_kit::{Net, outcome, secs, send_queue, tcp_state};

/// Starts the answer, tells it where the server is, and waits for its end.
pub(crate) fn client(net: &Net) -> Result<()> {
    net.wait_for("listening")?;
    let n = net.answer(&[&net.at("server", 7000).to_string()])?;
    net.answered(n)?;
    Ok(())
}

/// Reads until the end, and says what that was. A client may be anybody: it
/// gets so much time for each read, and 200 bytes in all.
pub(crate) fn read_all(
    mut client: &TcpStream,
    time: Duration,
) -> Result<(String, String)> {
    client.set_read_timeout(Some(time))?;
    let (mut text, mut part) = (Vec::new(), [0; 64]);
    let end = loop {
        match client.read(&mut part) {
            Ok(0) => break "end of file".into(),
            Ok(n) => text.extend_from_slice(&part[..n]),
            Err(error) => break outcome::<()>(Err(error)),
        }
        if text.len() > 200 {
            break "too long".into();
        }
    };
    Ok((String::from_utf8_lossy(&text).into_owned(), end))
}

/// What a client does in this time.
pub(crate) fn meanwhile(
    mut client: &TcpStream,
    time: Duration,
) -> Result<&'static str> {
    client.set_read_timeout(Some(time))?;
    Ok(match client.read(&mut [0; 64]) {
        Ok(0) => "ends",
        Ok(_) => "goes on talking",
        Err(error) if error.kind() == ErrorKind::WouldBlock => "waits",
        Err(_) => "resets",
    })
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
