//! What was found -> JSON for programs and the book's page.

use serde_json::{Value, json};

use super::finding::page;
use super::{Explained, Listed, Shown};
use lab_trace::reader::Ended;

/// Raised when an old page would misread.
const FORMAT: u32 = 1;
/// Connections in one answer.
const MOST: usize = 1000;

pub(crate) fn as_json(
    file: &str,
    found: &Explained,
    chosen: Option<(&Listed, &Shown)>,
    all: bool,
) -> Value {
    let truncated = match &found.ended {
        Ended::Whole => Value::Null,
        Ended::BreaksOff(why) => why.as_str().into(),
    };
    let most = if all { usize::MAX } else { MOST };
    let connections = found.connections.iter().take(most).map(connection);
    let first = found.passed.first.unwrap_or(found.passed.last);
    let mut answer = json!({
        "format": FORMAT,
        "file": file,
        "packets": found.passed.packets,
        "bytes": found.passed.bytes,
        "lasted": found.passed.last.saturating_sub(first),
        "truncated": truncated,
        "notes": found.notes(),
        "count": found.passed.connections,
        "wrong": found.wrong(),
        "connections": connections.collect::<Vec<_>>(),
    });
    if let Some((listed, shown)) = chosen {
        let of = format!("{file}, connection {}", listed.number);
        answer["chosen"] = listed.number.into();
        answer["left_out"] = shown.left_out.into();
        answer["model"] =
            serde_json::to_value(shown.model(&of)).unwrap_or_default();
    }
    answer
}

fn connection(one: &Listed) -> Value {
    let wrong = one.wrong.iter().map(|wrong| {
        let mut object = json!({
            "what": wrong.kind.name(),
            "severity": wrong.severity,
            "sentence": wrong.sentence,
            "packets": wrong.packets,
        });
        if wrong.lasted > 0 {
            object["lasted"] = wrong.lasted.into();
        }
        if let Some(experiment) = wrong.kind.experiment() {
            object["experiment"] = experiment.into();
            object["page"] = page(experiment).into();
        }
        object
    });
    json!({
        "n": one.number,
        "proto": if one.key.tcp { "tcp" } else { "udp" },
        "client": one.ends[0].to_string(),
        "server": one.ends[1].to_string(),
        "packets": one.packets,
        "bytes": one.bytes,
        "lasted": one.lasted,
        "wrong": wrong.collect::<Vec<_>>(),
    })
}
