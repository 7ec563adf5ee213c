//! A namespace -> its counters, from /proc/net/{netstat,snmp,sockstat}.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};

use crate::topology::Namespace;

/// All counters: `TcpExtDelayedACKs`, `TcpOutRsts`, `sockstatTCPtw`.
pub(crate) fn counters(of: &Namespace) -> Result<BTreeMap<String, i64>> {
    let [netstat, snmp, sockstat] =
        of.inside(|| Ok([read("netstat")?, read("snmp")?, read("sockstat")?]))?;
    let mut all = columns(&netstat);
    all.extend(columns(&snmp));
    all.extend(pairs(&sockstat));
    Ok(all)
}

/// What grew or shrank from `before` to `after`.
pub(crate) fn growth(
    before: &BTreeMap<String, i64>,
    after: &BTreeMap<String, i64>,
) -> BTreeMap<String, i64> {
    let difference = |(name, now): (&String, &i64)| {
        let grown = now - before.get(name).unwrap_or(&0);
        (grown != 0).then(|| (name.clone(), grown))
    };
    after.iter().filter_map(difference).collect()
}

fn read(name: &str) -> Result<String> {
    let path = format!("/proc/thread-self/net/{name}");
    fs::read_to_string(&path).with_context(|| format!("read {path}"))
}

/// `TcpExt: A B` above `TcpExt: 1 2`.
fn columns(text: &str) -> BTreeMap<String, i64> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = BTreeMap::new();
    for table in lines.chunks_exact(2) {
        let (Some((group, names)), Some((_, values))) =
            (table[0].split_once(':'), table[1].split_once(':'))
        else {
            continue;
        };
        let rows = names.split_whitespace().zip(values.split_whitespace());
        for (name, value) in rows {
            if let Some(value) = number(value) {
                found.insert(format!("{group}{name}"), value);
            }
        }
    }
    found
}

/// `TCP: inuse 5 tw 1`.
fn pairs(text: &str) -> BTreeMap<String, i64> {
    let mut found = BTreeMap::new();
    for (group, rest) in text.lines().filter_map(|l| l.split_once(':')) {
        let words: Vec<&str> = rest.split_whitespace().collect();
        for pair in words.chunks_exact(2) {
            if let Some(value) = number(pair[1]) {
                found.insert(format!("sockstat{group}{}", pair[0]), value);
            }
        }
    }
    found
}

/// Counters are unsigned in the kernel, but some print -1.
fn number(text: &str) -> Option<i64> {
    let unsigned = || text.parse::<u64>().ok().map(|n| n as i64);
    text.parse().ok().or_else(unsigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_group_and_column() {
        let seen = columns("Tcp: MaxConn OutRsts\nTcp: -1 7\n");
        assert_eq!(seen["TcpMaxConn"], -1);
        assert_eq!(seen["TcpOutRsts"], 7);
        let seen = pairs("sockets: used 3\nTCP: inuse 5 tw 2\nUDP:\n");
        assert_eq!(seen["sockstatTCPtw"], 2);
        assert_eq!(seen["sockstatsocketsused"], 3);
    }

    #[test]
    fn only_changes_are_growth() {
        let before = columns("Tcp: A B C\nTcp: 1 5 9\n");
        let after = columns("Tcp: A B C D\nTcp: 3 5 8 4\n");
        let grown = growth(&before, &after);
        assert_eq!(grown, columns("Tcp: A C D\nTcp: 2 -1 4\n"));
    }
}
