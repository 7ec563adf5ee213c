//! Names that somebody else chose -> text that misleads no reader and no sink.

/// More of a name than anybody reads.
const LONGEST: usize = 240;

/// As ASCII; what else is in it is written as `\xNN`.
pub(crate) fn escaped(name: &[u8]) -> String {
    let mut text = name.escape_ascii().to_string();
    if text.len() > LONGEST {
        text.truncate(LONGEST);
        text.push_str("...");
    }
    text
}

/// Text on one line, without what `deceives`.
pub(crate) fn plain(text: &str) -> String {
    let replace = |c| if deceives(c) { char::REPLACEMENT_CHARACTER } else { c };
    text.trim().chars().map(replace).take(LONGEST).collect()
}

/// Is not seen, moves the cursor or turns text around: Unicode's categories
/// Cc, Cf, Zl and Zp, but for the two joiners that Persian and Indic names are
/// written with.
pub(crate) fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(
            u32::from(c),
            0xAD | 0x600..=0x605
                | 0x61C
                | 0x6DD
                | 0x70F
                | 0x890..=0x891
                | 0x8E2
                | 0x180E
                | 0x200B
                | 0x200E..=0x200F
                | 0x2028..=0x202E
                | 0x2060..=0x206F
                | 0xFEFF
                | 0xFFF9..=0xFFFB
                | 0x110BD
                | 0x110CD
                | 0x13430..=0x1343F
                | 0x1BCA0..=0x1BCA3
                | 0x1D173..=0x1D17A
                | 0xE0000..=0xE007F
        )
}
