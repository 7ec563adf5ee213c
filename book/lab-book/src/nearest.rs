//! A name that nobody has, and the names there are -> "did you mean ...?".

/// The end of a sentence about an unknown name: the nearest names, or all.
pub(crate) fn hint<'a>(
    wanted: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> String {
    let mut names: Vec<_> =
        names.into_iter().map(|n| (distance(wanted, n), n)).collect();
    names.sort();
    let near = wanted.chars().count() / 2;
    match names.first() {
        None => "there is none".into(),
        Some((d, name)) if *d <= near => format!("did you mean `{name}`?"),
        Some(_) => {
            let all: Vec<_> =
                names.iter().take(8).map(|(_, n)| format!("`{n}`")).collect();
            format!("there is {}", all.join(", "))
        }
    }
}

/// Levenshtein's: insertions, deletions and replacements from `a` to `b`.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            let replaced = corner + usize::from(x != *y);
            row[j] = left;
            left = replaced.min(above + 1).min(left + 1);
            corner = above;
        }
        row[b.len()] = left;
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_the_letters_that_differ() {
        assert_eq!(distance("first-ack", "frist-ack"), 2);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn names_the_nearest_or_lists_what_there_is() {
        assert_eq!(hint("frist", ["last", "first"]), "did you mean `first`?");
        assert_eq!(hint("zzz", ["last", "first"]), "there is `last`, `first`");
        assert_eq!(hint("zzz", []), "there is none");
    }
}
