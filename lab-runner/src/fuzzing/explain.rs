//! A capture of anybody's: explained, and drawn, whatever it holds.

use crate::explain::{as_json, explain as find, report, shown};

/// Every connection that is listed has its ladder; neither text nor JSON holds
/// what would command a terminal.
pub fn explain(bytes: &[u8]) {
    let Ok(found) = find(bytes) else { return };
    for listed in found.connections.iter().take(4) {
        let rows = shown(bytes, listed).expect("it was read before");
        let text = report("it", &found, Some((listed, &rows)), true, 80);
        let plain = anstream::adapter::strip_str(&text).to_string();
        let commands = |c: char| c != '\n' && lab_kit::line::is_command(c);
        assert!(!plain.contains(commands), "{plain:?}");
        let json = as_json("it", &found, Some((listed, &rows)), true);
        let last = listed.span.1;
        for wrong in &listed.wrong {
            assert!(wrong.packets.iter().all(|n| *n <= last), "{wrong:?}");
        }
        assert!(json["model"]["rows"].is_array());
    }
}
