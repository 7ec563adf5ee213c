//! A client of a server that is somebody's answer: it can't be kept waiting,
//! and what it meets is told in words.

use std::io::ErrorKind::WouldBlock;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::Result;
use socket2::SockRef;

use crate::net::Net;
use crate::tasks::Sleeps;
use crate::tcp::outcome;

/// For a SYN that nobody answers.
const CONNECT: Duration = Duration::from_secs(1);

/// Of what it is told, this much is kept: nobody has to say more.
const MOST_HEARD: usize = 64;

/// A connection to an answer, or why there is none.
pub struct Guest {
    connection: io::Result<TcpStream>,
    heard: Vec<u8>,
    /// It was told the end.
    ended: bool,
    sleeps: Option<Sleeps>,
}

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
        let mut guest = Guest::new(net.on(from, connect))?;
        guest.says(net, words)?;
        Ok(guest)
    }

    fn new(connection: io::Result<TcpStream>) -> Result<Guest> {
        if let Ok(connected) = &connection {
            connected.set_nonblocking(true)?;
        }
        let (heard, ended, sleeps) = (Vec::new(), false, None);
        Ok(Guest { connection, heard, ended, sleeps })
    }

    /// Says something more, and lets all come of it that can.
    pub fn says(&mut self, net: &Net, words: &[u8]) -> Result<()> {
        if let Ok(connected) = &mut self.connection
            && let Err(error) = connected.write_all(words)
        {
            self.connection = Err(error);
        }
        self.sleeps = net.still_while(|| self.listen())?;
        Ok(())
    }

    /// How often the answers' threads had gone to sleep by then.
    pub fn sleeps(&self) -> Option<&Sleeps> {
        self.sleeps.as_ref()
    }

    /// What it has been told since it was last asked: up to 64 bytes, `the
    /// end`, `-` for nothing, or an errno.
    pub fn told(&mut self) -> String {
        self.listen();
        let heard = std::mem::take(&mut self.heard);
        match &self.connection {
            _ if !heard.is_empty() => String::from_utf8_lossy(&heard).into(),
            Ok(_) if self.ended => "the end".into(),
            Ok(_) => "-".into(),
            Err(error) => outcome::<()>(Err(copy(error))),
        }
    }

    /// Reads what has come. Nothing unread, so that an ACK is never late.
    fn listen(&mut self) {
        let Ok(connected) = &mut self.connection else { return };
        let mut part = [0; MOST_HEARD];
        while !self.ended && self.heard.len() < MOST_HEARD {
            match connected.read(&mut part) {
                Ok(0) => self.ended = true,
                Ok(n) => self.heard.extend_from_slice(&part[..n]),
                Err(error) if error.kind() == WouldBlock => break,
                Err(error) => {
                    self.connection = Err(error);
                    return;
                }
            }
        }
        self.heard.truncate(MOST_HEARD);
        // If it fails, there is no connection any more.
        let _ = SockRef::from(&*connected).set_tcp_quickack(true);
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
        (Guest::new(Ok(guest)).unwrap(), listener.accept().unwrap().0)
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
        let nobody = Guest::new(Err(io::ErrorKind::TimedOut.into()));
        let mut nobody = nobody.unwrap();
        assert_eq!(nobody.told(), "timed out");
    }
}
