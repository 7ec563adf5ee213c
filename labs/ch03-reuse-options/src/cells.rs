//! Tables of what the server was told, with a column for each flag.

use lab_kit::Evidence;
use lab_kit::figure::{Figure, Table};

/// The three ways to start, as the options of the experiments name them.
pub(crate) const FLAGS: [&str; 3] = ["none", "addr", "port"];

/// A row for each name and the beginning of its keys: the flag is their end.
pub(crate) fn table(
    run: &Evidence,
    corner: &str,
    rows: impl IntoIterator<Item = (String, String)>,
) -> Table {
    let head = [corner, "no flag", "SO_REUSEADDR", "SO_REUSEPORT"];
    rows.into_iter().fold(Figure::table(head), |table, (name, begin)| {
        let cells = FLAGS.map(|flags| said(run, &format!("{begin}{flags}")));
        table.row([name].into_iter().chain(cells))
    })
}

/// A row for each flag that an old server had.
pub(crate) fn old_flags() -> impl Iterator<Item = (String, String)> {
    let names = ["no flag", "SO_REUSEADDR", "SO_REUSEPORT"];
    let key = |old: &str| format!("{old}, then ");
    names.into_iter().zip(FLAGS).map(move |(n, old)| (n.into(), key(old)))
}

/// What the server kept under this key; empty if it didn't get that far.
fn said(run: &Evidence, key: &str) -> String {
    let mut kept = run.observations.iter();
    let found = kept.find(|o| o.host == "server" && o.key == key);
    found.map(|o| o.value.clone()).unwrap_or_default()
}
