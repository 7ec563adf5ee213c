//! Arbitrary bytes -> numbers, texts and lists, so that a fuzzer's small change
//! to its input is a small change to what is made of it. Never runs dry: after
//! the last byte come zeros.

/// What is left of the input.
pub(super) struct Source<'a> {
    rest: &'a [u8],
}

/// Texts that mean something somewhere.
const WORDS: [&str; 16] = [
    "client", "server", "wire", "count", "0", "1", "-", "", "one", "read",
    "12", "ESTAB", "LISTEN", "A", "B", "a -> b",
];

/// Times and numbers at which arithmetic goes wrong.
const EDGES: [i64; 8] = [
    i64::MIN,
    i64::MAX,
    -1,
    0,
    u32::MAX as i64,
    i32::MIN as i64,
    1_000_000_000,
    i64::MAX / 2 + 1,
];

impl<'a> Source<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Source<'a> {
        Source { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    pub(super) fn coin(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    pub(super) fn short(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// Mostly small, at times anything, at times an edge.
    pub(super) fn number(&mut self) -> i64 {
        match self.byte() {
            small @ 0..=199 => i64::from(small),
            200..=219 => i64::from(self.short()) * 1_000_000,
            220..=239 => EDGES[usize::from(self.byte()) % EDGES.len()],
            _ => (0..8).fold(0, |n, _| n << 8 | i64::from(self.byte())),
        }
    }

    /// So many bytes, or as many as are left.
    pub(super) fn take(&mut self, n: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(n.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// A known word, or anything that is text.
    pub(super) fn text(&mut self) -> String {
        match self.byte() {
            len @ 0..=63 => {
                String::from_utf8_lossy(self.take(len.into())).into()
            }
            word => WORDS[usize::from(word) % WORDS.len()].into(),
        }
    }

    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[usize::from(self.byte()) % of.len()].clone()
    }

    /// As many as the next byte says, at most this many; fewer if the input
    /// ends.
    pub(super) fn list<T>(
        &mut self,
        most: u8,
        mut one: impl FnMut(&mut Self) -> T,
    ) -> Vec<T> {
        let mut all = Vec::new();
        for _ in 0..self.byte() % (most + 1) {
            if self.is_empty() {
                break;
            }
            all.push(one(self));
        }
        all
    }
}
