//! Addresses of kernel code -> names, by /proc/kallsyms.

use anyhow::{Context, Result, bail};

/// Every function of the running kernel, by address.
pub(super) struct Symbols(Vec<(u64, String)>);

impl Symbols {
    pub(super) fn read() -> Result<Symbols> {
        let path = "/proc/kallsyms";
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("read {path}"))?;
        let symbols = Symbols::parse(&text);
        if symbols.0.is_empty() {
            bail!(
                "{path} hides the addresses, even from root: `sysctl \
                 kernel.kptr_restrict=1` shows them to it"
            );
        }
        Ok(symbols)
    }

    /// `ffffffff81000000 T _text`, one a line, in no order.
    fn parse(text: &str) -> Symbols {
        let function = |line: &str| {
            let mut words = line.split_ascii_whitespace();
            let at = u64::from_str_radix(words.next()?, 16).ok()?;
            let kind = words.next()?;
            let code = matches!(kind, "t" | "T" | "w" | "W") && at != 0;
            code.then_some((at, words.next()?.to_string()))
        };
        let mut all: Vec<_> = text.lines().filter_map(function).collect();
        all.sort_unstable();
        Symbols(all)
    }

    /// The function that holds this address, without what the compiler adds
    /// to the names of its own parts (`.part.0`, `.isra.0`).
    pub(super) fn name(&self, at: u64) -> String {
        let after = self.0.partition_point(|(start, _)| *start <= at);
        let Some((_, name)) = after.checked_sub(1).map(|n| &self.0[n]) else {
            return format!("{at:#x}");
        };
        name.split('.').next().unwrap_or(name).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_the_function_that_starts_below_it() {
        let text = "2000 t b.part.0\n1000 T a\n1800 d data\n0 T hidden\n";
        let symbols = Symbols::parse(text);
        assert_eq!(symbols.name(0x1fff), "a");
        assert_eq!(symbols.name(0x2000), "b");
        assert_eq!(symbols.name(0x10), "0x10");
        assert!(Symbols::parse("0000 T a\n").0.is_empty());
    }
}
