//! A tracepoint's name -> its number and its fields, by tracefs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use nix::mount::{MsFlags, mount as mount_at};

/// Where the kernel leaves an empty directory for it.
const TRACEFS: &str = "/sys/kernel/tracing";

/// A point in the kernel at which it can be asked to report.
pub(super) struct Tracepoint {
    /// `net:net_dev_queue`.
    pub(super) name: String,
    /// What perf_event_open(2) and each sample call it.
    pub(super) id: u64,
    fields: Vec<Field>,
}

struct Field {
    name: String,
    at: usize,
    len: usize,
}

/// Mounts tracefs, unless it's there: in our mount namespace, so that nobody
/// else sees it and it goes with us. We only read.
pub(super) fn mount() -> Result<()> {
    if Path::new(TRACEFS).join("events").exists() {
        return Ok(());
    }
    let quiet = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    let none = None::<&str>;
    mount_at(Some("tracefs"), TRACEFS, Some("tracefs"), quiet, none)
        .with_context(|| format!("mount tracefs at {TRACEFS}"))
}

impl Tracepoint {
    pub(super) fn find(name: &str) -> Result<Tracepoint> {
        let folder = format!("{TRACEFS}/events/{}", name.replace(':', "/"));
        let read = |file: &str| {
            fs::read_to_string(format!("{folder}/{file}")).with_context(|| {
                format!("this kernel has no tracepoint {name} ({folder})")
            })
        };
        let id = read("id")?.trim().parse().context("a tracepoint's id")?;
        let fields = fields(&read("format")?);
        Ok(Tracepoint { name: name.into(), id, fields })
    }

    /// What a sample of it is about, in one word.
    pub(super) fn about(&self, raw: &[u8]) -> String {
        if let Some(text) = self.text("name", raw) {
            return text;
        }
        let number = |field| self.number(field, raw);
        if let Some(vec) = number("vec") {
            // include/linux/interrupt.h
            let names = ["HI", "TIMER", "NET_TX", "NET_RX"];
            let name = names.get(vec as usize).map(ToString::to_string);
            return name.unwrap_or_else(|| format!("softirq {vec}"));
        }
        let family = number("family").map(|f| f as i32);
        match (family, number("protocol")) {
            (Some(libc::AF_UNIX), _) => "unix".into(),
            (Some(libc::AF_PACKET), _) => "capture".into(),
            (Some(libc::AF_INET), Some(6)) => "tcp".into(),
            (Some(libc::AF_INET), Some(17)) => "udp".into(),
            (Some(family), _) => format!("family {family}"),
            _ => String::new(),
        }
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    fn number(&self, name: &str, raw: &[u8]) -> Option<u64> {
        let Field { at, len, .. } = *self.field(name)?;
        let mut bytes = [0; 8];
        bytes.get_mut(..len)?.copy_from_slice(raw.get(at..at + len)?);
        Some(u64::from_le_bytes(bytes))
    }

    /// A `__data_loc char[]`: where its bytes are, and how many.
    fn text(&self, name: &str, raw: &[u8]) -> Option<String> {
        let place = self.number(name, raw)?;
        let (at, len) = (place as usize & 0xffff, place as usize >> 16);
        let text = String::from_utf8_lossy(raw.get(at..at + len)?);
        Some(text.trim_end_matches('\0').to_string())
    }
}

/// A line is `field:TYPE NAME; offset:8; size:4; signed:0;`, parted by tabs.
fn fields(format: &str) -> Vec<Field> {
    let field = |line: &str| {
        let mut parts = line.trim().split(';').map(str::trim);
        let declared = parts.next()?.strip_prefix("field:")?;
        let mut value = |key| parts.next()?.strip_prefix(key)?.parse().ok();
        let name = declared.rsplit(' ').next()?.to_string();
        Some(Field { name, at: value("offset:")?, len: value("size:")? })
    };
    format.lines().filter_map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_where_the_format_says() {
        let format = "name: x\n\
            \tfield:unsigned short common_type;\toffset:0;\tsize:2;\t\n\
            \tfield:__data_loc char[] name;\toffset:4;\tsize:4;\tsigned:0;\n";
        let point =
            Tracepoint { name: "net:x".into(), id: 1, fields: fields(format) };
        let raw = [1, 0, 0, 0, 8, 0, 3, 0, b'l', b'o', 0];
        assert_eq!(point.about(&raw), "lo");
        assert_eq!(point.number("common_type", &raw), Some(1));
        assert_eq!(point.about(&raw[..9]), "", "a short sample");
    }
}
