//! What the intake left out, and why.

use serde::{Deserialize, Serialize};

use crate::grade::names::escaped;

/// Something that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// Below the folder that was looked at; ASCII, with the rest escaped.
    pub(crate) path: String,
    pub(crate) what: What,
    /// For a person.
    pub(crate) why: String,
}

impl Finding {
    pub(crate) fn new(
        path: &[u8],
        what: What,
        why: impl Into<String>,
    ) -> Finding {
        Finding { path: escaped(path), what, why: why.into() }
    }
}

impl What {
    /// `symbolic-link`: as in the results.
    pub(crate) fn name(self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        value.as_str().unwrap_or_default().into()
    }
}

/// The kinds of things that are not taken.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum What {
    // No regular file.
    SymbolicLink,
    HardLink,
    Fifo,
    Socket,
    Device,
    OtherFileSystem,
    // Too much of it.
    TooLarge,
    TooDeep,
    // Did not hold still.
    Swapped,
    Changed,
    Unreadable,
    // Would change how it is built, or is made anew.
    CargoConfiguration,
    Toolchain,
    LockFile,
    BuildOutput,
    VersionControl,
    Archive,
    // Its name.
    Hidden,
    NameNotUtf8,
    NameDeceives,
    NameNotAscii,
    NameUnsafe,
    NameClash,
    // A folder among the submissions.
    Unknown,
    LookAlike,
    ClaimedTwice,
}
