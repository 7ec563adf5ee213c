//! A contender -> one sample: its command runs once, and its lines are timed.

use std::fs::File;
use std::io::Read;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::contender::{Contender, Sampling};
use crate::results::Flood;

/// One run of one contender.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sample {
    pub(crate) value: f64,
    pub(crate) right: u64,
    pub(crate) due: u64,
    pub(crate) peak_mb: f64,
    pub(crate) flood: Option<Flood>,
    /// The end of what it complained of.
    pub(crate) complaint: String,
}

/// When what was printed.
struct Heard {
    lines: Vec<Duration>,
    right: u64,
    took: Duration,
    code: i32,
    peak_kb: i64,
    flood: Option<Flood>,
    complaint: String,
}

/// Runs it once. A wrong verdict is a sample, too; no verdict is none.
pub(crate) fn sample(of: &Contender) -> Result<Sample> {
    let heard = hear(of)?;
    let (right, due) = match of.due {
        0 => (u64::from(heard.code == 0), 1),
        due => (heard.right.min(due), due),
    };
    let peak_mb = heard.peak_kb as f64 / 1024.0;
    let value = match of.sampling {
        Sampling::PeakMb => Some(peak_mb),
        how => value(how, &heard.lines, heard.took),
    };
    let Some(value) = value.filter(|_| heard.code < 126) else {
        bail!(
            "{} said nothing (exit code {}): {}",
            of.name,
            heard.code,
            heard.complaint
        );
    };
    let Heard { flood, complaint, .. } = heard;
    Ok(Sample { value, right, due, peak_mb, flood, complaint })
}

fn value(how: Sampling, lines: &[Duration], took: Duration) -> Option<f64> {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let last = lines.last().copied();
    match how {
        Sampling::Verdict => lines.first().copied().map(ms),
        Sampling::Exit => Some(ms(took)),
        Sampling::EachLine => {
            let more = lines.len().checked_sub(1).filter(|n| *n > 0)?;
            Some((ms(last?) - ms(lines[0])) / more as f64)
        }
        Sampling::LinesPerSecond => {
            Some(lines.len() as f64 / last?.as_secs_f64())
        }
        Sampling::PerSecond(things) => Some(things / took.as_secs_f64()),
        Sampling::PeakMb => None,
    }
}

/// The kernel keeps these files in memory no longer.
fn forget(files: &[PathBuf]) -> Result<()> {
    for path in files {
        let tried = || format!("read {} from the disk again", path.display());
        let file = File::open(path).with_context(tried)?;
        file.sync_all().with_context(tried)?;
        let advice = libc::POSIX_FADV_DONTNEED;
        // SAFETY: it only advises, on a file that is open.
        match unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, advice) } {
            0 => {}
            error => {
                return Err(std::io::Error::from_raw_os_error(error))
                    .with_context(tried);
            }
        }
    }
    Ok(())
}

fn hear(of: &Contender) -> Result<Heard> {
    forget(&of.cold)?;
    let (program, words) = of.command.split_first().context("no command")?;
    let complaint = scratch()?;
    let mut command = Command::new(program);
    command.args(words).envs(of.environment.iter().cloned());
    command.stdin(match &of.input {
        Some(path) => File::open(path)
            .with_context(|| format!("open {}", path.display()))?
            .into(),
        None => Stdio::null(),
    });
    command.stdout(Stdio::piped()).stderr(complaint.try_clone()?);
    let start = Instant::now();
    let mut child = command
        .spawn()
        .with_context(|| format!("start {}", program.display()))?;
    let output = child.stdout.take().context("its output")?;
    let Output { lines, right, flood } =
        listen(output, of.right.as_bytes(), start)?;
    let (code, peak_kb) = end_of(child)?;
    let took = start.elapsed();
    let complaint = said(complaint)?;
    Ok(Heard { lines, right, took, code, peak_kb, flood, complaint })
}

/// What a command printed.
#[derive(Default)]
struct Output {
    lines: Vec<Duration>,
    right: u64,
    flood: Option<Flood>,
}

/// Each line's time, and how many of them hold the word. No line is kept: some
/// are longer than all else that we have, and a child begins with our size.
fn listen(mut from: impl Read, word: &[u8], start: Instant) -> Result<Output> {
    let mut said = Output::default();
    let (mut line, mut found) = (Vec::new(), false);
    let mut buffer = [0; 1 << 16];
    loop {
        let n = from.read(&mut buffer).context("hear it")?;
        if n == 0 {
            return Ok(said);
        }
        let now = start.elapsed();
        for piece in buffer[..n].split_inclusive(|byte| *byte == b'\n') {
            line.extend_from_slice(piece);
            found |= line.windows(word.len()).any(|window| window == word);
            if piece.ends_with(b"\n") {
                said.lines.push(now);
                said.right += u64::from(std::mem::take(&mut found));
                let flood = Flood::said(&String::from_utf8_lossy(&line));
                said.flood = said.flood.or(flood);
                line.clear();
            } else {
                let seen = line.len().saturating_sub(word.len());
                line.drain(..seen);
            }
        }
    }
}

/// Its exit code, and the most memory that it or a child of it had.
fn end_of(child: Child) -> Result<(i32, i64)> {
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the child is ours and not waited for yet; both point to room.
    let pid = unsafe {
        libc::wait4(child.id() as i32, &mut status, 0, usage.as_mut_ptr())
    };
    if pid < 0 {
        return Err(std::io::Error::last_os_error()).context("wait for it");
    }
    // SAFETY: zero bytes are one, and the kernel has filled it.
    let usage = unsafe { usage.assume_init() };
    let code = match libc::WIFEXITED(status) {
        true => libc::WEXITSTATUS(status),
        false => 128 + libc::WTERMSIG(status),
    };
    Ok((code, usage.ru_maxrss))
}

fn scratch() -> Result<File> {
    // SAFETY: a name that ends, and a flag.
    let fd = unsafe { libc::memfd_create(c"said".as_ptr(), libc::MFD_CLOEXEC) };
    if fd < 0 {
        return Err(std::io::Error::last_os_error()).context("memfd_create");
    }
    // SAFETY: it was just made, and nobody else has it.
    Ok(unsafe { std::os::fd::FromRawFd::from_raw_fd(fd) })
}

/// The end of what it complained of.
fn said(mut file: File) -> Result<String> {
    use std::io::{Seek, SeekFrom};
    const SHOWN: u64 = 400;
    let end = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(end.saturating_sub(SHOWN)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Contender {
        Contender::new("it", &[&"sh", &"-c", &script])
    }

    #[test]
    fn lines_are_counted_and_judged() {
        let it = shell("echo pass; echo wrong; echo pass").due(3);
        let sample = sample(&it.sampled(Sampling::EachLine)).unwrap();
        assert_eq!((sample.right, sample.due), (2, 3));
        assert!(sample.peak_mb > 0.1, "{sample:?}");
        assert_eq!(sample.flood, None);
    }

    #[test]
    fn what_was_sent_and_kept_is_heard() {
        let it = shell("echo wrong sent=7 kept=5 lost=2");
        let flood = sample(&it).unwrap().flood.unwrap();
        assert_eq!(flood.to_string(), "7 sent, 5 kept, 2 lost");
    }

    #[test]
    fn who_gives_no_verdict_says_why() {
        let why = sample(
            &shell("echo no network >&2; exit 3").sampled(Sampling::Verdict),
        )
        .unwrap_err();
        let why = why.to_string();
        assert!(why.contains("exit code 3"), "{why}");
        assert!(why.contains("no network"), "{why}");
        assert_eq!(sample(&shell("echo wrong")).unwrap().right, 0);
        assert_eq!(sample(&shell("exit 1").silent()).unwrap().right, 0);
        assert_eq!(sample(&shell("exit 0").silent()).unwrap().right, 1);
    }

    #[test]
    fn a_word_is_found_wherever_a_long_line_is_cut() {
        let long = "x".repeat(70_000);
        let text =
            format!("{long}pass{long}\nwrong\n{}pass\n", &long[..65_529]);
        let heard = listen(text.as_bytes(), b"pass", Instant::now()).unwrap();
        assert_eq!((heard.lines.len(), heard.right), (3, 2));
    }

    #[test]
    fn the_first_line_is_the_verdict_and_the_others_are_paced() {
        let ms = Duration::from_millis;
        let lines = [ms(50), ms(60), ms(70)];
        let of = |how| value(how, &lines, ms(200)).unwrap();
        assert_eq!(of(Sampling::Verdict), 50.0);
        assert_eq!(of(Sampling::Exit), 200.0);
        assert_eq!(of(Sampling::EachLine), 10.0);
        assert!((of(Sampling::LinesPerSecond) - 42.857).abs() < 0.001);
        assert_eq!(of(Sampling::PerSecond(100.0)), 500.0);
        assert_eq!(value(Sampling::EachLine, &lines[..1], ms(1)), None);
    }
}
