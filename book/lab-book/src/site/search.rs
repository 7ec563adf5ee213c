//! mdBook's search index -> its texts only; the browser makes the index of
//! them, with our own idea of a word.
//!
//! mdBook writes the inverted index out, which weighs twice what it is made
//! of, and takes `net.ipv4.tcp_sack` for one word that `tcp_sack` doesn't find.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// What makes an index of texts; it stands before `(texts)`.
const MAKER: &str = include_str!("search.js");

/// What a ladder's drawing begins with, and its table.
const DRAWN: &str = "Ladder of ";
const TABLE: &str = "The same as a table Line Who What Numbers Remarks ";

/// Rewrites the index of a site, if it has one.
pub(super) fn rewrite(out: &Path) -> Result<()> {
    let Some(path) = index(out) else { return Ok(()) };
    let text = fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let smaller = smaller(&text).with_context(|| {
        format!("{} is not as mdBook 0.5 writes it", path.display())
    })?;
    fs::write(&path, smaller)
        .with_context(|| format!("cannot write {}", path.display()))
}

fn index(out: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(out).into_iter().flatten().flatten();
    entries.map(|e| e.path()).find(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("searchindex") && name.ends_with(".js")
    })
}

fn smaller(script: &str) -> Option<String> {
    let (_, rest) = script.split_once("JSON.parse('")?;
    let (quoted, _) = rest.rsplit_once("')")?;
    let book: Value = serde_json::from_str(&unquoted(quoted)).ok()?;
    let docs = book["index"]["documentStore"]["docs"].as_object()?;
    let urls = book["doc_urls"].as_array()?;
    let texts = urls.iter().enumerate().map(|(n, url)| {
        let doc = docs.get(&n.to_string());
        let field = |name: &str| {
            let text = doc.and_then(|d| d[name].as_str()).unwrap_or_default();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let body = without_drawings(&field("body"));
        json!([url, field("title"), field("breadcrumbs"), body])
    });
    let data = json!({
        "texts": texts.collect::<Vec<_>>(),
        "search_options": book["search_options"],
        "results_options": book["results_options"],
    });
    Some(format!("{}({data});\n", MAKER.trim_end()))
}

/// A drawing's words stand in the table below it, too.
fn without_drawings(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(DRAWN) {
        let Some(end) = rest[at..].find(TABLE) else { break };
        out.push_str(&rest[..at]);
        rest = &rest[at + end + TABLE.len()..];
    }
    out.push_str(rest);
    out
}

/// The text of a string that JavaScript has between `'`.
fn unquoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut escaped = false;
    for c in text.chars() {
        if c == '\\' && !escaped {
            escaped = true;
            continue;
        }
        escaped = false;
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_is_found_by_its_table() {
        let text = format!("A {DRAWN}x SYN {TABLE}1 SYN B {DRAWN}y");
        assert_eq!(without_drawings(&text), "A 1 SYN B Ladder of y");
    }

    #[test]
    fn texts_stay_and_the_index_goes() {
        let book = json!({
            "doc_urls": ["a.html#x"],
            "index": {
                "documentStore": { "docs": { "0": {
                    "title": "It's \"x\"", "body": "a\n  b\\c",
                    "breadcrumbs": "A » x" } } },
                "index": { "body": { "root": {} } },
            },
            "search_options": { "bool": "AND" },
            "results_options": { "limit_results": 20 },
        });
        let json = book.to_string().replace('\\', "\\\\").replace('\'', "\\'");
        let script =
            format!("window.search = Object.assign(x, JSON.parse('{json}'));");
        let small = smaller(&script).unwrap();
        let texts = r#""texts":[["a.html#x","It's \"x\"","A » x","a b\\c"]]"#;
        assert!(small.contains(texts), "{small}");
        assert!(!small.contains("root"));
        assert!(smaller("window.search = 1").is_none());
    }
}
