//! A name that somebody typed -> what it means, or what is near it. For
//! `lab-runner` and the book alike.

/// The index of the one that is named, or of all that begin like it.
pub fn pick(name: &str, names: &[&str]) -> Vec<usize> {
    if let Some(exact) = names.iter().position(|n| *n == name) {
        return vec![exact];
    }
    let begins = |(n, candidate): (usize, &&str)| {
        (!name.is_empty() && candidate.starts_with(name)).then_some(n)
    };
    names.iter().enumerate().filter_map(begins).collect()
}

/// More names than that are not read.
const MANY: usize = 50;

/// `did you mean a or b?`, or the whole list if nothing is near; of a long list
/// those that are least far.
pub fn nearest<'a>(
    name: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let mut near: Vec<(usize, &str)> =
        names.iter().map(|n| (distance(name, n), *n)).collect();
    near.sort();
    let least: Vec<&str> = near.iter().take(8).map(|(_, n)| *n).collect();
    let enough = (name.chars().count() / 2).min(3);
    let best = near.first().map_or(0, |(d, _)| *d);
    near.retain(|(d, n)| (*d == best && *d <= enough) || n.contains(name));
    near.truncate(3);
    let list = |names: &[&str]| names.join(", ");
    match near[..] {
        [] if names.is_empty() => "there are none".into(),
        [] if names.len() > MANY => {
            format!("among {} there are {}", names.len(), list(&least))
        }
        [] => format!("there are {}", list(&names)),
        _ => {
            let near: Vec<_> = near.into_iter().map(|(_, n)| n).collect();
            format!("did you mean {}?", near.join(" or "))
        }
    }
}

/// Levenshtein's: how many letters to change.
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_not_told_whole() {
        let names: Vec<String> =
            (0..100).map(|n| format!("name-{n}")).collect();
        let said = nearest("quite another", names.iter().map(String::as_str));
        assert!(said.starts_with("among 100 there are name-"), "{said}");
        assert_eq!(said.matches("name-").count(), 8, "{said}");
    }

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("tcp_sack", "tcp_sack"), 0);
        assert_eq!(distance("tcp_sack", "tcp_sak"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn a_beginning_means_all_that_begin_so_but_a_name_means_itself() {
        let names = ["first-ack", "first", "cures-cork", "cures-nodelay"];
        assert_eq!(pick("first", &names), [1]);
        assert_eq!(pick("cures", &names), [2, 3]);
        assert_eq!(pick("x", &names), [] as [usize; 0]);
    }

    #[test]
    fn a_slip_is_forgiven() {
        let names = ["first-ack", "cures"];
        assert_eq!(nearest("frist-ack", names), "did you mean first-ack?");
        assert_eq!(nearest("zzzzzzzz", names), "there are first-ack, cures");
    }
}
