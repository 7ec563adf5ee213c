//! What is counted guest by guest, and kept as one observation: `4 4 4`.

use anyhow::Result;
use lab_kit::Net;

/// Host, key, and a value for each guest.
#[derive(Default)]
pub(crate) struct Tally(Vec<(String, String, Vec<String>)>);

impl Tally {
    /// Adds what was seen with one more guest.
    pub(crate) fn add(
        &mut self,
        host: &str,
        key: &str,
        value: impl std::fmt::Display,
    ) {
        let value = value.to_string();
        let same = |row: &&mut (String, String, Vec<String>)| {
            row.0 == host && row.1 == key
        };
        match self.0.iter_mut().find(same) {
            Some(row) => row.2.push(value),
            None => self.0.push((host.into(), key.into(), vec![value])),
        }
    }

    /// Keeps all as evidence.
    pub(crate) fn observe(&self, net: &Net) -> Result<()> {
        self.0.iter().try_for_each(|(host, key, values)| {
            net.on(host, || net.observe(key, values.join(" ")))
        })
    }
}
