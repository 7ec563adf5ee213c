//! What the program left in the box's own file systems -> copies of ours.
//!
//! pid 1 hands the warden each of these file systems, open at its root, before
//! the program starts. The warden looks into them when every process of the
//! box is dead, so nothing moves, and never leaves them.

use std::fs::File;
use std::io::{IoSlice, IoSliceMut, Read, Seek};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use nix::cmsg_space;
use nix::errno::Errno;
use nix::fcntl::{
    FcntlArg, OFlag, OpenHow, ResolveFlag, SealFlag, fcntl, openat2,
};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag,
    SockType, recvmsg, sendmsg, socketpair,
};
use serde::{Deserialize, Serialize};

use crate::outcome::Collected;
use crate::start::Job;

/// Is in every box.
pub(crate) const TMP: &str = "/tmp";
/// Of one message, as the kernel has it.
const MOST_SCRATCHES: usize = 200;

/// A [`crate::Collect`] on its way to the warden, with the copy to be filled.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JobCollect {
    pub(crate) inside: PathBuf,
    pub(crate) limit: u64,
    pub(crate) copy: RawFd,
}

/// Done, or why not.
pub(crate) type Copied = std::result::Result<(), String>;

/// The caller's files, still empty.
pub(crate) fn empty(count: usize) -> Result<Vec<File>> {
    let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
    let make = |_| Ok(memfd_create("collected", flags)?.into());
    (0..count).map(make).collect::<Result<_>>().context("make a memory file")
}

/// One that is filled.
pub(crate) fn sealed(mut copy: File) -> Result<Collected> {
    copy.rewind()?;
    fcntl(&copy, FcntlArg::F_ADD_SEALS(SealFlag::all()))
        .context("seal what was collected")?;
    Ok(Collected::File(Arc::new(copy)))
}

/// pid 1's part.
pub(crate) fn give(hand: &OwnedFd, own: &[impl AsFd]) -> Result<()> {
    let fds: Vec<_> = own.iter().map(|fd| fd.as_fd().as_raw_fd()).collect();
    let data = [IoSlice::new(b"own")];
    let rights = [ControlMessage::ScmRights(&fds)];
    let flags = MsgFlags::MSG_NOSIGNAL;
    sendmsg::<()>(hand.as_raw_fd(), &data, &rights, flags, None)
        .context("hand the box's own file systems to the warden")?;
    Ok(())
}

/// What the caller wants, and the warden's means to get it.
pub(crate) struct Wanted {
    files: Vec<(JobCollect, File)>,
    /// The box's own file systems, in the order in which pid 1 hands them over.
    places: Vec<PathBuf>,
    hand: OwnedFd,
    given: OwnedFd,
}

impl Wanted {
    pub(crate) fn new(job: &Job, copies: Vec<File>) -> Result<Wanted> {
        let scratch = job.shares.iter().filter(|s| s.scratch.is_some());
        let mut places = vec![PathBuf::from(TMP)];
        places.extend(scratch.map(|share| PathBuf::from(&share.inside)));
        if places.len() > MOST_SCRATCHES {
            bail!("{} scratches; {MOST_SCRATCHES} may be", places.len());
        }
        let (hand, given) = socketpair(
            AddressFamily::Unix,
            SockType::SeqPacket,
            None,
            SockFlag::SOCK_CLOEXEC,
        )?;
        let files = job
            .collect
            .iter()
            .map(|one| JobCollect { inside: one.inside.clone(), ..*one });
        let files = files.zip(copies).collect();
        let wanted = Wanted { files, places, hand, given };
        for (one, _) in &wanted.files {
            wanted.find(&one.inside)?;
        }
        Ok(wanted)
    }

    /// pid 1's end.
    pub(crate) fn given(&self) -> Result<OwnedFd> {
        self.given.try_clone().context("an end for pid 1")
    }

    /// Which of the file systems, and where in it.
    fn find<'a>(&self, path: &'a Path) -> Result<(usize, &'a Path)> {
        let all = self.places.iter().enumerate();
        let fitting = all.filter_map(|(number, place)| {
            Some((number, path.strip_prefix(place).ok()?))
        });
        let found = fitting.min_by_key(|(_, rest)| rest.components().count());
        let plain = |step| matches!(step, Component::Normal(_));
        let (number, rest) = found.with_context(|| {
            format!("collect {path:?}: only files in /tmp and in scratches can")
        })?;
        if rest.as_os_str().is_empty() || !rest.components().all(plain) {
            bail!("collect {path:?}: it has to be the plain path of a file");
        }
        Ok((number, rest))
    }

    /// After the end of all that ran in the box.
    pub(crate) fn copy(&self) -> Vec<Copied> {
        if self.files.is_empty() {
            return Vec::new();
        }
        let roots = self.roots();
        let all = self.files.iter().map(|(one, copy)| {
            let roots = roots.as_ref().map_err(|e| format!("{e:#}"))?;
            let (number, path) =
                self.find(&one.inside).map_err(|e| format!("{e:#}"))?;
            let root =
                roots.get(number).ok_or("the box has none of its own")?;
            copy_one(root, path, one.limit, copy)
        });
        all.collect()
    }

    fn roots(&self) -> Result<Vec<OwnedFd>> {
        let mut data = [0; 8];
        let mut data = [IoSliceMut::new(&mut data)];
        let mut space = cmsg_space!([RawFd; MOST_SCRATCHES]);
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_CMSG_CLOEXEC;
        let fd = self.hand.as_raw_fd();
        let message = recvmsg::<()>(fd, &mut data, Some(&mut space), flags);
        let message = match message {
            Err(Errno::EAGAIN) => return Ok(Vec::new()),
            other => other.context("take what pid 1 handed over")?,
        };
        let mut roots = Vec::new();
        for part in message.cmsgs()? {
            if let ControlMessageOwned::ScmRights(fds) = part {
                // SAFETY: the kernel opened them for us just now.
                roots.extend(
                    fds.into_iter()
                        .map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }),
                );
            }
        }
        Ok(roots)
    }
}

fn copy_one(root: &OwnedFd, path: &Path, limit: u64, copy: &File) -> Copied {
    let flags = OFlag::O_RDONLY
        | OFlag::O_NOFOLLOW
        | OFlag::O_NONBLOCK
        | OFlag::O_NOCTTY
        | OFlag::O_CLOEXEC;
    let beneath = ResolveFlag::RESOLVE_BENEATH
        | ResolveFlag::RESOLVE_NO_SYMLINKS
        | ResolveFlag::RESOLVE_NO_MAGICLINKS
        | ResolveFlag::RESOLVE_NO_XDEV;
    let how = OpenHow::new().flags(flags).resolve(beneath);
    let file = openat2(root, path, how).map_err(|errno| match errno {
        Errno::ELOOP => "a symbolic link is not followed".to_string(),
        errno => errno.desc().to_string(),
    })?;
    let file = File::from(file);
    let words = |error: std::io::Error| error.to_string();
    let found = file.metadata().map_err(words)?;
    if !found.is_file() {
        return Err("it is no regular file".into());
    }
    if found.len() > limit {
        return Err(format!("{} bytes, and {limit} may be", found.len()));
    }
    let mut copy = copy;
    std::io::copy(&mut (&file).take(limit), &mut copy).map_err(words)?;
    Ok(())
}
