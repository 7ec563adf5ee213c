//! TCP options -> their values.

use lab_kit::Opt;

/// The options that an analysis needs; absent where the capture cut them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Maximum segment size.
    pub mss: Option<u16>,
    /// Window scale.
    pub scale: Option<u8>,
    /// SACK permitted.
    pub sack_ok: bool,
    /// Timestamp and its echo.
    pub ts: Option<(u32, u32)>,
    ranges: [(u32, u32); 4],
    count: u8,
}

impl Options {
    /// Selectively acknowledged ranges, absolute.
    pub fn sack(&self) -> &[(u32, u32)] {
        &self.ranges[..usize::from(self.count)]
    }

    pub(super) fn read(bytes: &[u8]) -> Options {
        let mut all = Options::default();
        for (kind, value) in each(bytes) {
            all.take(kind, value);
        }
        all
    }

    fn take(&mut self, kind: u8, value: &[u8]) {
        let word = |b: &[u8]| b.try_into().map_or(0, u32::from_be_bytes);
        match (kind, value) {
            (2, &[a, b]) => self.mss = Some(u16::from_be_bytes([a, b])),
            // RFC 7323: more than 14 counts as 14.
            (3, &[shift]) => self.scale = Some(shift.min(14)),
            (4, &[]) => self.sack_ok = true,
            (5, ranges) => {
                for (to, pair) in
                    self.ranges.iter_mut().zip(ranges.chunks_exact(8))
                {
                    *to = (word(&pair[..4]), word(&pair[4..]));
                    self.count += 1;
                }
            }
            (8, ts) if ts.len() == 8 => {
                self.ts = Some((word(&ts[..4]), word(&ts[4..])));
            }
            _ => {}
        }
    }
}

/// The options as a ladder shows them; SACK's ranges by `relative`.
pub fn shown(bytes: &[u8], relative: impl Fn(u32) -> i64) -> Vec<Opt> {
    let mut all = Vec::new();
    for (kind, value) in each(bytes) {
        let mut one = Options::default();
        one.take(kind, value);
        all.push(match kind {
            2 => Opt::Mss(one.mss.unwrap_or_default()),
            3 => Opt::Wscale(one.scale.unwrap_or_default()),
            4 => Opt::SackOk,
            5 => {
                let ranges = one.sack().iter();
                let ranges = ranges.map(|&(a, b)| (relative(a), relative(b)));
                Opt::Sack(ranges.collect())
            }
            8 => Opt::Ts,
            34 => Opt::FastOpen(value.len() as u8),
            other => Opt::Other(other),
        });
    }
    all
}

/// Kind and value, as far as they are whole.
fn each(mut bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        loop {
            match bytes {
                [] | [0, ..] => return None,
                [1, rest @ ..] => bytes = rest,
                [kind, len, ..] => {
                    let len = usize::from(*len);
                    let value = bytes.get(2..len)?;
                    bytes = &bytes[len..];
                    return Some((*kind, value));
                }
                [_] => return None,
            }
        }
    })
}
