//! A judged run -> the files from which its mark can be judged again -> the
//! run, judged anew, if nobody has changed them.
//!
//! ```text
//! OUT/evidence/ID/EXERCISE.notes.json     marks, counters, sockets, times
//! OUT/evidence/ID/EXERCISE.pcap           the frames at the left end
//! OUT/evidence/ID/EXERCISE.HOST.pcap      those of a wire's other end
//! ```

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use lab_kit::protocol;
use nix::sys::memfd::{MFdFlags, memfd_create};
use sha2::{Digest, Sha256};

use super::intake::{hexadecimal, open_beneath};
use super::results::{Evidence, KeptFile};
use crate::check::write_whole;
use crate::exercise::Found;
use crate::run::{OF_A_FLOOD, Run, Turned, judge};
use crate::stage::Notes;

pub(crate) const FOLDER: &str = "evidence";
/// Of all files of a mark: a class is no archive of floods.
const MOST: u64 = 8 << 20;

/// Keeps what was recorded of a run below the folder of a grading.
pub(super) fn keep(
    out: &Path,
    id: &str,
    slug: &str,
    run: &Run,
) -> Result<Evidence> {
    let seen = &run.notes.seen;
    let flood = run.notes.flood.is_some();
    let mut files =
        vec![("notes.json".into(), serde_json::to_vec(&run.notes)?)];
    for (n, pcap) in run.pcaps.iter().enumerate() {
        let whole = if flood { cut(pcap, OF_A_FLOOD) } else { pcap };
        files.push((seen.ending(n), whole.to_vec()));
    }
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    if bytes as u64 > MOST {
        let lacks = format!("{bytes} bytes, and at most {MOST} are kept");
        return Ok(Evidence { files: Vec::new(), lacks: Some(lacks) });
    }
    let folder = out.join(FOLDER).join(id);
    fs::create_dir_all(&folder)
        .with_context(|| format!("make {}", folder.display()))?;
    let mut kept = Vec::new();
    for (ending, bytes) in files {
        let path = path(id, slug, &ending);
        write_whole(&out.join(&path), &bytes)?;
        let sha256 = hexadecimal(Sha256::digest(&bytes));
        kept.push(KeptFile { path, bytes: bytes.len() as u64, sha256 });
    }
    Ok(Evidence { files: kept, lacks: None })
}

/// Takes away what was kept of an earlier run.
pub(super) fn forget(out: &Path, id: &str, slug: &str) -> Result<()> {
    let folder = out.join(FOLDER).join(id);
    let Ok(list) = fs::read_dir(&folder) else { return Ok(()) };
    for entry in list {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.strip_prefix(slug).is_some_and(|rest| rest.starts_with('.')) {
            fs::remove_file(entry.path()).with_context(|| {
                format!("remove {}", entry.path().display())
            })?;
        }
    }
    Ok(())
}

fn path(id: &str, slug: &str, ending: &str) -> String {
    format!("{FOLDER}/{id}/{slug}.{ending}")
}

/// The first frames of a capture of ours.
fn cut(pcap: &[u8], frames: usize) -> &[u8] {
    const HEADER: usize = 24;
    const RECORD: usize = 16;
    let mut end = HEADER;
    for _ in 0..frames {
        let Some(record) = pcap.get(end..end + RECORD) else { break };
        let len = [record[8], record[9], record[10], record[11]];
        end += RECORD + u32::from_ne_bytes(len) as usize;
    }
    pcap.get(..end).unwrap_or(pcap)
}

/// What has become of a file since it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Now {
    Same(Vec<u8>),
    /// Another than it was, or gone: why.
    Changed(String),
}

/// Reads a kept file below the folder of a grading, without following a link.
pub(crate) fn now(out: &Path, kept: &KeptFile) -> Now {
    let read = || -> Result<Vec<u8>> {
        let file = open_beneath(out, Path::new(&kept.path))?;
        ensure!(file.metadata()?.is_file(), "it is no regular file");
        let mut bytes = Vec::new();
        File::take(file, MOST + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Err(error) => Now::Changed(format!("{error:#}")),
        Ok(bytes) if hexadecimal(Sha256::digest(&bytes)) == kept.sha256 => {
            Now::Same(bytes)
        }
        Ok(bytes) => Now::Changed(format!(
            "its {} bytes have another SHA-256 than results.json says",
            bytes.len()
        )),
    }
}

/// Judges what was kept of a run by the rules of today.
pub(crate) fn judged(
    found: &Found,
    id: &str,
    files: &[(&KeptFile, Vec<u8>)],
    turned: &Turned,
) -> Result<Run> {
    let slug = found.slug();
    let find = |ending: &str| {
        let path = path(id, &slug, ending);
        let mut all = files.iter();
        let file = all.find(|(kept, _)| kept.path == path);
        file.with_context(|| format!("{path} was not kept"))
    };
    let notes: Notes = serde_json::from_slice(&find("notes.json")?.1)
        .context("the kept notes are none of ours")?;
    let (format, newest) = (notes.seen.format, protocol::FORMAT);
    ensure!(format <= newest, "notes of format {format}: I read {newest}");
    let taps = notes.seen.taps.len();
    ensure!(taps <= files.len(), "{taps} captures, and not all were kept");
    let captures = (0..taps).map(|n| {
        let (_, bytes) = find(&notes.seen.ending(n))?;
        in_memory(bytes)
    });
    let captures = captures.collect::<Result<Vec<_>>>()?;
    judge(&found.lab, &found.task.plan, turned, notes, &captures)
}

fn in_memory(bytes: &[u8]) -> Result<File> {
    let fd = memfd_create(c"capture", MFdFlags::MFD_CLOEXEC)
        .context("memory for a capture")?;
    let mut file = File::from(fd);
    file.write_all(bytes)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A capture of frames of these lengths.
    fn pcap(frames: &[u32]) -> Vec<u8> {
        let mut bytes = vec![0; 24];
        for len in frames {
            bytes.extend([0; 8]);
            bytes.extend(len.to_ne_bytes());
            bytes.extend(len.to_ne_bytes());
            bytes.extend(vec![7; *len as usize]);
        }
        bytes
    }

    #[test]
    fn a_flood_is_kept_to_its_first_frames() {
        let whole = pcap(&[60, 1514, 90]);
        assert_eq!(cut(&whole, 2), pcap(&[60, 1514]));
        assert_eq!(cut(&whole, 3), whole);
        assert_eq!(cut(&whole, 100), whole);
        assert_eq!(
            cut(&whole[..whole.len() - 1], 3),
            &whole[..whole.len() - 1]
        );
        assert_eq!(cut(b"short", 3), b"short");
    }

    #[test]
    fn what_was_touched_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path();
        fs::create_dir_all(out.join("evidence/ada")).unwrap();
        fs::write(out.join("evidence/ada/x.pcap"), b"frames").unwrap();
        let kept = |path: &str| KeptFile {
            path: path.into(),
            bytes: 6,
            sha256: hexadecimal(Sha256::digest(b"frames")),
        };
        let own = kept("evidence/ada/x.pcap");
        assert_eq!(now(out, &own), Now::Same(b"frames".into()));
        let changed = |kept: &KeptFile, words: &str| match now(out, kept) {
            Now::Changed(why) => assert!(why.contains(words), "{why}"),
            Now::Same(_) => panic!("{words}"),
        };
        changed(&kept("evidence/ada/y.pcap"), "No such file");
        changed(&kept("evidence/ada"), "no regular file");
        changed(&kept("/etc/passwd"), "leads elsewhere");
        changed(&kept("../../../etc/passwd"), "leads elsewhere");
        let link = out.join("evidence/ada/z.pcap");
        std::os::unix::fs::symlink("x.pcap", link).unwrap();
        changed(&kept("evidence/ada/z.pcap"), "leads elsewhere");
        fs::write(out.join("evidence/ada/x.pcap"), b"fRames").unwrap();
        changed(&own, "another SHA-256");
    }

    #[test]
    fn an_earlier_run_is_forgotten_and_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("evidence/ada");
        fs::create_dir_all(&folder).unwrap();
        for name in ["ch05-a.pcap", "ch05-a.notes.json", "ch05-ab.pcap"] {
            fs::write(folder.join(name), "").unwrap();
        }
        forget(dir.path(), "ada", "ch05-a").unwrap();
        let left = fs::read_dir(&folder).unwrap().flatten();
        let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
        assert_eq!(left, ["ch05-ab.pcap"]);
        forget(dir.path(), "bob", "ch05-a").unwrap();
    }
}
