//! HTML text -> its tags with their attributes; enough for HTML that mdBook
//! wrote, and never confused by scripts, styles or comments.

/// An opening tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    /// In lower case.
    pub(crate) name: String,
    /// Names in lower case, values with their entities resolved.
    pub(crate) attributes: Vec<(String, String)>,
    /// The line it begins on, from 1.
    pub(crate) line: usize,
}

impl Tag {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// All opening tags of a page.
pub(crate) fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut at = 0;
    let mut counted = (0, 1);
    while let Some(open) = html[at..].find('<').map(|n| at + n) {
        let rest = &html[open..];
        if rest.starts_with("<!--") {
            at = rest.find("-->").map_or(html.len(), |n| open + n + 3);
            continue;
        }
        let letter = rest[1..].chars().next();
        if !letter.is_some_and(|c| c.is_ascii_alphabetic()) {
            at = open + 1;
            continue;
        }
        let lines = html[counted.0..open].matches('\n').count();
        counted = (open, counted.1 + lines);
        let (tag, length) = tag(rest, counted.1);
        at = open + length;
        if matches!(tag.name.as_str(), "script" | "style") {
            let end = format!("</{}", tag.name);
            at = html[at..].find(&end).map_or(html.len(), |n| at + n);
        }
        tags.push(tag);
    }
    tags
}

/// The tag that `text` begins with, and its length.
fn tag(text: &str, line: usize) -> (Tag, usize) {
    let name_end = |c: char| c.is_whitespace() || matches!(c, '>' | '/');
    let end = text[1..].find(name_end).map_or(text.len(), |n| n + 1);
    let name = text[1..end].to_ascii_lowercase();
    let mut tag = Tag { name, attributes: Vec::new(), line };
    let mut at = end;
    loop {
        let skip = |c: char| c.is_whitespace() || c == '/';
        at = text.len() - text[at..].trim_start_matches(skip).len();
        let rest = &text[at..];
        if rest.is_empty() || rest.starts_with('>') {
            return (tag, (at + 1).min(text.len()));
        }
        let (pair, length) = attribute(rest);
        tag.attributes.push(pair);
        at += length.max(1);
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
}

/// `name="value"`, `name=value` or `name`, and its length.
fn attribute(text: &str) -> ((String, String), usize) {
    let name_end = |c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/');
    let end = text.find(name_end).unwrap_or(text.len());
    let name = text[..end].to_ascii_lowercase();
    let Some(value) = text[end..].strip_prefix('=') else {
        return ((name, String::new()), end);
    };
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (value, length) = match quote {
        Some(quote) => {
            let inner = &value[1..];
            let close = inner.find(quote).unwrap_or(inner.len());
            (&inner[..close], (end + 1 + close + 2).min(text.len()))
        }
        None => {
            let close = value.find(|c: char| c.is_whitespace() || c == '>');
            let close = close.unwrap_or(value.len());
            (&value[..close], end + 1 + close)
        }
    };
    ((name, resolve(value)), length)
}

fn resolve(value: &str) -> String {
    let pairs =
        [("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">")];
    let resolved = pairs
        .iter()
        .fold(value.to_string(), |text, (from, to)| text.replace(from, to));
    resolved.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_however_they_are_written() {
        let html =
            "<p>\n<A HREF='x?a=1&amp;b' id=top disabled/><img src=\"a>b\">";
        let found = tags(html);
        assert_eq!(found.len(), 3);
        assert_eq!(found[1].name, "a");
        assert_eq!(found[1].line, 2);
        assert_eq!(found[1].get("href"), Some("x?a=1&b"));
        assert_eq!(found[1].get("id"), Some("top"));
        assert_eq!(found[1].get("disabled"), Some(""));
        assert_eq!(found[2].get("src"), Some("a>b"));
    }

    #[test]
    fn scripts_and_comments_hold_no_tags() {
        let html = "<!-- <a href=x> --><script>'<a href=y>'</script><b>";
        let names: Vec<_> = tags(html).into_iter().map(|t| t.name).collect();
        assert_eq!(names, ["script", "b"]);
    }

    #[test]
    fn anything_can_be_read_without_panic() {
        for html in
            ["<", "<a", "<a b", "<a b=", "<a b=\"", "<a =é", "<é", "<a/"]
        {
            tags(html);
        }
    }
}
