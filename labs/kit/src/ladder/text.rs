//! Ladder -> lines of text, for a terminal of a given width.

use super::{Ladder, Row, label, number};
use crate::line::is_command;

/// A line of text and how it may be coloured; the text says it all without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextLine {
    /// As printed.
    pub text: String,
    /// Its colour, if there are colours.
    pub tone: Tone,
}

/// How a line may be coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// In the background.
    Dim,
    /// What a claim that holds is about.
    Good,
    /// What a claim that fails is about.
    Bad,
}

const TIME: usize = 12;
const MARGIN: usize = 7;

/// Draws the ladder in a terminal this many columns wide (80 at least).
pub fn draw(ladder: &Ladder, width: usize) -> Vec<TextLine> {
    let page = Page::new(&ladder.hosts, &ladder.claims, width);
    let timed = ladder
        .rows
        .iter()
        .any(|r| matches!(r, Row::Packet { at: Some(_), .. }));
    let heading = page.heading(timed);
    let rows = ladder.rows.iter().map(|row| page.row(row));
    std::iter::once(heading).chain(rows).collect()
}

/// Draws line by line what need not be there at once.
pub struct Page<'a> {
    hosts: &'a [String],
    claims: &'a [String],
    /// Column of each host's rail within the body.
    rails: Vec<usize>,
    body: usize,
}

impl<'a> Page<'a> {
    /// As wide as a terminal of this many columns (80 at least).
    pub fn new(
        hosts: &'a [String],
        claims: &'a [String],
        width: usize,
    ) -> Self {
        let body = width.clamp(80, 110) - TIME - MARGIN;
        let last = hosts.len().saturating_sub(1).max(1);
        let rails = (0..hosts.len()).map(|n| n * (body - 1) / last);
        Page { hosts, claims, rails: rails.collect(), body }
    }

    /// The hosts; and the unit of times, if packets have some.
    pub fn heading(&self, timed: bool) -> TextLine {
        let mut line = vec![' '; self.body];
        let last = self.hosts.len().saturating_sub(1);
        for (n, host) in self.hosts.iter().enumerate() {
            let len = host.chars().count();
            let at = match n {
                0 => 0,
                n if n == last => self.body.saturating_sub(len),
                n => self.rails[n].saturating_sub(len / 2),
            };
            put(&mut line, at, host);
        }
        let unit = if timed { "ms" } else { "" };
        plain(format!("{unit:>10}  {}", text(&line)).trim_end().into())
    }

    /// One row.
    pub fn row(&self, row: &Row) -> TextLine {
        match row {
            Row::Packet { at, number, flow, packet, shows } => {
                let body = self.arrow(packet, &label(packet, *flow));
                let tags: Vec<_> = shows.iter().map(tag).collect();
                let tone = match shows.iter().any(|(_, holds)| !holds) {
                    true => Tone::Bad,
                    false => Tone::Plain,
                };
                let text = line(*at, &body, &tags.join(""));
                TextLine { text: numbered(*number, text), tone }
            }
            Row::Gap { claim, lasted, holds } => {
                let name = self.claims.get(*claim);
                let name = name.map_or("", String::as_str);
                let sign = number(*claim);
                let says = match (lasted.is_empty(), holds) {
                    (true, _) => format!("{sign} {name}"),
                    (_, true) => format!("{sign} {lasted}: {name}"),
                    (_, false) => format!("✗{sign} {lasted}, against: {name}"),
                };
                let tone = if *holds { Tone::Good } else { Tone::Bad };
                TextLine { text: line(None, &self.middle(&says), ""), tone }
            }
            Row::States { label, states } => {
                let body = self.states(label, states);
                TextLine { text: line(None, &body, ""), tone: Tone::Good }
            }
            Row::Note { at, host, text } => {
                let text = self.note(host, text);
                TextLine { text: line(*at, &text, ""), tone: Tone::Dim }
            }
            Row::Quiet { text } => {
                let text = line(None, &self.middle(text), "");
                TextLine { text, tone: Tone::Dim }
            }
            Row::Connection(n) => {
                let text =
                    line(None, &self.middle(&format!("connection {n}")), "");
                TextLine { text, tone: Tone::Dim }
            }
        }
    }

    fn empty(&self, rail: char) -> Vec<char> {
        let mut line = vec![' '; self.body];
        for &at in &self.rails {
            line[at] = rail;
        }
        line
    }

    fn rail_of(&self, host: &str) -> Option<usize> {
        let n = self.hosts.iter().position(|h| h == host)?;
        self.rails.get(n).copied()
    }

    fn arrow(&self, packet: &crate::line::Packet, label: &str) -> String {
        let mut line = self.empty('│');
        let (from, to) = (self.rail_of(&packet.from), self.rail_of(&packet.to));
        let (Some(from), Some(to)) = (from, to) else {
            return self
                .middle(&format!("{} > {}  {label}", packet.from, packet.to));
        };
        if from == to {
            return self.to_itself(from, label, packet.lost);
        }
        let (left, right) = (from.min(to), from.max(to));
        let room = (right - left).saturating_sub(7);
        if room < 3 {
            // More hosts than there is room for.
            let says = format!("{} > {}  {label}", packet.from, packet.to);
            return self.middle(&says);
        }
        for cell in &mut line[left + 1..right] {
            *cell = '─';
        }
        let label = format!(" {} ", cut(label, room));
        if from < to {
            line[right - 1] = if packet.lost { '✗' } else { '▶' };
            put(&mut line, left + 3, &label);
        } else {
            line[left + 1] = if packet.lost { '✗' } else { '◀' };
            put(&mut line, right - 1 - label.chars().count(), &label);
        }
        text(&line)
    }

    /// A packet that a host sends to itself, at its own address.
    fn to_itself(&self, rail: usize, label: &str, lost: bool) -> String {
        let mut line = self.empty('│');
        let sign = if lost { '✗' } else { '↩' };
        let says = format!("{sign} {}", cut(label, self.body - 4));
        let last = rail + 1 == self.body;
        let at = if last { rail - says.chars().count() - 1 } else { rail + 2 };
        put(&mut line, at, &says);
        text(&line)
    }

    fn middle(&self, says: &str) -> String {
        let mut line = self.empty('┊');
        let says = cut(says, self.body - 4);
        let at = (self.body - says.chars().count()) / 2;
        put(&mut line, at, &format!(" {says} "));
        line[0] = '┊';
        text(&line)
    }

    /// Left state at the left rail, right state at the right, label between.
    fn states(&self, label: &str, states: &[(String, String)]) -> String {
        let mut line = self.empty('┊');
        let last = self.rails.len().saturating_sub(1);
        for (host, state) in states {
            let Some(n) = self.hosts.iter().position(|h| h == host) else {
                continue;
            };
            let len = state.chars().count();
            let at = match n {
                0 => 2,
                n if n == last => self.body.saturating_sub(len + 2),
                n => self.rails[n].saturating_sub(len / 2),
            };
            put(&mut line, at, state);
        }
        if self.rails.len() == 2 {
            let label = cut(label, self.body - 34);
            let at = (self.body - label.chars().count()) / 2;
            put(&mut line, at, &label);
        }
        text(&line)
    }

    fn note(&self, host: &str, says: &str) -> String {
        let mut line = self.empty('┊');
        let says = cut(says, self.body - 6);
        let len = says.chars().count();
        let middle = (self.body - len) / 2;
        let rail = self.rail_of(host);
        let at = match rail {
            Some(0) => 2,
            Some(at) if at + 1 == self.body => self.body - len - 2,
            Some(at) => (at + 2).min(self.body - len - 2),
            None => middle,
        };
        put(&mut line, at, &says);
        text(&line)
    }
}

fn plain(text: String) -> TextLine {
    TextLine { text, tone: Tone::Plain }
}

fn line(at: Option<i64>, body: &str, tags: &str) -> String {
    let time = at.map(|ns| format!("{:10.3}", ns as f64 / 1e6));
    let time = time.unwrap_or_else(|| " ".repeat(10));
    format!("{time}  {body} {tags}").trim_end().into()
}

/// Its number where the time leaves room, at the left.
fn numbered(number: Option<usize>, line: String) -> String {
    let Some(number) = number else { return line };
    let number = number.to_string();
    match line.strip_prefix(" ".repeat(number.len() + 1).as_str()) {
        Some(rest) => format!("{number} {rest}"),
        None => format!("{number} {line}"),
    }
}

fn tag((claim, holds): &(usize, bool)) -> String {
    let fails = if *holds { "" } else { "✗" };
    format!("{fails}{}", number(*claim))
}

fn put(line: &mut [char], at: usize, text: &str) {
    for (cell, c) in line.iter_mut().skip(at).zip(text.chars()) {
        *cell = c;
    }
}

/// One line, whatever was put into it.
fn text(line: &[char]) -> String {
    let shown = |&c: &char| if is_command(c) { '\u{fffd}' } else { c };
    line.iter().map(shown).collect()
}

fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.into();
    }
    let kept: String = text.chars().take(room.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_hosts_has_a_ladder() {
        for count in 0..200 {
            let hosts: Vec<String> =
                (0..count).map(|n| format!("h{n}")).collect();
            let says = "h0 > h1  S    0:0(0)\nh1 > h0  S.   0:0(0) ack 1";
            let lines = crate::line::parse(says).unwrap();
            let ladder = Ladder::of_lines(&lines, &hosts, &[]);
            let drawn = draw(&ladder, 80);
            assert!(drawn[1].text.contains("SYN"), "{count}: {drawn:?}");
        }
    }

    #[test]
    fn a_packet_to_its_own_sender_stays_at_its_rail() {
        let hosts = ["left", "right"].map(String::from);
        for host in &hosts {
            let snapshot = format!("{host} > {host}  S    0:0(0)");
            let lines = crate::line::parse(&snapshot).unwrap();
            let ladder = Ladder::of_lines(&lines, &hosts, &[]);
            let drawn = draw(&ladder, 80).pop().unwrap().text;
            let cut = drawn.split_once("↩ SYN");
            let (before, after) = cut.unwrap_or_else(|| panic!("{drawn:?}"));
            let side = if host == "left" { before } else { after };
            assert!(side.trim() == "│", "{drawn:?}");
        }
    }
}
