//! A namespace -> its counters, from /proc/net/{netstat,snmp,sockstat}.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

use anyhow::{Context, Result};
use lab_kit::Counters;

use crate::topology::Namespace;

/// One of these files, and what its counters' names begin with.
const FILES: [(&str, &str); 3] =
    [("netstat", ""), ("snmp", ""), ("sockstat", "sockstat")];
/// Room for the longest, so that one read fetches it.
const USUAL: usize = 8 << 10;

/// All counters at a moment, as the kernel wrote them: `TcpExtDelayedACKs`,
/// `TcpOutRsts`, `sockstatTCPtw`. Of some 400 a run moves 20, so only those
/// that are asked for are read as numbers.
pub(crate) struct Counted([String; 3]);

/// A line, or two: counters with a common beginning.
#[derive(PartialEq)]
struct Table<'a> {
    file: &'static str,
    group: &'a str,
    /// The other line, if names and values are on two.
    names: Option<&'a str>,
    values: &'a str,
}

/// What the kernel has counted so far.
pub(crate) fn counters(of: &Namespace) -> Result<Counted> {
    of.inside(|| {
        let [netstat, snmp, sockstat] = FILES.map(|(name, _)| read(name));
        Ok(Counted([netstat?, snmp?, sockstat?]))
    })
}

/// What grew or shrank from `before` to `after`.
pub(crate) fn growth(before: &Counted, after: &Counted) -> Counters {
    let earlier: Vec<Table> = before.tables().collect();
    let moved = after.tables().filter(|table| !earlier.contains(table));
    let mut grown = Counters::new();
    for now in moved {
        let same = |t: &&Table| (t.file, t.group) == (now.file, now.group);
        let then = earlier.iter().find(same).map(Table::pairs);
        let then = BTreeMap::from_iter(then.unwrap_or_default());
        for (name, value) in now.pairs() {
            let before = then.get(name).and_then(|value| number(value));
            let Some(value) = number(value) else { continue };
            let difference = value - before.unwrap_or(0);
            if difference != 0 {
                let whole = [now.file, now.group, name].concat();
                grown.insert(whole, difference);
            }
        }
    }
    grown
}

impl Counted {
    /// A counter by its name.
    pub(crate) fn get(&self, name: &str) -> Option<i64> {
        self.tables().find_map(|table| {
            let rest = name.strip_prefix(table.file)?;
            let rest = rest.strip_prefix(table.group)?;
            let pairs = table.pairs();
            let (_, value) = pairs.iter().find(|(name, _)| *name == rest)?;
            number(value)
        })
    }

    /// `TcpExt: A B` above `TcpExt: 1 2`, or `TCP: inuse 5 tw 1`.
    fn tables(&self) -> impl Iterator<Item = Table<'_>> {
        let [netstat, snmp, sockstat] = &self.0;
        let above = [netstat, snmp].into_iter().flat_map(|text| {
            let mut lines = text.lines();
            std::iter::from_fn(move || {
                let (group, names) = lines.next()?.split_once(':')?;
                let (_, values) = lines.next()?.split_once(':')?;
                let names = Some(names);
                Some(Table { file: FILES[0].1, group, names, values })
            })
        });
        let beside = sockstat.lines().filter_map(|line| {
            let (group, values) = line.split_once(':')?;
            Some(Table { file: FILES[2].1, group, names: None, values })
        });
        above.chain(beside)
    }
}

impl<'a> Table<'a> {
    /// Names and values.
    fn pairs(&self) -> Vec<(&'a str, &'a str)> {
        let mut values = self.values.split_whitespace();
        match self.names {
            Some(names) => names.split_whitespace().zip(values).collect(),
            None => {
                std::iter::from_fn(|| Some((values.next()?, values.next()?)))
                    .collect()
            }
        }
    }
}

fn read(name: &str) -> Result<String> {
    let path = format!("/proc/thread-self/net/{name}");
    let mut text = String::with_capacity(USUAL);
    let mut open = || File::open(&path)?.read_to_string(&mut text);
    open().with_context(|| format!("read {path}"))?;
    Ok(text)
}

/// Counters are unsigned in the kernel, but some print -1.
fn number(text: &str) -> Option<i64> {
    let unsigned = || text.parse::<u64>().ok().map(|n| n as i64);
    text.parse().ok().or_else(unsigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(snmp: &str, sockstat: &str) -> Counted {
        Counted([String::new(), snmp.into(), sockstat.into()])
    }

    #[test]
    fn names_are_group_and_column() {
        let snmp = "Tcp: MaxConn OutRsts\nTcp: -1 7\n";
        let sockstat = "sockets: used 3\nTCP: inuse 5 tw 2\nUDP:\n";
        let seen = counted(snmp, sockstat);
        assert_eq!(seen.get("TcpMaxConn"), Some(-1));
        assert_eq!(seen.get("TcpOutRsts"), Some(7));
        assert_eq!(seen.get("sockstatTCPtw"), Some(2));
        assert_eq!(seen.get("sockstatsocketsused"), Some(3));
        assert_eq!(seen.get("TcpMax"), None);
    }

    #[test]
    fn only_changes_are_growth() {
        let before = counted("Tcp: A B C\nTcp: 1 5 9\n", "TCP: tw 1 mem 7\n");
        let after = counted(
            "Tcp: A B C D\nTcp: 3 5 8 4\nIcmpMsg: OutType3\nIcmpMsg: 2\n",
            "TCP: tw 0 mem 7\n",
        );
        let grown = growth(&before, &after);
        let wanted = [
            ("IcmpMsgOutType3", 2),
            ("TcpA", 2),
            ("TcpC", -1),
            ("TcpD", 4),
            ("sockstatTCPtw", -1),
        ];
        assert_eq!(grown, Counters::from(wanted.map(|(n, v)| (n.into(), v))));
    }
}
