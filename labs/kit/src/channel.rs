//! A program's end of the channel to the runner: requests out, replies in.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;

use crate::protocol::{FORMAT, Hello, Reply, Request};

pub(crate) struct Channel {
    out: RefCell<UnixStream>,
    replies: RefCell<BufReader<UnixStream>>,
}

impl Channel {
    /// Over a descriptor that the runner gave, hears its hello, and finds in it
    /// the others that it gave.
    pub(crate) fn open(
        stream: UnixStream,
        fds: Vec<OwnedFd>,
    ) -> Result<(Channel, Hello)> {
        let channel = Channel {
            replies: RefCell::new(BufReader::new(stream.try_clone()?)),
            out: RefCell::new(stream),
        };
        let mut hello: Hello = channel.hear()?;
        if hello.format != FORMAT {
            bail!(
                "the runner speaks format {}, this lab {FORMAT}: rebuild both",
                hello.format
            );
        }
        // They stay open for as long as this process lives.
        let fds: Vec<RawFd> =
            fds.into_iter().map(OwnedFd::into_raw_fd).collect();
        let raw = hello.raw.values_mut().map(|end| &mut end.fd);
        for named in raw.chain(hello.namespaces.values_mut()) {
            let fd = usize::try_from(*named).ok().and_then(|n| fds.get(n));
            *named = *fd.context("a descriptor that hello counts")?;
        }
        Ok((channel, hello))
    }

    /// For tests that misbehave.
    pub(crate) fn fd(&self) -> RawFd {
        self.out.borrow().as_raw_fd()
    }

    pub(crate) fn tell(&self, request: &Request) -> Result<()> {
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        self.out.borrow_mut().write_all(&line).context("the runner is gone")
    }

    pub(crate) fn ask(&self, request: &Request) -> Result<Reply> {
        self.tell(request)?;
        match self.hear()? {
            Reply::Error { message } => bail!(message),
            reply => Ok(reply),
        }
    }

    fn hear<T: DeserializeOwned>(&self) -> Result<T> {
        let mut line = String::new();
        let n = self.replies.borrow_mut().read_line(&mut line)?;
        if n == 0 {
            bail!("the runner is gone");
        }
        Ok(serde_json::from_str(&line)?)
    }
}
