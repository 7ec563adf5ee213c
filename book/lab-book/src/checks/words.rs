//! A line -> words; a text in quotes is one word.

/// A word, and whether it stood in quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) quoted: bool,
}

/// Cuts a line at spaces. In quotes, `\"` is a quote.
pub(super) fn words(line: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (text, quoted, after) = match rest.strip_prefix('"') {
            Some(inside) => {
                let (text, after) = quote(inside).ok_or_else(|| {
                    format!("a quote is never closed in `{line}`")
                })?;
                (text, true, after)
            }
            None => {
                let end = rest.find(char::is_whitespace);
                let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
                (word.to_string(), false, after)
            }
        };
        words.push(Word { text, quoted });
        rest = after.trim_start();
    }
    Ok(words)
}

/// Up to the closing quote, and what follows it.
fn quote(inside: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut chars = inside.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((text, &inside[at + 1..])),
            '\\' if inside[at + 1..].starts_with('"') => {
                text.push('"');
                chars.next();
            }
            c => text.push(c),
        }
    }
    None
}
