//! A client of a server that is somebody's answer: it can't be kept waiting,
//! and what it meets is told in words.

use std::io::ErrorKind::WouldBlock;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::Result;
use socket2::SockRef;

use crate::net::Net;
use crate::tcp::outcome;

/// For a SYN that nobody answers.
const CONNECT: Duration = Duration::from_secs(1);

/// A connection to an answer, or why there is none.
pub struct Guest(io::Result<TcpStream>);

impl Guest {
    /// For a script: somebody connects from this host and says this. When it
    /// returns, all that can come of it has come ([`Net::still`]).
    pub fn call(
        net: &Net,
        from: &str,
        to: SocketAddr,
        words: &[u8],
    ) -> Result<Guest> {
        let connect = || TcpStream::connect_timeout(&to, CONNECT);
        let mut guest = Guest(net.on(from, connect));
        if let Ok(connected) = &guest.0 {
            connected.set_nonblocking(true)?;
        }
        guest.says(net, words)?;
        Ok(guest)
    }

    /// Says something more, and lets all come of it that can.
    pub fn says(&mut self, net: &Net, words: &[u8]) -> Result<()> {
        if let Ok(connected) = &mut self.0 {
            let said = connected.write_all(words).and_then(|()| {
                // No late ACK, for which all would have to wait.
                SockRef::from(&*connected).set_tcp_quickack(true)
            });
            if let Err(error) = said {
                self.0 = Err(error);
            }
        }
        net.still().map(drop)
    }

    /// What it has been told by now: up to 64 bytes, `the end`, `-` for
    /// nothing, or an errno.
    pub fn told(&mut self) -> String {
        let mut words = [0; 64];
        let read = match &mut self.0 {
            Ok(connected) => connected.read(&mut words),
            Err(error) => Err(copy(error)),
        };
        match read {
            Ok(0) => "the end".into(),
            Ok(n) => String::from_utf8_lossy(&words[..n]).into_owned(),
            Err(error) if error.kind() == WouldBlock => "-".into(),
            Err(error) => outcome::<()>(Err(error)),
        }
    }
}

fn copy(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error.kind().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn pair() -> (Guest, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = listener.local_addr().unwrap();
        let guest = TcpStream::connect(to).unwrap();
        guest.set_nonblocking(true).unwrap();
        (Guest(Ok(guest)), listener.accept().unwrap().0)
    }

    fn until(guest: &mut Guest, wanted: &str) {
        while guest.told() != wanted {
            std::thread::yield_now();
        }
    }

    #[test]
    fn what_it_is_told_is_words_an_end_or_an_errno() {
        let (mut guest, mut server) = pair();
        assert_eq!(guest.told(), "-");
        server.write_all(b"ok").unwrap();
        until(&mut guest, "ok");
        drop(server);
        until(&mut guest, "the end");

        let (mut guest, server) = pair();
        SockRef::from(&server).set_linger(Some(Duration::ZERO)).unwrap();
        drop(server);
        until(&mut guest, "ECONNRESET");
        let mut nobody = Guest(Err(io::ErrorKind::TimedOut.into()));
        assert_eq!(nobody.told(), "timed out");
    }
}
