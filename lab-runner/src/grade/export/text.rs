//! Untrusted text -> text in which everything can be seen.
//!
//! Escaping is each format's own; this is before it, for what no format may
//! hold (control characters, what XML forbids) and what would deceive a reader
//! (a change of the direction in which text runs, what has no shape).

/// Every character as itself, or by its number: `\u{202e}`.
pub(super) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' | '\t' => shown.push(c),
            c if is_hidden(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

fn is_hidden(c: char) -> bool {
    let number = u32::from(c);
    c.is_control()
        || number & 0xfffe == 0xfffe // no characters, in each plane
        || matches!(number,
            0xad | 0x61c | 0x180e
            | 0x200b | 0x200e..=0x200f
            | 0x2028..=0x202e | 0x2060..=0x206f
            | 0xfdd0..=0xfdef | 0xfeff | 0xfff9..=0xfffb
            | 0xe0000..=0xe0fff)
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn nothing_is_hidden() {
        assert_eq!(shown("a\x1b[2J\0\x7f\r"), "a\\u{1b}[2J\\u{0}\\u{7f}\\u{d}");
        assert_eq!(shown("one\r\ntwo\tthree\n"), "one\ntwo\tthree\n");
        assert_eq!(
            shown("\u{202e}x\u{2066}\u{200f}\u{feff}"),
            "\\u{202e}x\\u{2066}\\u{200f}\\u{feff}"
        );
        assert_eq!(shown("\u{fffe}\u{10ffff}"), "\\u{fffe}\\u{10ffff}");
        let names = "Zoë Ångström, 山田太郎, שלום, नमस्ते, 👩‍💻, می‌خواهم";
        assert_eq!(shown(names), names);
    }
}
