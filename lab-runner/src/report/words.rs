//! Text -> text for a terminal: harmless, and no longer than its lines.

use lab_kit::line::harmless as harmless_line;

/// The text, or as much of it as there is room for.
pub(crate) fn shortened(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.into();
    }
    let kept: String = text.chars().take(room.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// In lines of so many characters, where there are spaces to part it.
pub(crate) fn wrapped(text: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let len = word.chars().count();
        if used > 0 && used + 1 + len > width {
            lines.push('\n');
            used = 0;
        } else if used > 0 {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(word);
        used += len;
    }
    lines + "\n"
}

/// What programs print and packets carry is data: what would command a
/// terminal, or is not seen there, is shown as an escape, line by line.
pub(crate) fn harmless(text: &str) -> String {
    let text = text.replace('\t', "    ");
    let lines: Vec<String> = text.split('\n').map(harmless_line).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_programs_words_cannot_command_the_terminal() {
        assert_eq!(harmless("a\x1b[2Jb\nc\x07"), "a\\u{1b}[2Jb\nc\\u{7}");
        assert_eq!(harmless("\u{202e}é\u{200b}"), "\\u{202e}é\\u{200b}");
    }

    #[test]
    fn a_line_ends_before_it_is_too_long() {
        assert_eq!(wrapped("1: aé bb ccc", 5), "1: aé\nbb\nccc\n");
        assert_eq!(wrapped("longword x", 4), "longword\nx\n");
    }
}
