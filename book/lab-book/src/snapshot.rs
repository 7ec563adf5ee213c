//! A `.snap` file's text -> the lines it holds and the kernel it was accepted
//! on.

use lab_kit::line::{Line, parse};

/// An accepted trace.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Snapshot {
    /// `Linux 6.18.44`.
    pub(crate) kernel: String,
    /// The body, as it stands in the file.
    pub(crate) text: String,
    /// The body's lines, each with its number from 1.
    pub(crate) lines: Vec<(usize, Line)>,
}

impl Snapshot {
    /// Reads insta's format: YAML between `---` lines, then our notation.
    pub(crate) fn read(file: &str) -> Result<Self, String> {
        let rest = file.strip_prefix("---\n").ok_or("begins without `---`")?;
        let (head, body) =
            rest.split_once("\n---\n").ok_or("its `---` is never closed")?;
        let kernel = head
            .lines()
            .filter_map(|line| line.strip_prefix("description:"))
            .map(|value| value.trim().trim_matches(['"', '\'']))
            .find_map(|value| value.strip_prefix("accepted on "))
            .ok_or("has no `description: accepted on Linux ...`")?;
        let mut lines = Vec::new();
        for (n, line) in body.lines().enumerate() {
            let number = n + 1;
            for parsed in parse(line).map_err(|_| {
                format!("line {number} of its body is not ours: {line:?}")
            })? {
                lines.push((number, parsed));
            }
        }
        if lines.is_empty() {
            return Err("holds no line".into());
        }
        let text = body.trim_end().to_string();
        Ok(Snapshot { kernel: kernel.into(), text, lines })
    }

    /// The lines of one connection, if one is named; then only those between
    /// two numbers, if these are.
    pub(crate) fn select(
        &self,
        connection: Option<u32>,
        from: usize,
        to: usize,
    ) -> Vec<(usize, Line)> {
        let mut current = 1;
        let mut kept = Vec::new();
        for (number, line) in &self.lines {
            if let Line::Connection(n) = line {
                current = *n;
            }
            let ours = connection.is_none_or(|n| {
                n == current && matches!(line, Line::Packet(_))
            });
            if ours && (from..=to).contains(number) {
                kept.push((*number, line.clone()));
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "---\nsource: labs/x.rs\nexpression: trace\n\
        description: \"accepted on Linux 6.18.44\"\n---\n\
        -- connection 1\nclient > server  S    0:0(0)\n\
        -- connection 2\nclient > server  R    1:1(0)\nclient: read -> 0\n";

    #[test]
    fn the_kernel_and_the_lines_are_read() {
        let snapshot = Snapshot::read(FILE).unwrap();
        assert_eq!(snapshot.kernel, "Linux 6.18.44");
        assert_eq!(snapshot.lines.len(), 5);
        assert!(snapshot.text.ends_with("read -> 0"));
    }

    #[test]
    fn one_connection_or_a_few_lines_can_be_selected() {
        let snapshot = Snapshot::read(FILE).unwrap();
        let second = snapshot.select(Some(2), 1, usize::MAX);
        assert_eq!(second.len(), 1);
        assert!(second[0].1.to_string().contains("R    1:1(0)"));
        let few = snapshot.select(None, 2, 3);
        assert_eq!(few.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = |text: &str| Snapshot::read(text).unwrap_err();
        assert!(wrong("hello").contains("without `---`"));
        assert!(wrong("---\na: b\n---\nx").contains("accepted on"));
        let garbled = FILE.replace("client: read", "lorem ipsum");
        assert!(wrong(&garbled).contains("line 5"), "{}", wrong(&garbled));
    }
}
