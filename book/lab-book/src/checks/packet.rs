//! A model's packets -> their fields, and where a packet is found in another
//! run of the same experiment.

use lab_kit::ladder::model::{Model, ModelPacket};

use super::Answer;
use super::ask::FLAGS;

/// The words of a label, without the connection's number.
fn words(packet: &ModelPacket) -> impl Iterator<Item = &str> {
    packet.label.split(' ').skip_while(|word| word.starts_with('#'))
}

/// `PSH ACK`; empty if it isn't TCP's.
pub(super) fn flags(packet: &ModelPacket) -> String {
    let flags = words(packet).take_while(|word| FLAGS.contains(word));
    flags.collect::<Vec<_>>().join(" ")
}

/// `PSH ACK` of a TCP segment, else its first words: `udp`, `icmp 8/0`.
fn kind(packet: &ModelPacket) -> String {
    match flags(packet) {
        flags if flags.is_empty() => words(packet)
            .take_while(|word| !word.starts_with('('))
            .collect::<Vec<_>>()
            .join(" "),
        flags => flags,
    }
}

/// Bytes of payload: a label shows the range of what has some, `1:6`, or a
/// number in brackets.
pub(super) fn bytes(packet: &ModelPacket) -> i64 {
    let range = words(packet).find_map(|word| {
        if let Some(inside) = word.strip_prefix('(') {
            return inside.strip_suffix(')')?.parse().ok();
        }
        let (from, to) = word.split_once(':')?;
        Some(to.parse::<i64>().ok()? - from.parse::<i64>().ok()?)
    });
    range.unwrap_or(0)
}

/// A packet's field, by its name in `ask::FIELDS`; `None` if it has none.
pub(super) fn field(packet: &ModelPacket, name: &str) -> Option<Answer> {
    let text = |text: &str| Some(Answer::Text(text.into()));
    match name {
        "from" => text(&packet.from),
        "to" => text(&packet.to),
        "flags" => text(&kind(packet)),
        "label" => text(&packet.label),
        "seq" => packet.relative.map(|(seq, _)| Answer::Number(seq)),
        "ack" => packet.relative?.1.map(Answer::Number),
        "bytes" => Some(Answer::Number(bytes(packet))),
        "window" => {
            let mut words = words(packet).skip_while(|w| *w != "win").skip(1);
            Some(Answer::Number(words.next()?.parse().ok()?))
        }
        _ => text(match packet.arrived {
            None => "lost",
            Some(_) if packet.damaged => "damaged",
            Some(_) => "arrives",
        }),
    }
}

/// The same as a text; empty if it has none.
pub(crate) fn field_of(packet: &ModelPacket, name: &str) -> String {
    field(packet, name).map_or(String::new(), |answer| answer.to_string())
}

/// A pure ACK whose sender's next segment says the same: whether it left on
/// its own is a matter of luck, so it doesn't count where runs are compared.
/// The third segment of a handshake stays, and so does what a claim names.
fn is_folded(all: &[&ModelPacket], at: usize) -> bool {
    let ack = all[at];
    let pure = |p: &ModelPacket| flags(p) == "ACK" && bytes(p) == 0;
    if !pure(ack) || !ack.shows.is_empty() {
        return false;
    }
    let same = |p: &&&ModelPacket| p.flow == ack.flow && p.from == ack.from;
    let mut before = all[..at].iter().filter(same);
    let opens = before.next().is_some_and(|p| flags(p) == "SYN");
    if opens && before.all(|p| flags(p).contains("SYN")) {
        return false;
    }
    let next = all[at + 1..].iter().find(same);
    next.is_some_and(|p| p.relative == ack.relative)
}

/// Where a packet is found in any run: its connection, and its place there
/// from 0, folded ACKs left out.
pub(super) fn place(model: &Model, n: usize) -> Result<(u32, usize), String> {
    let all: Vec<&ModelPacket> = model.packets().collect();
    let at = all.iter().position(|p| p.n == n);
    let at = at.ok_or_else(|| {
        format!("there is no packet {n}; {} has {}", model.of, all.len())
    })?;
    if is_folded(&all, at) {
        return Err(format!(
            "packet {n} is an ACK that another run may send under its next \
             segment; ask about one that the snapshot shows"
        ));
    }
    let flow = all[at].flow;
    let kept = |n: &usize| all[*n].flow == flow && !is_folded(&all, *n);
    Ok((flow, (0..at).filter(kept).count()))
}
