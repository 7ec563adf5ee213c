//! `kind=holes`: some packets of the ladder, or values that programs kept,
//! with some of their fields left out.

use lab_kit::ladder::model::ModelPacket;
use serde_json::{Value, json};

use super::{Made, label, list, shown};
use crate::checks::{Answer, Ask, Ground, field_of, question};
use crate::fields::{Fault, Field, groups};

/// What may be left out of a packet.
const HIDDEN: [&str; 6] = ["from", "flags", "seq", "ack", "bytes", "fate"];

pub(super) fn make(fields: &[Field], ground: &Ground) -> Result<Made, Fault> {
    let mut rows: Vec<&ModelPacket> = Vec::new();
    for field in fields.iter().filter(|f| f.key == "show") {
        rows.extend(packets(field, ground)?);
    }
    let mut holes = Vec::new();
    for (field, own) in groups(fields, &["hide", "fill"]) {
        match field.key.as_str() {
            "hide" => holes.extend(hidden(field, &rows, ground)?),
            _ => holes.push(value(field, own, ground)?),
        }
    }
    if holes.is_empty() {
        let below = fields.first().map_or(0, |f| f.below);
        let what = "nothing is left out: it needs `hide:` or `fill:`".into();
        return Err(Fault { below, what });
    }
    let told = |p: &&ModelPacket| row(p);
    let told: Vec<Value> = rows.iter().map(told).collect();
    let paper = list(rows.iter().map(|p| {
        let hidden = |field: &str| {
            holes.iter().any(|h| h["n"] == p.n && h["field"] == field)
        };
        blanked(p, hidden)
    }));
    let values = holes.iter().filter(|h| h["n"].is_null());
    let values = values.map(|h| h["label"].as_str().unwrap_or_default());
    let paper = paper + &list(values.map(|text| shown(&format!("{text}: ?"))));
    let paper = paper.replace("<ul></ul>", "");
    Ok(Made { key: json!({"rows": told, "holes": holes}), paper })
}

/// `4 to 7`, or `4 6 9`.
fn packets<'g>(
    field: &Field,
    ground: &'g Ground,
) -> Result<Vec<&'g ModelPacket>, Fault> {
    let words: Vec<&str> = field.value.split_whitespace().collect();
    let number = |word: &&str| {
        word.parse::<usize>()
            .map_err(|_| field.fault(format!("`{word}` is not a number")))
    };
    let numbers: Vec<usize> = match words.as_slice() {
        [from, "to", to] => (number(from)?..=number(to)?).collect(),
        all => all.iter().map(number).collect::<Result<_, _>>()?,
    };
    let packet = |n: usize| ground.packet(n).map_err(|w| field.fault(w));
    numbers.into_iter().map(packet).collect()
}

/// `5 flags`, `5 ack, 7 from`.
fn hidden(
    field: &Field,
    rows: &[&ModelPacket],
    ground: &Ground,
) -> Result<Vec<Value>, Fault> {
    let odd = |why: String| field.fault(why);
    let mut holes = Vec::new();
    for part in field.value.split(',') {
        let (n, name) = part.trim().split_once(' ').unwrap_or((part, ""));
        let shown = rows.iter().find(|p| p.n.to_string() == n);
        let Some(packet) = shown else {
            return Err(odd(format!("packet `{n}` isn't among those shown")));
        };
        if !HIDDEN.contains(&name) {
            let all = HIDDEN.join(", ");
            return Err(odd(format!("`{name}` can't be hidden; {all} can")));
        }
        let ask = question(&format!("packet {n} {name}")).map_err(odd)?;
        let options: Option<Vec<&str>> = match name {
            "from" => {
                Some(ground.model.hosts.iter().map(String::as_str).collect())
            }
            "flags" => Some(FLAGS.to_vec()),
            "fate" => Some(vec!["arrives", "lost", "damaged"]),
            _ => None,
        };
        let mut hole = filled(&ask, ground).map_err(odd)?;
        let offered =
            |all: &Vec<&str>| all.iter().any(|o| hole["answer"] == *o);
        if !options.as_ref().is_none_or(offered) {
            let what = format!("{} isn't offered", hole["answer"]);
            return Err(odd(what));
        }
        hole["n"] = json!(packet.n);
        hole["field"] = json!(name);
        hole["options"] = json!(options);
        holes.push(hole);
    }
    Ok(holes)
}

/// Flags to choose from.
const FLAGS: [&str; 8] = [
    "SYN",
    "SYN ACK",
    "ACK",
    "PSH ACK",
    "FIN ACK",
    "FIN PSH ACK",
    "RST",
    "RST ACK",
];

/// A value that a program kept.
fn value(
    field: &Field,
    own: &[Field],
    ground: &Ground,
) -> Result<Value, Fault> {
    let odd = |why: String| field.fault(why);
    let ask = question(&field.value).map_err(odd)?;
    let mut hole = filled(&ask, ground).map_err(odd)?;
    let find = |key: &str| own.iter().find(|f| f.key == key);
    let Some(label) = find("label") else {
        return Err(odd("it needs a `label:`".into()));
    };
    hole["label"] = json!(label.value);
    if let Some(options) = find("options") {
        let bar = options.value.contains('|');
        let all = options.value.split(if bar { '|' } else { ',' });
        let all: Vec<&str> = all.map(str::trim).collect();
        let right = ask.answer(ground).map_err(odd)?.to_string();
        if !all.contains(&right.as_str()) {
            let what = format!("the trace says `{right}`, which isn't offered");
            return Err(options.fault(what));
        }
        hole["options"] = json!(all);
    }
    Ok(hole)
}

fn filled(ask: &Ask, ground: &Ground) -> Result<Value, String> {
    let answer = ask.answer(ground)?;
    let number = matches!(answer, Answer::Number(_));
    Ok(json!({
        "ask": ask.told(ground)?,
        "answer": answer.to_string(),
        "number": number,
    }))
}

fn row(p: &ModelPacket) -> Value {
    let flags = field_of(p, "flags");
    let text = p.label.find('"').map(|at| &p.label[at..]);
    json!({
        "n": p.n,
        "from": p.from,
        "to": p.to,
        "flags": flags,
        "bytes": bytes(p),
        "seq": p.relative.map(|(seq, _)| seq),
        "ack": p.relative.and_then(|(_, ack)| ack),
        "fate": field_of(p, "fate"),
        "text": text,
    })
}

/// A packet on paper.
fn blanked(p: &ModelPacket, hidden: impl Fn(&str) -> bool) -> String {
    let or = |field: &str, text: String| match hidden(field) {
        true => "?".to_string(),
        false => text,
    };
    let ends = or("from", format!("{} to {}", p.from, p.to));
    let mut parts = vec![or("flags", field_of(p, "flags"))];
    let bytes = bytes(p);
    if bytes > 0 || hidden("bytes") {
        parts.push(format!("{} bytes", or("bytes", bytes.to_string())));
    }
    if let Some((seq, ack)) = p.relative {
        if hidden("seq") {
            parts.push("seq ?".into());
        } else if bytes > 0 {
            parts.push(format!("seq {seq}"));
        }
        if let Some(ack) = ack {
            parts.push(format!("ack {}", or("ack", ack.to_string())));
        }
    }
    let fate = field_of(p, "fate");
    if fate != "arrives" || hidden("fate") {
        parts.push(or("fate", fate));
    }
    format!("{}. {ends}: {}", p.n, label(&parts.join(", ")))
}

fn bytes(p: &ModelPacket) -> i64 {
    field_of(p, "bytes").parse().unwrap_or(0)
}
