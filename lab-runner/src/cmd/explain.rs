//! `lab-runner explain FILE`: anybody's capture -> what is wrong in it.

use anyhow::{Context, Result};

use crate::cli::ExplainArgs;
use crate::explain::{Source, as_json, explain as find, report, shown};
use crate::report::{columns, harmless, say};

/// 0 when it could be read, whatever is wrong in it.
pub(crate) fn explain(args: &ExplainArgs) -> Result<u8> {
    let file = args.file.display().to_string();
    let mut source = Source::open(&args.file)?;
    let tried = || format!("explain {file} as pcap or pcapng");
    let found = find(source.reader()?).with_context(tried)?;
    let chosen = match args.connection {
        Some(number) => Some(found.find(number).with_context(|| {
            format!(
                "{file} has no connection {number} that is listed; without \
                 --connection you see which there are"
            )
        })?),
        None => found.connections.first(),
    };
    let rows = match chosen {
        Some(listed) => Some((listed, shown(source.reader()?, listed)?)),
        None => None,
    };
    let chosen = rows.as_ref().map(|(listed, shown)| (*listed, shown));
    if args.json {
        say(&format!("{}\n", as_json(&file, &found, chosen, args.all)));
    } else {
        let name = harmless(&file);
        say(&report(&name, &found, chosen, args.all, columns()));
    }
    Ok(0)
}
