//! Arbitrary bytes -> nothing, or a panic: what must hold of text in the book's
//! pages. The fuzz target `html` and a test call the same function.

use lab_kit::figure::{Bytes, Field};
use lab_kit::ladder::Ladder;
use lab_kit::line;

use crate::bytes::draw;
use crate::html::{escape, wrap};
use crate::snapshot::Snapshot;
use crate::svg::{Names, svg};

/// Text as content, wrapped, and in a drawing; a snapshot, if it is one.
pub(crate) fn html(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    assert_eq!(unescaped(&escape(&text)), shown(&text));
    let width = usize::from(bytes.first().copied().unwrap_or(0));
    let lines = wrap(&text, width);
    assert!(lines.iter().all(|l| l.chars().count() <= width.max(1)));
    let joined: String = lines.concat().replace(' ', "");
    assert_eq!(joined, text.replace(' ', ""));
    if let Ok(snapshot) = Snapshot::read(&text) {
        assert!(!snapshot.text.is_empty());
        snapshot.select(Some(1), 2, 3);
    }
    is_a_drawing(&of_bytes(bytes, &text));
    let lines = line::parse(&text).unwrap_or_default();
    let said = line::Line::Saw {
        host: "client".into(),
        key: "read".into(),
        value: text.to_string(),
    };
    let states = line::Line::States {
        label: text.to_string(),
        states: vec![("client".into(), text.to_string())],
    };
    let lines = [lines, vec![said, states]].concat();
    let hosts = ["client", "server", "third"].map(String::from);
    for hosts in [&hosts[..], &hosts[..2], &hosts[..1], &[]] {
        drawn(&Ladder::of_lines(&lines, hosts, &["so".into()]), &text);
    }
}

/// A figure of bytes whose fields lie anywhere.
fn of_bytes(bytes: &[u8], text: &str) -> String {
    let number = |at: usize| {
        let bytes = bytes.iter().skip(at).take(8);
        bytes.fold(0usize, |all, byte| all << 8 | usize::from(*byte))
    };
    let field =
        |at, len| Field { at, len, name: text.into(), meaning: text.into() };
    draw(&Bytes {
        hex: text.into(),
        fields: vec![field(number(0), number(8)), field(0, 2)],
    })
}

fn drawn(ladder: &Ladder, text: &str) {
    let (title, about) = (text.to_string(), text.to_string());
    let names = Names { id: "x".into(), title, about };
    is_a_drawing(&svg(ladder, &names));
}

/// What a browser shows of text: control characters as the sign for such.
fn shown(text: &str) -> String {
    let hidden = |c: char| c.is_control() && c != '\n' && c != '\t';
    text.replace(hidden, "\u{fffd}")
}

/// Entities back to what they stand for; anything else of HTML is a fault.
fn unescaped(html: &str) -> String {
    assert!(!html.contains(['<', '>', '"', '\'', '{', '}']), "{html:?}");
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#123;", "{"),
        ("&#125;", "}"),
        ("&amp;", "&"),
    ];
    let bare = entities
        .iter()
        .fold(html.to_string(), |html, (entity, _)| html.replace(entity, ""));
    assert!(!bare.contains('&'), "{html:?}");
    entities.iter().fold(html.to_string(), |html, (entity, stands_for)| {
        html.replace(entity, stands_for)
    })
}

/// Our own elements, each closed, and nothing that runs.
fn is_a_drawing(svg: &str) {
    let known = [
        "svg", "title", "desc", "line", "text", "rect", "path", "circle",
        "div", "table", "thead", "tbody", "tr", "th", "td", "span", "b", "i",
        "p", "code",
    ];
    let mut open = Vec::new();
    for part in svg.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("a tag ends");
        assert!(!text.contains(['>', '"', '{', '}']), "{text:?}");
        let name = tag.trim_start_matches('/').trim_end_matches('/');
        let name = name.split([' ', '\n']).next().unwrap_or_default();
        assert!(known.contains(&name), "{tag:?}");
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) => assert_eq!(open.pop(), Some(name), "{svg}"),
            (false, true) => {}
            (false, false) => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?} in {svg}");
}
