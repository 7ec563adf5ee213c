//! A name in a submission -> is it taken?

use super::finding::What;
use crate::grade::names::deceives;

type Refused = (What, &'static str);

/// Beside letters and digits; none means anything to a shell, a spreadsheet
/// or cargo.
const ALLOWED: &[u8] = b"._-+@, ()";
const ARCHIVES: [&str; 12] = [
    "7z", "bz2", "cab", "deb", "gz", "rar", "rpm", "tar", "tgz", "xz", "zip",
    "zst",
];

/// The name, if it can be a name in the staging folder.
pub(super) fn judge(name: &[u8]) -> Result<&str, Refused> {
    let Ok(text) = std::str::from_utf8(name) else {
        return Err((What::NameNotUtf8, "its name is no text (UTF-8)"));
    };
    if let Some(refused) = not_wanted(text) {
        return Err(refused);
    }
    if text.chars().any(deceives) {
        let why = "its name has characters that are not seen, or that turn \
                   text around";
        return Err((What::NameDeceives, why));
    }
    if !text.is_ascii() {
        let why = "its name has letters other than a to z: rename it";
        return Err((What::NameNotAscii, why));
    }
    if text.starts_with('.') {
        return Err((What::Hidden, "a hidden file"));
    }
    match is_plain(name) {
        true => Ok(text),
        false => Err((
            What::NameUnsafe,
            "its name has to begin with a letter, a digit or _, and to go on \
             with these and . _ - + @ , ( ) and spaces: rename it",
        )),
    }
}

fn is_plain(name: &[u8]) -> bool {
    let [first, .., last] = name else {
        return matches!(name, [only] if only.is_ascii_alphanumeric());
    };
    (first.is_ascii_alphanumeric() || *first == b'_')
        && !b" .".contains(last)
        && name.iter().all(|b| b.is_ascii_alphanumeric() || ALLOWED.contains(b))
}

/// What cargo and rustup would obey, and what they make anew.
fn not_wanted(name: &str) -> Option<Refused> {
    let name = name.to_ascii_lowercase();
    Some(match name.as_str() {
        ".cargo" => {
            (What::CargoConfiguration, "the grader's settings hold, not these")
        }
        "cargo.lock" => (What::LockFile, "the grader's versions hold"),
        "target" => (What::BuildOutput, "the grader builds it anew"),
        ".git" | ".hg" | ".svn" | ".jj" => {
            (What::VersionControl, "not part of the answer")
        }
        name if name.starts_with("rust-toolchain") => {
            (What::Toolchain, "the grader's toolchain holds, not this one")
        }
        _ => return None,
    })
}

/// By its name: nobody looks into it.
pub(super) fn is_archive(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| {
        ARCHIVES.contains(&ending.to_ascii_lowercase().as_str())
    })
}
