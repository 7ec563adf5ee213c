//! A program's end of the channel to the runner: requests out, replies in.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;

use crate::protocol::{CHANNEL, FORMAT, Hello, Reply, Request};

pub(crate) struct Channel {
    out: RefCell<UnixStream>,
    replies: RefCell<BufReader<UnixStream>>,
}

impl Channel {
    /// Takes the descriptor that the runner left open, and hears its hello.
    pub(crate) fn open() -> Result<(Channel, Hello)> {
        let number = std::env::var(CHANNEL).context(
            "this program is a host of an experiment: lab-runner starts it",
        )?;
        let fd =
            number.parse().with_context(|| format!("{CHANNEL}={number}"))?;
        // SAFETY: the runner opened this descriptor for us and nothing else
        // in this process knows of it.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        let stream = UnixStream::from(fd);
        let channel = Channel {
            replies: RefCell::new(BufReader::new(stream.try_clone()?)),
            out: RefCell::new(stream),
        };
        let hello: Hello = channel.hear()?;
        if hello.format != FORMAT {
            bail!(
                "the runner speaks format {}, this lab {FORMAT}: rebuild both",
                hello.format
            );
        }
        Ok((channel, hello))
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
