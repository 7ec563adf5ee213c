//! Where a capture comes from: a file, or a pipe, which is kept in a file
//! without a name so that it can be read twice.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context, Result, bail};

pub(crate) struct Source {
    file: File,
    /// Where it begins: a file on standard input may be read already.
    begins: u64,
    /// A pipe that is still to be read.
    pipe: Option<File>,
}

impl Source {
    /// Opens a file; `-` is standard input.
    pub(crate) fn open(path: &Path) -> Result<Source> {
        if path.as_os_str() == "-" {
            let stdin = std::os::fd::AsFd::as_fd(&std::io::stdin())
                .try_clone_to_owned()
                .context("read standard input")?;
            return Source::of(stdin.into());
        }
        let at = || format!("read {}", path.display());
        let file = File::open(path).with_context(at)?;
        if file.metadata().with_context(at)?.is_dir() {
            bail!("{} is a folder, not a capture", path.display());
        }
        Source::of(file)
    }

    fn of(mut file: File) -> Result<Source> {
        let kind = file.metadata()?.file_type();
        let streams = kind.is_fifo() || kind.is_socket();
        match file.stream_position() {
            Ok(begins) if !streams && !kind.is_char_device() => {
                Ok(Source { file, begins, pipe: None })
            }
            _ => {
                let pipe = Some(file);
                Ok(Source { file: unnamed()?, begins: 0, pipe })
            }
        }
    }

    /// Hands it to a reader, from its beginning. Not for two at once.
    pub(crate) fn reader(&mut self) -> Result<Box<dyn Read + Send>> {
        if let Some(pipe) = self.pipe.take() {
            let copy = self.file.try_clone().context("keep what is read")?;
            return Ok(Box::new(Tee { pipe, copy }));
        }
        self.file
            .seek(SeekFrom::Start(self.begins))
            .context("read the capture again")?;
        let again = self.file.try_clone().context("read the capture again")?;
        Ok(Box::new(again))
    }
}

/// A file that goes with its last descriptor.
fn unnamed() -> Result<File> {
    let folder = std::env::temp_dir();
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(nix::libc::O_TMPFILE)
        .mode(0o600)
        .open(&folder)
        .with_context(|| {
            format!(
                "keep what comes through a pipe in a nameless file in {}: \
                 name the file instead, or set TMPDIR",
                folder.display()
            )
        })
}

struct Tee {
    pipe: File,
    copy: File,
}

impl Read for Tee {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.pipe.read(into)?;
        self.copy.write_all(&into[..count])?;
        Ok(count)
    }
}
