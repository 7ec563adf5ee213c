//! A folder of HTML as mdBook wrote it -> the same, smaller; and its weight.

mod search;
mod slim;
mod weigh;

use std::path::Path;

use anyhow::Result;

use crate::problem::Problem;

pub use weigh::LIMIT;
pub(crate) use weigh::weigh;

/// Makes a built site smaller without taking anything from its readers; the
/// problem is that it is too heavy all the same.
pub(crate) fn finish(out: &Path) -> Result<Option<Problem>> {
    search::rewrite(out)?;
    slim::pages(out)?;
    Ok(weigh::too_heavy(weigh(out)?))
}
