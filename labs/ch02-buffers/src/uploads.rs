//! The two clients of the exercise [`last_word`](crate::last_word): one that
//! uploads and listens, and one that never stops.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::time::Instant;

use anyhow::Result;
use lab_kit::{Net, outcome, secs};
use nix::poll::{PollFd, PollFlags, poll};

// ANCHOR: client
pub(crate) fn client(net: &Net) -> Result<()> {
    let begin = Instant::now();
    net.until("the answer listens, or doesn't", || {
        let all = net.sockets("server")?;
        let listens = all.iter().any(|s| s.local_port == 7000);
        Ok(listens || begin.elapsed() > secs(4))
    })?;
    if let Ok(server) = TcpStream::connect(net.at("server", 7000)) {
        upload(net, server)?;
    }
    if let Ok(server) = TcpStream::connect(net.at("server", 7000)) {
        go_on(net, server)?;
    }
    net.mark("both clients are done")
}

fn upload(net: &Net, mut server: TcpStream) -> Result<()> {
    server.set_write_timeout(Some(secs(1)))?;
    let _ = server.write_all(b"20000 bytes follow\n");
    let _ = server.write_all(&[b'x'; 10_000]);
    net.observe("answer", answer(&server)?)?;
    let second = server.write_all(&[b'x'; 10_000]);
    net.observe("second half", outcome(second))?;
    let _ = server.shutdown(Shutdown::Write);
    let end = match server.read(&mut [0; 10]) {
        Ok(0) => "end of file".into(),
        other => outcome(other),
    };
    net.observe("then", end)
}

/// Ten bytes that come within a second, or why they don't.
fn answer(mut server: &TcpStream) -> Result<String> {
    let mut answer = [0; 10];
    server.set_read_timeout(Some(secs(1)))?;
    let read = server.read_exact(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    Ok(read.map_or_else(|error| error.to_string(), |()| text))
}

/// A byte every 200 ms, until the server has answered and hung up.
fn go_on(net: &Net, mut server: TcpStream) -> Result<()> {
    let begin = Instant::now();
    let _ = server.write_all(b"20000 bytes follow\n");
    net.observe("answer", answer(&server)?)?;
    let mut end = "still here";
    while begin.elapsed() < secs(3) {
        if server.write_all(b"x").is_err() {
            end = "let go";
            break;
        }
        // No event is asked for: what ends this early is a RST.
        let mut resets = [PollFd::new(server.as_fd(), PollFlags::empty())];
        poll(&mut resets, 200_u16)?;
    }
    net.observe("in the end it is", end)
}
// ANCHOR_END: client
