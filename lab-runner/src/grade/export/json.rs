//! Results -> `results.json`: the order of the fields is the types'.

use anyhow::{Context, Result};

use crate::grade::results::Results;

pub(super) fn json(results: &Results) -> Result<Vec<u8>> {
    let mut bytes =
        serde_json::to_vec_pretty(results).context("write results as JSON")?;
    bytes.push(b'\n');
    Ok(bytes)
}
