//! Bytes and descriptors <-> one message of a sequenced-packet socket.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag,
    SockType, recvmsg, sendmsg, socketpair,
};

/// Descriptors that the kernel passes in one message (SCM_MAX_FD, unix(7)).
pub const MOST: usize = 253;

/// The two ends of a socket for parcels.
///
/// # Errors
/// socketpair(2)'s.
pub fn pair() -> nix::Result<(OwnedFd, OwnedFd)> {
    let (kind, flags) = (SockType::SeqPacket, SockFlag::SOCK_CLOEXEC);
    socketpair(AddressFamily::Unix, kind, None, flags)
}

/// Sends at least one byte, and at most [`MOST`] descriptors.
///
/// # Errors
/// sendmsg(2)'s: EPIPE if nobody hears.
pub fn send(to: BorrowedFd, words: &[u8], fds: &[RawFd]) -> nix::Result<()> {
    let rights = [ControlMessage::ScmRights(fds)];
    let rights = if fds.is_empty() { &[][..] } else { &rights[..] };
    let words = [IoSlice::new(words)];
    let (to, flags) = (to.as_raw_fd(), MsgFlags::MSG_NOSIGNAL);
    sendmsg::<()>(to, &words, rights, flags, None).map(drop)
}

/// Waits for a parcel: how many bytes it has, and its descriptors, which are
/// closed on exec. None when nobody is left who could send one.
///
/// # Errors
/// recvmsg(2)'s.
pub fn receive(
    from: BorrowedFd,
    room: &mut [u8],
) -> nix::Result<Option<(usize, Vec<OwnedFd>)>> {
    let mut space = cmsg_space!([RawFd; MOST]);
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let from = from.as_raw_fd();
    loop {
        let mut words = [IoSliceMut::new(room)];
        match recvmsg::<()>(from, &mut words, Some(&mut space), flags) {
            Ok(message) if message.bytes == 0 => return Ok(None),
            Ok(message) => {
                return Ok(Some((message.bytes, owned(message.cmsgs()?))));
            }
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

fn owned(messages: impl Iterator<Item = ControlMessageOwned>) -> Vec<OwnedFd> {
    let fds = messages.flat_map(|message| match message {
        ControlMessageOwned::ScmRights(fds) => fds,
        _ => Vec::new(),
    });
    // SAFETY: the kernel has just opened them for us.
    fds.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }).collect()
}
