//! The notation of the snapshots: packetdrill's, a packet a line.
//!
//! ```text
//! client > server  P.   1:6(5)   ack 1   "ping!"
//! server > client  .    1:1(0)   ack 6   {the first ACK waits}
//! == FIN delivered: client FIN-WAIT-1, server CLOSE-WAIT
//! client: read -> 0 (EOF)
//! server: TcpExtDelayedACKs +1
//! ```
//!
//! Absent on purpose: clock values, ISNs, ephemeral ports, IP ids, checksums,
//! windows (unless shown by name). A line prints and parses to the same thing,
//! so the book draws its ladders from the committed snapshots.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::trace::{Proto, Segment};

/// One line of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// `-- connection 2`: what follows belongs to another connection.
    Connection(u32),
    /// A packet.
    Packet(Packet),
    /// The states of all hosts' sockets.
    States {
        /// What had just happened.
        label: String,
        /// Host and state, left to right.
        states: Vec<(String, String)>,
    },
    /// What a program saw.
    Saw {
        /// Who.
        host: String,
        /// `read`.
        key: String,
        /// `0 (EOF)`.
        value: String,
    },
    /// How much a kernel counter grew.
    Counter {
        /// Whose.
        host: String,
        /// Its name.
        name: String,
        /// By how much.
        grew: i64,
    },
}

/// A packet, as far as a snapshot promises it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    /// Sender.
    pub from: String,
    /// Receiver.
    pub to: String,
    /// Flags in packetdrill's letters, or `udp`, `icmp 3/3`, ...
    pub what: String,
    /// `1:6(5)`; for UDP `(5)`.
    pub range: String,
    /// `ack 1`, relative.
    pub ack: Option<i64>,
    /// `win 0`, where the experiment shows windows.
    pub window: Option<u32>,
    /// `mss 1460,sackOK,TS,wscale`: of a SYN, or what a claim shows.
    pub options: String,
    /// `ping!`, `132 x 'a'`: printable payload, short; `\x00\x01` only of an
    /// experiment that keeps bytes.
    pub payload: String,
    /// It never arrived.
    pub lost: bool,
    /// Its checksum was wrong when it arrived, so nobody took it.
    pub damaged: bool,
    /// Its bytes were sent before.
    pub again: bool,
    /// Claims whose gap ends here.
    pub claims: Vec<String>,
}

impl Packet {
    /// What a snapshot says of a segment.
    pub fn of(segment: &Segment, window: bool) -> Self {
        let tcp = segment.proto == Proto::Tcp;
        let what = match &segment.proto {
            Proto::Tcp => segment.flags.to_string(),
            Proto::Udp => "udp".into(),
            Proto::Icmp(kind, code) => format!("icmp {kind}/{code}"),
            Proto::Other(name) => name.clone(),
        };
        let range = if tcp {
            let end = segment.seq.saturating_add(segment.len.into());
            format!("{}:{end}({})", segment.seq, segment.len)
        } else {
            format!("({})", segment.len)
        };
        Packet {
            from: segment.from.clone(),
            to: segment.to.clone(),
            what,
            range,
            ack: segment.ack,
            window: (window && tcp).then_some(segment.window),
            options: options_shown(segment),
            payload: payload_shown(segment),
            lost: segment.arrived.is_none(),
            damaged: segment.damaged || segment.bad_checksum,
            again: segment.retransmission,
            claims: Vec::new(),
        }
    }
}

/// A SYN's options are the news; later ones are all timestamps, except SACK.
fn options_shown(segment: &Segment) -> String {
    use crate::trace::Opt;
    let syn = segment.flags.has('S');
    let shown =
        segment.options.iter().filter(|o| syn || matches!(o, Opt::Sack(_)));
    shown.map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// A text; of an experiment that keeps bytes, also bytes that are none.
fn payload_shown(segment: &Segment) -> String {
    let text = preview(&segment.payload, segment.len);
    if text.is_empty() { escaped(segment.data()) } else { text }
}

/// `\x00\x00\x00\x05hello`: at most 12 bytes, none of them a quote.
fn escaped(bytes: &[u8]) -> String {
    let kept = &bytes[..bytes.len().min(12)];
    let shown = |&byte: &u8| match byte {
        b'"' | b'\\' | ..b' ' | 0x7f.. => format!("\\x{byte:02x}"),
        plain => char::from(plain).to_string(),
    };
    let cut = if kept.len() < bytes.len() { "..." } else { "" };
    kept.iter().map(shown).collect::<String>() + cut
}

/// Printable and short, or a run of one byte, or nothing. A text that ends
/// with a NUL is shown up to it.
fn preview(payload: &str, len: u32) -> String {
    let kept = payload.split('\0').next().unwrap_or_default();
    let Some(first) = kept.chars().next() else { return String::new() };
    let printable = |c: char| (' '..='~').contains(&c) && c != '"';
    let whole = kept.len() == payload.len();
    let one = whole && kept.chars().all(|c| c == first);
    if len > 3 && one && printable(first) {
        return format!("{len} x '{first}'");
    }
    let short: String = kept.chars().take(24).collect();
    if !short.chars().all(printable) {
        return String::new();
    }
    let cut = if len as usize > short.len() { "..." } else { "" };
    format!("{short}{cut}")
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Line::Connection(n) => write!(f, "-- connection {n}"),
            Line::Packet(packet) => packet.fmt(f),
            Line::States { label, states } => {
                let list: Vec<_> =
                    states.iter().map(|(h, s)| format!("{h} {s}")).collect();
                write!(f, "== {label}: {}", list.join(", "))
            }
            Line::Saw { host, key, value } => {
                let text = format!("{host}: {key} -> {value}");
                f.write_str(text.trim_end())
            }
            Line::Counter { host, name, grew } => {
                write!(f, "{host}: {name} {grew:+}")
            }
        }
    }
}

impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = format!(
            "{} > {}  {:<4} {:<9}",
            self.from, self.to, self.what, self.range
        );
        let mut column = |part: String| {
            if !part.is_empty() {
                text = format!("{text} {part}");
            }
        };
        column(
            self.ack.map_or(String::new(), |n| {
                format!("{:<7}", format!("ack {n}"))
            }),
        );
        column(self.window.map_or(String::new(), |n| format!("win {n}")));
        if !self.options.is_empty() {
            column(format!("<{}>", self.options));
        }
        if !self.payload.is_empty() {
            column(format!("\"{}\"", self.payload));
        }
        if self.again {
            column("[again]".into());
        }
        if self.lost {
            column("[lost]".into());
        }
        if self.damaged {
            column("[damaged]".into());
        }
        for claim in &self.claims {
            column(format!("{{{claim}}}"));
        }
        f.write_str(text.trim_end())
    }
}

/// A whole snapshot's text as lines; the error says which line isn't ours. None
/// of them holds what could command a terminal.
pub fn parse(text: &str) -> Result<Vec<Line>, String> {
    let lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty());
    lines
        .map(|(n, line)| {
            parse_line(line)
                .ok_or_else(|| format!("line {} is not ours: {line:?}", n + 1))
        })
        .collect()
}

fn parse_line(line: &str) -> Option<Line> {
    let line = line.trim_end();
    if line.chars().any(is_command) {
        return None;
    }
    if let Some(n) = line.strip_prefix("-- connection ") {
        return Some(Line::Connection(n.trim().parse().ok()?));
    }
    if let Some(rest) = line.strip_prefix("== ") {
        let (label, states) = rest.rsplit_once(": ")?;
        let pair = |s: &str| {
            let (host, state) = s.split_once(' ')?;
            Some((host.to_string(), state.to_string()))
        };
        let states = states.split(", ").map(pair).collect::<Option<_>>()?;
        return Some(Line::States { label: label.into(), states });
    }
    if let Some(packet) = parse_packet(line) {
        return Some(Line::Packet(packet));
    }
    let (host, rest) = line.split_once(": ")?;
    let nothing = || Some((rest.strip_suffix(" ->")?, ""));
    if let Some((key, value)) = rest.split_once(" -> ").or_else(nothing) {
        return Some(Line::Saw {
            host: host.into(),
            key: key.into(),
            value: value.into(),
        });
    }
    let (name, grew) = rest.rsplit_once(' ')?;
    Some(Line::Counter {
        host: host.into(),
        name: name.into(),
        grew: grew.parse().ok()?,
    })
}

fn parse_packet(line: &str) -> Option<Packet> {
    let (from, rest) = line.split_once(" > ")?;
    let (to, rest) = rest.split_once("  ")?;
    if from.contains([' ', ':']) || to.contains(' ') {
        return None;
    }
    let open = rest.find('(')?;
    let close = open + rest[open..].find(')')?;
    let (head, mut tail) = (&rest[..=close], &rest[close + 1..]);
    let head = head.trim();
    let at = head.rfind(' ')?;
    let mut packet = Packet {
        from: from.into(),
        to: to.into(),
        what: head[..at].trim().into(),
        range: head[at + 1..].into(),
        ack: None,
        window: None,
        options: String::new(),
        payload: String::new(),
        lost: false,
        damaged: false,
        again: false,
        claims: Vec::new(),
    };
    loop {
        tail = tail.trim_start();
        if tail.is_empty() {
            return Some(packet);
        }
        if let Some(rest) = tail.strip_prefix("ack ") {
            let (n, rest) = word(rest);
            packet.ack = Some(n.parse().ok()?);
            tail = rest;
        } else if let Some(rest) = tail.strip_prefix("win ") {
            let (n, rest) = word(rest);
            packet.window = Some(n.parse().ok()?);
            tail = rest;
        } else if let Some(rest) = tail.strip_prefix('<') {
            let (options, rest) = rest.split_once('>')?;
            packet.options = options.into();
            tail = rest;
        } else if let Some(rest) = tail.strip_prefix('"') {
            let (payload, rest) = rest.split_once('"')?;
            packet.payload = payload.into();
            tail = rest;
        } else if let Some(rest) = tail.strip_prefix('{') {
            let (claim, rest) = rest.split_once('}')?;
            packet.claims.push(claim.into());
            tail = rest;
        } else if let Some(rest) = tail.strip_prefix("[again]") {
            packet.again = true;
            tail = rest;
        } else if let Some(rest) = tail.strip_prefix("[damaged]") {
            packet.damaged = true;
            tail = rest;
        } else {
            tail = tail.strip_prefix("[lost]")?;
            packet.lost = true;
        }
    }
}

/// Whether a terminal would obey this character instead of showing it: control
/// characters, and those that break a line or turn its direction.
pub fn is_command(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        )
}

/// Untrusted text as part of one line: what is a command is shown as an escape.
pub fn harmless(text: &str) -> String {
    let shown = |c: char| match is_command(c) {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(shown).collect()
}

fn word(text: &str) -> (&str, &str) {
    text.split_at(text.find(' ').unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "\
-- connection 2
client > server  S    0:0(0)    <mss 1460,sackOK,TS,wscale>
client > server  P.   1:6(5)    ack 1   \"ping!\"
server > client  .    1:1(0)    ack 6   {the first ACK waits} {and: more}
client > server  P.   1:6(5)    ack 1   win 0 \"132 x 'a'\" [again] [lost]
client > server  P.   6:7(1)    ack 1   \"x\" [damaged]
server > client  icmp 3/3 (33)
== FIN delivered: client FIN-WAIT-1, server CLOSE-WAIT
client: read -> 0 (EOF)
server: TcpExtDelayedACKs +1";

    #[test]
    fn a_snapshot_prints_as_it_was_parsed() {
        let lines = parse(SAMPLE).unwrap();
        let text: Vec<_> = lines.iter().map(ToString::to_string).collect();
        assert_eq!(text.join("\n"), SAMPLE);
        assert_eq!(lines.len(), 10);
    }

    #[test]
    fn a_text_is_previewed_up_to_its_nul() {
        assert_eq!(preview("2c\0\0\0\0", 132), "2c...");
        assert_eq!(preview("aaaaaa\0\0", 8), "aaaaaa...");
        assert_eq!(preview("aaaaaaaa", 8), "8 x 'a'");
        assert_eq!(preview("ping!", 5), "ping!");
        assert_eq!(preview("\0\0", 2), "");
    }

    #[test]
    fn bytes_that_are_no_text_are_escaped() {
        assert_eq!(escaped(b"\0\x01hi\"\r\\"), r"\x00\x01hi\x22\x0d\x5c");
        assert_eq!(escaped(&[1; 13]), r"\x01".repeat(12) + "...");
        assert_eq!(escaped(b""), "");
    }

    #[test]
    fn an_empty_value_reads_back() {
        let saw = parse("client: read -> ").unwrap().pop().unwrap();
        assert_eq!(parse(&saw.to_string()).unwrap(), [saw]);
    }

    #[test]
    fn nothing_in_a_line_commands_a_terminal() {
        for command in ["\x1b[2J", "\u{9b}31m", "a\rb", "\u{202e}"] {
            let line = format!("client: read -> {command}.");
            assert!(parse(&line).is_err(), "{line:?}");
            let shown = harmless(&line);
            assert_eq!(parse(&shown).unwrap()[0].to_string(), shown);
        }
    }

    #[test]
    fn a_line_that_is_not_ours_is_named() {
        let error =
            parse("client > server  S 0:0(0)\nlorem ipsum").unwrap_err();
        assert!(error.contains("line 2"), "{error}");
    }
}
