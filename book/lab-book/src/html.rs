//! Untrusted text -> text that is data in HTML, SVG and mdBook's own markup.

/// Escapes text for HTML content and quoted attributes. Braces too: mdBook
/// looks for its own `{{#include}}` after us.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '{' => out.push_str("&#123;"),
            '}' => out.push_str("&#125;"),
            c if c.is_control() && c != '\n' && c != '\t' => {
                out.push('\u{fffd}')
            }
            c => out.push(c),
        }
    }
    out
}

/// Text inside `<code>`.
pub(crate) fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

/// Text of an author's, with `code` in backticks.
pub(crate) fn inline(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let last = text.matches('`').count();
    let part = |(n, part)| match n % 2 == 1 && n < last {
        true => code(part),
        false if n % 2 == 1 => format!("`{}", escape(part)),
        false => escape(part),
    };
    parts.map(part).collect()
}

/// The same, and `*what is stressed*`, which may hold code.
pub(crate) fn rich(text: &str) -> String {
    let mut out = String::new();
    let mut open = false;
    for (n, part) in text.split('`').enumerate() {
        if n % 2 == 1 {
            out.push_str(&code(part));
            continue;
        }
        for (n, part) in part.split('*').enumerate() {
            if n > 0 {
                out.push_str(if open { "</em>" } else { "<em>" });
                open = !open;
            }
            out.push_str(&escape(part));
        }
    }
    if open {
        out.push_str("</em>");
    }
    out
}

/// Cuts text into lines of at most `width` characters, at spaces if it can.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        loop {
            let Some(line) = lines.last_mut() else { return lines };
            let used = line.chars().count();
            let gap = usize::from(used > 0);
            if used + gap + word.len() <= width {
                if gap == 1 {
                    line.push(' ');
                }
                line.extend(word);
                break;
            }
            if used == 0 {
                let rest = word.split_off(width.max(1).min(word.len()));
                line.extend(word);
                word = rest;
                if word.is_empty() {
                    break;
                }
            }
            lines.push(String::new());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text() {
        let hostile = "<script>alert('1')</script> {{#include x}} & \"\x1b\"";
        let safe = escape(hostile);
        assert_eq!(
            safe,
            "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; \
             &#123;&#123;#include x&#125;&#125; &amp; &quot;\u{fffd}&quot;"
        );
    }

    #[test]
    fn backticks_make_code_if_they_come_in_pairs() {
        assert_eq!(inline("a `b<c>` d"), "a <code>b&lt;c&gt;</code> d");
        assert_eq!(inline("`a` and `b`"), "<code>a</code> and <code>b</code>");
        assert_eq!(inline("it's a ` alone"), "it&#39;s a ` alone");
        assert_eq!(inline("`a` and ` b"), "<code>a</code> and ` b");
    }

    #[test]
    fn stars_stress_and_may_hold_code() {
        let html = rich("*Use `a*b`*: <no>");
        assert_eq!(html, "<em>Use <code>a*b</code></em>: &lt;no&gt;");
        assert_eq!(rich("2 * 3"), "2 <em> 3</em>");
    }

    #[test]
    fn long_text_wraps_at_spaces_and_long_words_anywhere() {
        assert_eq!(wrap("the first ACK waits", 10), ["the first", "ACK waits"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("a abcdefgh", 4), ["a", "abcd", "efgh"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("abc", 0), ["a", "b", "c"]);
    }
}
