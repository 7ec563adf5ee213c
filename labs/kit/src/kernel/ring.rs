//! Tracepoints of this thread -> samples, through perf_event_open(2).

use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, bail, ensure};

use super::checked;
use super::tracepoint::Tracepoint;

// include/uapi/linux/perf_event.h
const TYPE_TRACEPOINT: u32 = 2;
const SAMPLE_CALLCHAIN: u64 = 1 << 5;
const SAMPLE_RAW: u64 = 1 << 10;
const DISABLED: u64 = 1;
const EXCLUDE_CALLCHAIN_USER: u64 = 1 << 22;
const CLOEXEC: u64 = 1 << 3;
const RECORD_LOST: u32 = 2;
const RECORD_SAMPLE: u32 = 9;
const HEAD: usize = 1024;
/// Addresses from here on mean "what follows is the kernel's" and the like.
const CONTEXTS: u64 = u64::MAX - 4095;
const IOC_ENABLE: libc::Ioctl = 0x2400;
const IOC_DISABLE: libc::Ioctl = 0x2401;
const IOC_SET_OUTPUT: libc::Ioctl = 0x2405;

const PAGE: usize = 4096;
/// A power of two, and room for a thousand samples.
const DATA: usize = 128 * PAGE;

/// `struct perf_event_attr`, in its first published version.
#[repr(C)]
#[derive(Default)]
struct Attributes {
    kind: u32,
    size: u32,
    config: u64,
    period: u64,
    sample_type: u64,
    read_format: u64,
    flags: u64,
    wakeup: u32,
    breakpoint: u32,
    address: u64,
}

/// One passage, raw.
#[derive(Debug, PartialEq)]
pub(super) struct Sample {
    /// Return addresses, the innermost first.
    pub(super) calls: Vec<u64>,
    /// The tracepoint's record.
    pub(super) raw: Vec<u8>,
}

impl Sample {
    pub(super) fn is_of(&self, id: u64) -> bool {
        let kind = self.raw.first_chunk().copied().map(u16::from_le_bytes);
        kind.is_some_and(|kind| u64::from(kind) == id)
    }
}

/// Events of this thread, all of which write into the first one's buffer.
pub(super) struct Ring {
    events: Vec<File>,
    map: NonNull<u8>,
}

impl Ring {
    pub(super) fn open(points: &[Tracepoint]) -> Result<Ring> {
        let events: Vec<File> =
            points.iter().map(open).collect::<Result<_>>()?;
        let first = events.first().context("no tracepoint to watch")?;
        // SAFETY: the page size; no argument is a pointer.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        ensure!(page == PAGE as i64, "pages of {page} bytes: we know 4096");
        // SAFETY: a fresh mapping of a live descriptor, checked below.
        let map = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                PAGE + DATA,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                first.as_raw_fd(),
                0,
            )
        };
        ensure!(
            map != libc::MAP_FAILED,
            "map a perf buffer: {}",
            std::io::Error::last_os_error()
        );
        let map = NonNull::new(map.cast()).context("a mapping at 0")?;
        let ring = Ring { events, map };
        for event in &ring.events[1..] {
            let into = ring.events[0].as_raw_fd();
            control(event, IOC_SET_OUTPUT, into)?;
        }
        Ok(ring)
    }

    pub(super) fn switch(&mut self, on: bool) -> Result<()> {
        let request = if on { IOC_ENABLE } else { IOC_DISABLE };
        self.events.iter().try_for_each(|event| control(event, request, 0))
    }

    /// All that was written, once everything is switched off.
    pub(super) fn samples(&self) -> Result<Vec<Sample>> {
        // SAFETY: the first page has `data_head` at this offset (perf's ABI);
        // it's aligned, and the mapping lives as long as we.
        let head = unsafe { &*self.map.as_ptr().add(HEAD).cast::<AtomicU64>() };
        let written = head.load(Ordering::Acquire) as usize;
        ensure!(written <= DATA, "the buffer overflowed: watch less");
        // SAFETY: the kernel has written so much, and writes no more.
        let bytes = unsafe {
            std::slice::from_raw_parts(self.map.as_ptr().add(PAGE), written)
        };
        parse(bytes)
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: the mapping that `open` made; nobody borrows from it.
        unsafe { libc::munmap(self.map.as_ptr().cast(), PAGE + DATA) };
    }
}

fn open(point: &Tracepoint) -> Result<File> {
    let attributes = Attributes {
        kind: TYPE_TRACEPOINT,
        size: size_of::<Attributes>() as u32,
        config: point.id,
        period: 1, // every time
        sample_type: SAMPLE_CALLCHAIN | SAMPLE_RAW,
        flags: DISABLED | EXCLUDE_CALLCHAIN_USER,
        ..Attributes::default()
    };
    let (this_thread, any_cpu, no_group) = (0, -1, -1);
    // SAFETY: the attributes live until the call returns and know their size.
    let fd = unsafe {
        libc::syscall(
            libc::SYS_perf_event_open,
            &raw const attributes,
            this_thread,
            any_cpu,
            no_group,
            CLOEXEC,
        )
    };
    let what = format!("watch the tracepoint {}", point.name);
    let fd = checked(fd, &what)? as i32;
    // SAFETY: a descriptor that nobody else has.
    Ok(unsafe { File::from_raw_fd(fd) })
}

fn control(event: &File, request: libc::Ioctl, value: i32) -> Result<()> {
    // SAFETY: these requests take a plain number.
    let code = unsafe { libc::ioctl(event.as_raw_fd(), request, value) };
    checked(code.into(), "control a perf event").map(drop)
}

fn parse(mut bytes: &[u8]) -> Result<Vec<Sample>> {
    let mut samples = Vec::new();
    while let Some((header, _)) = bytes.split_first_chunk::<8>() {
        let [a, b, c, d, _, _, e, f] = *header;
        let size = usize::from(u16::from_le_bytes([e, f]));
        let record = bytes.get(8..size).context("a torn perf record")?;
        match u32::from_le_bytes([a, b, c, d]) {
            RECORD_SAMPLE => samples.push(sample(record)?),
            RECORD_LOST => bail!("the kernel lost samples: watch less"),
            _ => {}
        }
        bytes = &bytes[size..];
    }
    Ok(samples)
}

/// The call chain, then the tracepoint's record; each after its length.
fn sample(record: &[u8]) -> Result<Sample> {
    let short = "a short perf sample";
    let (count, rest) = record.split_first_chunk().context(short)?;
    let count = u64::from_le_bytes(*count) as usize;
    let chain = rest.get(..count * 8).context(short)?;
    let calls = chain.chunks_exact(8).filter_map(|c| c.try_into().ok());
    let calls = calls.map(u64::from_le_bytes).filter(|at| *at < CONTEXTS);
    let (len, raw) = rest[count * 8..].split_first_chunk().context(short)?;
    let raw = raw.get(..u32::from_le_bytes(*len) as usize).context(short)?;
    Ok(Sample { calls: calls.collect(), raw: raw.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_and_a_torn_one_is_an_error() {
        let mut body = 2u64.to_le_bytes().to_vec();
        body.extend((-128i64).to_le_bytes()); // PERF_CONTEXT_KERNEL
        body.extend(0x1234u64.to_le_bytes());
        body.extend(4u32.to_le_bytes());
        body.extend([7, 0, 1, 2]);
        let mut bytes = vec![9, 0, 0, 0, 1, 0, 8 + body.len() as u8, 0];
        bytes.extend(body);
        let samples = parse(&bytes).unwrap();
        assert_eq!(samples[0].calls, [0x1234]);
        assert!(samples[0].is_of(7));
        assert!(parse(&bytes[..20]).is_err());
        bytes[0] = 2;
        assert!(parse(&bytes).is_err(), "lost samples");
    }
}
