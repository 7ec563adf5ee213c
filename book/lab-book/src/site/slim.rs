//! Pages -> the same without indentation, comments and zeros that say nothing,
//! of which each page has ten kilobytes.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Rewrites every page below a folder.
pub(super) fn pages(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            pages(&path)?;
        } else if path.extension().is_some_and(|e| e == "html") {
            let page = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            fs::write(&path, slim(&page))
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(())
}

/// Elements whose text is shown, or run, as it stands.
const AS_IT_STANDS: [&str; 4] = ["pre", "textarea", "script", "style"];

fn slim(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    let mut licence = false;
    while let Some(open) = rest.find('<') {
        text(&rest[..open], &mut out);
        rest = &rest[open..];
        let length = if rest.starts_with("<!--") {
            let length = rest.find("-->").map_or(rest.len(), |n| n + 3);
            // An icon's licence asks to be named: once a page is enough.
            if rest[..length].contains("License") && !licence {
                licence = true;
                out.push_str(&rest[..length]);
            }
            length
        } else {
            let length = kept(rest);
            shortened(&rest[..length], &mut out);
            length
        };
        rest = &rest[length..];
    }
    text(rest, &mut out);
    out
}

/// A drawing's `100.0000%`; a script's indentation, unless a string of it may
/// go on over lines.
fn shortened(element: &str, out: &mut String) {
    if element.starts_with("<script") && !element.contains('`') {
        for line in element.split_inclusive('\n') {
            out.push_str(line.trim_start_matches(' '));
        }
    } else if element.starts_with("<pre") {
        out.push_str(element);
    } else {
        out.push_str(&element.replace(".0000%\"", "%\""));
    }
}

/// The length of what begins here and stays as it is: a tag, or an element.
fn kept(rest: &str) -> usize {
    let name = |name: &&&str| {
        let after = rest[1..].strip_prefix(**name);
        after.is_some_and(|a| a.starts_with([' ', '>', '\n']))
    };
    match AS_IT_STANDS.iter().find(name) {
        Some(name) => {
            let end = format!("</{name}>");
            rest.find(&end).map_or(rest.len(), |n| n + end.len())
        }
        None => rest[1..].find(['<', '>']).map_or(rest.len(), |n| {
            n + 1 + usize::from(rest[n + 1..].starts_with('>'))
        }),
    }
}

/// A line's indentation is nothing, many empty lines are one end of line.
fn text(text: &str, out: &mut String) {
    for (n, line) in text.split('\n').enumerate() {
        match n {
            0 if !out.ends_with('\n') => out.push_str(line),
            0 => out.push_str(line.trim_start_matches(' ')),
            _ => {
                if !out.ends_with('\n') {
                    out.push('\n');
                }
                out.push_str(line.trim_start_matches(' '));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_stays() {
        let page = "<p>\n    a  b\n\n\n    <b>c</b> d</p>\n\
            <!-- gone -->\n<pre><code>  x\n\n    &lt;!-- y\n</code></pre> \
            <textarea>\n  z</textarea><script>\n  // <!-- s\n</script>\n";
        assert_eq!(
            slim(page),
            "<p>\na  b\n<b>c</b> d</p>\n<pre><code>  x\n\n    &lt;!-- y\n\
             </code></pre> <textarea>\n  z</textarea><script>\n// <!-- s\n\
             </script>\n"
        );
    }

    #[test]
    fn zeros_go_and_a_script_with_a_long_string_stays() {
        let line = "<line x1=\"0.0000%\" x2=\"33.3333%\"/>";
        assert_eq!(slim(line), "<line x1=\"0%\" x2=\"33.3333%\"/>");
        let script = "<script>\n  x = `\n  y`</script>";
        assert_eq!(slim(script), script);
    }

    #[test]
    fn a_licence_is_named_once() {
        let icon = "<svg><!--! Icons: License CC BY --><path d=\"M0\"/></svg>";
        let slim = slim(&format!("{icon}{icon}"));
        assert_eq!(slim.matches("License").count(), 1);
        assert_eq!(slim.matches("<path").count(), 2);
    }

    #[test]
    fn anything_can_be_read_without_panic() {
        for page in ["<", "<!--", "<pre", "<pre>", "a\n <é", "<p <", "</"] {
            slim(page);
        }
        assert_eq!(slim("<p title=\"a\n  b\">x"), "<p title=\"a\n  b\">x");
    }
}
