//! Sources, snapshots and questions -> listings and boxes.

use crate::html::escape;
use crate::labs::Found;
use lab_kit::names::nearest;

/// A lab's source, or the part between `// ANCHOR: name` and its end.
pub(super) fn code(
    (path, source): (String, String),
    anchor: Option<&str>,
) -> Result<String, String> {
    let text = match anchor {
        Some(name) => anchored(&source, name)
            .map_err(|hint| format!("{path} has no anchor `{name}`; {hint}"))?,
        None => whole(&source),
    };
    Ok(listing(&path, "rust,noplayground", &text))
}

/// A text under the name of its file.
pub(super) fn listing(path: &str, language: &str, text: &str) -> String {
    let text = protect(text.trim_matches('\n'));
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    let path = escape(path);
    format!(
        "<figure class=\"listing\">\n<figcaption><code>{path}</code>\
         </figcaption>\n\n{fence}{language}\n{text}\n{fence}\n\n\
         </figure>"
    )
}

/// A snapshot's text.
pub(super) fn snapshot(
    found: &Found,
    variant: Option<&str>,
) -> Result<String, String> {
    let (path, snapshot) = found.snapshot(variant)?;
    let (path, kernel) = (escape(&path), escape(&snapshot.kernel));
    let text = escape(&snapshot.text);
    Ok(format!(
        "<figure class=\"listing\">\n<figcaption><code>{path}</code>, \
         accepted on {kernel}</figcaption>\n<div class=\"listing-body\">\n\
         <pre><code class=\"language-text nohighlight\">{text}\n</code></pre>\n\
         </div>\n</figure>"
    ))
}

/// A question to answer before reading on; a script adds the box to write in.
pub(super) fn predict(id: &str, question: &str) -> String {
    format!(
        "<div class=\"predict\" data-predict=\"{id}\">\n\
         <p class=\"predict-title\">Predict</p>\n\
         <div class=\"predict-question\" id=\"predict-{id}\">\n\n\
         {question}\n\n</div>\n\
         <p class=\"predict-hint\">Write down a guess before you read on.</p>\n\
         </div>"
    )
}

/// Without the `//!` block that opens it, and without anchors.
fn whole(source: &str) -> String {
    let body = source
        .lines()
        .skip_while(|l| l.starts_with("//!") || l.trim().is_empty());
    join(body.filter(|l| mark(l).is_none()))
}

/// The lines between an anchor and its end, moved to the left margin.
fn anchored(source: &str, name: &str) -> Result<String, String> {
    let mut inside = false;
    let mut seen = false;
    let mut kept = Vec::new();
    for line in source.lines() {
        match mark(line) {
            Some((true, found)) if found == name => {
                (inside, seen) = (true, true)
            }
            Some((false, found)) if found == name => inside = false,
            Some(_) => {}
            None if inside => kept.push(line),
            None => {}
        }
    }
    if !seen {
        let names = source.lines().filter_map(mark).filter(|(open, _)| *open);
        return Err(nearest(name, names.map(|(_, name)| name)));
    }
    let margin = |l: &&str| l.len() - l.trim_start().len();
    let full = kept.iter().filter(|l| !l.trim().is_empty());
    let margin = full.map(margin).min().unwrap_or(0);
    Ok(join(kept.iter().map(|l| l.get(margin..).unwrap_or(""))))
}

/// An anchor line: whether it opens, and its name.
fn mark(line: &str) -> Option<(bool, &str)> {
    let text = line.trim().strip_prefix("//")?.trim_start();
    if let Some(name) = text.strip_prefix("ANCHOR_END:") {
        return Some((false, name.trim()));
    }
    text.strip_prefix("ANCHOR:").map(|name| (true, name.trim()))
}

fn join<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.map(|l| format!("{l}\n")).collect()
}

/// mdBook looks for `{{#include}}` even in code; a backslash, which it takes
/// away, tells it not to.
pub(super) fn protect(text: &str) -> String {
    let line = |line: &str| match line.split_once("{{") {
        Some((before, rest))
            if rest.starts_with('#') && rest.contains("}}") =>
        {
            format!("{before}\\{{{{{rest}")
        }
        _ => line.to_string(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "//! # Title\n//!\n//! Words.\n\nuse x;\n\n\
        // ANCHOR: all\nfn a() {\n    // ANCHOR: inner\n    b();\n\n    \
        if c {\n        d();\n    }\n    // ANCHOR_END: inner\n}\n\
        // ANCHOR_END: all\n";

    #[test]
    fn a_whole_file_comes_without_its_head_and_anchors() {
        let text = whole(SOURCE);
        assert!(text.starts_with("use x;\n\nfn a() {\n    b();"), "{text}");
        assert!(!text.contains("ANCHOR"), "{text}");
    }

    #[test]
    fn an_anchor_comes_without_the_anchors_inside_and_without_margin() {
        let inner = "b();\n\nif c {\n    d();\n}\n";
        assert_eq!(anchored(SOURCE, "inner").unwrap(), inner);
        assert!(!anchored(SOURCE, "all").unwrap().contains("ANCHOR"));
        let hint = anchored(SOURCE, "iner").unwrap_err();
        assert_eq!(hint, "did you mean inner?");
    }

    #[test]
    fn mdbook_does_not_read_directives_in_code() {
        let text = "a\nlet s = \"{{#include /etc/passwd}}\";\n{{x}}";
        let safe = "a\nlet s = \"\\{{#include /etc/passwd}}\";\n{{x}}";
        assert_eq!(protect(text), safe);
    }
}
