//! The guests of a server that is somebody's answer. What they meet is told in
//! words, and nobody can keep them waiting.

use std::io::ErrorKind::WouldBlock;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::Result;
use lab_kit::{Net, outcome, secs};
use socket2::SockRef;

/// For an answer to come to rest. One that never does has failed by then.
pub(crate) const REST: Duration = secs(2);

/// A guest: his connection, or why he has none.
pub(crate) type Guest = std::io::Result<TcpStream>;

/// Somebody connects and says this; when this returns, all that can come of it
/// has come.
pub(crate) fn call(net: &Net, words: &[u8]) -> Result<Guest> {
    let to = net.on("server", || net.here(7000));
    let connect = || TcpStream::connect_timeout(&to, secs(1));
    let mut guest = net.on("client", connect);
    if let Ok(guest) = &guest {
        guest.set_nonblocking(true)?;
    }
    say(net, &mut guest, words)?;
    Ok(guest)
}

/// A guest says something more.
pub(crate) fn say(net: &Net, guest: &mut Guest, words: &[u8]) -> Result<()> {
    if let Ok(connected) = guest {
        let said = connected.write_all(words).and_then(|()| {
            // no late ACK, for which all would have to wait
            SockRef::from(&*connected).set_tcp_quickack(true)
        });
        if let Err(error) = said {
            *guest = Err(error);
        }
    }
    net.still(REST).map(drop)
}

/// What a guest has been told by now; `-` for nothing.
pub(crate) fn told(guest: &mut Guest) -> String {
    let mut words = [0; 64];
    let told = match guest {
        Ok(guest) => guest.read(&mut words),
        Err(error) => {
            let code = error.raw_os_error().unwrap_or_default();
            Err(std::io::Error::from_raw_os_error(code))
        }
    };
    match told {
        Ok(0) => "the end".into(),
        Ok(n) => String::from_utf8_lossy(&words[..n]).into_owned(),
        Err(e) if e.kind() == WouldBlock => "-".into(),
        Err(e) => outcome::<()>(Err(e)),
    }
}
