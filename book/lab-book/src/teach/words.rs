//! `book/data/kernel.toml` -> a line on each counter, sysctl, option and errno.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::uses::Kind;

/// Name -> what it is, of each kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    counters: BTreeMap<String, String>,
    sysctls: BTreeMap<String, String>,
    options: BTreeMap<String, String>,
    errnos: BTreeMap<String, String>,
}

impl Words {
    /// The workspace's.
    pub(crate) fn read(root: &Path) -> Result<Words, String> {
        super::read(root, "kernel")
    }

    /// Those of a kind.
    pub(crate) fn of(&self, kind: Kind) -> &BTreeMap<String, String> {
        match kind {
            Kind::Counters => &self.counters,
            Kind::Sysctls => &self.sysctls,
            Kind::Options => &self.options,
            Kind::Errnos => &self.errnos,
        }
    }
}
