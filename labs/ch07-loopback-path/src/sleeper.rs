//! Something to sleep on, something that wakes the sleeper, and a way to know
//! that it sleeps.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use anyhow::{Result, bail};
use lab_kit::Net;
use nix::unistd::Pid;

use crate::pair::connect;

/// Something that is done; the socket that it was done with, or got.
pub(crate) type Act = Box<dyn FnOnce() -> OwnedFd + Send>;

/// What the sleeper does, and what wakes it.
pub(crate) fn ends(net: &Net, by: &str) -> Result<(Act, Act)> {
    match by {
        "pipe" => Ok(acts(io::pipe()?)),
        "unix" => Ok(acts(UnixStream::pair()?)),
        "tcp" => connect(net).map(|(client, server)| acts((server, client))),
        "connect" => {
            let at = net.on("server", || net.here(7000));
            let listener = net.on("server", || TcpListener::bind(at))?;
            let accept = listener.try_clone()?;
            net.keep(listener);
            Ok((
                Box::new(move || accept.accept().expect("a client").0.into()),
                Box::new(move || {
                    TcpStream::connect(at).expect("a listener").into()
                }),
            ))
        }
        _ => bail!("client:by={by}: pipe, unix, tcp or connect"),
    }
}

fn acts<R, W>((mut reader, mut writer): (R, W)) -> (Act, Act)
where
    R: Read + Into<OwnedFd> + Send + 'static,
    W: Write + Into<OwnedFd> + Send + 'static,
{
    let read = move || {
        reader.read_exact(&mut [0; 5]).expect("read what was written");
        reader.into()
    };
    let write = move || {
        writer.write_all(b"hello").expect("write");
        writer.into()
    };
    (Box::new(read), Box::new(write))
}

/// Whether a thread of ours sleeps in a system call that waits for data.
pub(crate) fn is_asleep(thread: Pid) -> Result<bool> {
    let wchan = fs::read_to_string(format!("/proc/self/task/{thread}/wchan"))?;
    let waits = ["pipe_read", "unix_stream", "woken", "sk_wait", "accept"];
    Ok(waits.iter().any(|word| wchan.contains(word)))
}
