//! The inside of a guess or a quiz -> its fields, each with its line.
//!
//! ```text
//! right: the server's kernel expects an answer
//!   why: it has answered once,
//!     and believes in a conversation
//! ```
//!
//! A line without a field's name goes on with the field above it.

use lab_kit::names::nearest;

/// Something that is wrong in a directive, so many lines below its first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) below: usize,
    pub(crate) what: String,
}

impl From<String> for Fault {
    fn from(what: String) -> Self {
        Fault { below: 0, what }
    }
}

/// `key: value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) below: usize,
    pub(crate) key: String,
    pub(crate) value: String,
}

impl Field {
    /// A fault of this field.
    pub(crate) fn fault(&self, what: impl Into<String>) -> Fault {
        Fault { below: self.below, what: what.into() }
    }
}

/// Reads the fields of a text that begins so many lines below its directive.
pub(crate) fn fields(
    text: &str,
    begins: usize,
    known: &[&str],
) -> Result<Vec<Field>, Fault> {
    let mut fields: Vec<Field> = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let below = begins + n;
        if line.trim().is_empty() {
            continue;
        }
        let named = line.trim_start().split_once(':');
        let named = named.map(|(key, value)| (key, value.trim()));
        let indented = line.starts_with(' ');
        match (named, fields.last_mut()) {
            (Some((key, value)), _) if known.contains(&key) => {
                let (key, value) = (key.into(), value.into());
                fields.push(Field { below, key, value });
            }
            (_, Some(field)) if indented => {
                field.value.push(' ');
                field.value.push_str(line.trim());
            }
            (named, _) => {
                let word = named.map_or(line.trim(), |(key, _)| key);
                let hint = nearest(word, known.iter().copied());
                let what = format!("no field is called `{word}`; {hint}");
                return Err(Fault { below, what });
            }
        }
    }
    Ok(fields)
}

/// One field that there must be.
pub(crate) fn one<'f>(
    fields: &'f [Field],
    key: &str,
) -> Result<&'f Field, String> {
    let mut found = fields.iter().filter(|f| f.key == key);
    match (found.next(), found.next()) {
        (Some(field), None) => Ok(field),
        (None, _) => Err(format!("it needs `{key}:`")),
        (Some(_), Some(_)) => Err(format!("it needs one `{key}:`, not two")),
    }
}

/// Fields in groups, each begun by one of these.
pub(crate) fn groups<'f>(
    fields: &'f [Field],
    begins: &[&str],
) -> Vec<(&'f Field, &'f [Field])> {
    let starts: Vec<usize> = (0..fields.len())
        .filter(|n| begins.contains(&fields[*n].key.as_str()))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([fields.len()]);
    let group =
        |(from, to): (&usize, usize)| (&fields[*from], &fields[from + 1..to]);
    starts.iter().zip(ends).map(group).collect()
}

/// A short name for a text that changes with it: an answer to another question
/// isn't kept.
pub(crate) fn mark(text: &str) -> String {
    let start = 0xcbf2_9ce4_8422_2325_u64;
    let hash = text.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{:08x}", hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["question", "right", "why"];

    #[test]
    fn a_field_goes_on_until_the_next() {
        let text = "\nquestion: Who:\n  the server?\n\nright: yes\n  why: so\n";
        let read = fields(text, 0, &KNOWN).unwrap();
        let read: Vec<_> = read
            .iter()
            .map(|f| (f.below, f.key.as_str(), f.value.as_str()))
            .collect();
        assert_eq!(
            read,
            [
                (1, "question", "Who: the server?"),
                (4, "right", "yes"),
                (5, "why", "so"),
            ]
        );
    }

    #[test]
    fn an_unknown_field_is_a_fault_of_its_line() {
        let fault = fields("right: yes\nwhi: so\n", 3, &KNOWN).unwrap_err();
        assert_eq!(fault.below, 4);
        assert_eq!(fault.what, "no field is called `whi`; did you mean why?");
        assert_eq!(fields("  so\n", 1, &KNOWN).unwrap_err().below, 1);
    }

    #[test]
    fn another_text_has_another_mark() {
        assert_eq!(mark("a").len(), 8);
        assert_ne!(mark("a"), mark("b"));
    }
}
