//! A ladder -> SVG.
//!
//! Across, everything is placed in percent, so that the drawing takes the
//! width it gets while its letters keep their size; down, in pixels. All
//! colours are the style sheet's (`book/theme/book.css`).

use std::fmt::Write;

use lab_kit::ladder::{Ladder, Row, label, number};
use lab_kit::line::Packet;

use crate::html::{escape, wrap};

/// How the drawing is called.
pub(super) struct Names {
    /// Unique in its page.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) about: String,
}

/// Characters that fit between two neighbouring hosts on a phone.
const ROOM: usize = 33;
/// Least distance between hosts if there are more than two.
const SPAN: usize = 270;
const LINE: usize = 17;
/// How far an arrow falls: time passes while a packet travels.
const FALL: usize = 9;

/// Draws the ladder.
pub(super) fn svg(ladder: &Ladder, names: &Names) -> String {
    let mut page = Page { ladder, out: String::new(), y: 0, drawing: None };
    page.heading();
    for row in &ladder.rows {
        page.row(row);
    }
    page.rails(10, "rail");
    page.end_rails();
    let Names { id, title, about } = names;
    let (title, about) = (escape(title), escape(about));
    let style = match ladder.hosts.len() {
        0..=2 => String::new(),
        n => format!(" style=\"min-width:{}px\"", (n - 1) * SPAN),
    };
    format!(
        "<svg role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" \
         width=\"100%\" height=\"{height}\"{style}>\n\
         <title id=\"{id}-title\">{title}</title>\n\
         <desc id=\"{id}-desc\">{about}</desc>\n{out}</svg>\n",
        height = page.y,
        out = page.out,
    )
}

/// What stands beside a packet: its own number, when it left, and the numbers
/// of the claims that it shows.
struct Beside {
    number: String,
    time: String,
    signs: String,
}

/// As the terminal's ladder has it: `41.382`.
pub(super) fn milliseconds(ns: i64) -> String {
    format!("{:.3}", ns as f64 / 1e6)
}

struct Page<'a> {
    ladder: &'a Ladder,
    out: String,
    /// Top of the next row.
    y: usize,
    /// The rails, as far as they go without a break.
    drawing: Option<Rails>,
}

/// A stretch of every host's rail.
struct Rails {
    class: String,
    from: usize,
    to: usize,
    /// Where they go in the drawing: under all that came since.
    at: usize,
}

impl Page<'_> {
    fn row(&mut self, row: &Row) {
        match row {
            Row::Packet { at, number: own, flow, packet, shows } => {
                let signs = shows.iter().map(|(claim, _)| number(*claim));
                let beside = Beside {
                    number: own.map_or(String::new(), |n| n.to_string()),
                    time: at.map_or(String::new(), milliseconds),
                    signs: signs.collect(),
                };
                self.packet(packet, &label(packet, *flow), &beside);
            }
            Row::Gap { claim, lasted, .. } => self.gap(*claim, lasted),
            Row::States { label, states } => self.states(label, states),
            Row::Note { host, text, .. } => self.note(host, text),
            Row::Quiet { text } => self.note("", text),
            Row::Connection(n) => self.divider(&format!("connection {n}")),
        }
    }

    /// Where a host's rail stands, in percent.
    fn rail(&self, host: &str) -> Option<f64> {
        let n = self.ladder.hosts.iter().position(|h| h == host)?;
        Some(self.at(n))
    }

    fn at(&self, n: usize) -> f64 {
        match self.ladder.hosts.len().saturating_sub(1) {
            0 => 50.0,
            last => 100.0 * n as f64 / last as f64,
        }
    }

    fn put(&mut self, text: std::fmt::Arguments) {
        let _ = self.out.write_fmt(text);
        self.out.push('\n');
    }

    fn line(&mut self, class: &str, from: (f64, usize), to: (f64, usize)) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.put(format_args!(
            "<line class=\"{class}\" x1=\"{x1:.4}%\" y1=\"{y1}\" \
             x2=\"{x2:.4}%\" y2=\"{y2}\"/>"
        ));
    }

    fn text(&mut self, class: &str, at: (f64, usize), dx: i32, text: &str) {
        let (x, y) = at;
        let text = escape(text);
        self.put(format_args!(
            "<text class=\"{class}\" x=\"{x:.4}%\" y=\"{y}\" \
             dx=\"{dx}\">{text}</text>"
        ));
    }

    /// Every host's rail, from here down; moves on.
    fn rails(&mut self, height: usize, class: &str) {
        let (from, to) = (self.y, self.y + height);
        match &mut self.drawing {
            Some(run) if run.class == class && run.to == from => run.to = to,
            _ => {
                self.end_rails();
                let (class, at) = (class.into(), self.out.len());
                self.drawing = Some(Rails { class, from, to, at });
            }
        }
        self.y = to;
    }

    /// Draws the rails so far.
    fn end_rails(&mut self) {
        let Some(run) = self.drawing.take() else { return };
        let above = self.out.split_off(run.at);
        for n in 0..self.ladder.hosts.len() {
            let x = self.at(n);
            self.line(&run.class, (x, run.from), (x, run.to));
        }
        self.out.push_str(&above);
    }

    /// A box around a word, on a rail.
    fn pill(&mut self, class: &str, at: (f64, usize), word: &str) {
        let (x, y) = at;
        let width = word.chars().count() * 7 + 16;
        let left = width as f64 / -2.0;
        let word = escape(word);
        self.put(format_args!(
            "<svg class=\"{class}\" x=\"{x:.4}%\" y=\"{y}\">\
             <rect x=\"{left}\" y=\"0\" width=\"{width}\" height=\"22\" \
             rx=\"4\"/><text x=\"0\" y=\"15\">{word}</text></svg>"
        ));
    }

    fn heading(&mut self) {
        for (n, host) in self.ladder.hosts.iter().enumerate() {
            self.pill("host", (self.at(n), 0), host);
        }
        self.y = 22;
        self.rails(8, "rail");
    }

    fn packet(&mut self, packet: &Packet, label: &str, beside: &Beside) {
        let ends = (self.rail(&packet.from), self.rail(&packet.to));
        let (Some(from), Some(to)) = ends else {
            let text = format!("{} > {}  {label}", packet.from, packet.to);
            return self.note("", &text);
        };
        if packet.from == packet.to {
            return self.loop_back(from, label, beside);
        }
        let hops =
            (from - to).abs() / 100.0 * (self.at(1) - self.at(0)).recip();
        let room = ROOM * ((hops * 100.0).round() as usize).max(1);
        let lines = wrap(label, room);
        let (top, middle) = (self.y, (from + to) / 2.0);
        let y = top + 8 + LINE * lines.len() + 2;
        self.rails(8 + LINE * lines.len() + 2 + FALL + 8, "rail");
        let (class, x, dx) = match (packet.lost, from < to) {
            (false, _) => ("label", middle, 0),
            (true, true) => ("label behind", from, 14),
            (true, false) => ("label before", from, -14),
        };
        for (n, line) in lines.iter().enumerate() {
            let rise = if packet.lost { 3 } else { 6 };
            self.text(class, (x, top + rise + LINE * (n + 1)), dx, line);
        }
        if packet.lost {
            self.lost((from, y), (to, y + FALL));
        } else {
            self.line("arrow", (from, y), (to, y + FALL));
            self.head(from < to, (to, y + FALL));
        }
        self.beside(y, beside);
    }

    /// An arrow that comes back to the rail it left.
    fn loop_back(&mut self, rail: f64, label: &str, beside: &Beside) {
        let y = self.y + 6;
        let last = rail > 99.0;
        let (reach, behind) = if last { (-34, -44) } else { (34, 44) };
        self.rails(LINE + 8, "rail");
        self.put(format_args!(
            "<svg x=\"{rail:.4}%\" y=\"{y}\"><path class=\"arrow loop\" \
             d=\"M0 0H{reach}V{FALL}H0\"/></svg>"
        ));
        self.head(last, (rail, y + FALL));
        let class = if last { "label before" } else { "label behind" };
        self.text(class, (rail, y + FALL), behind, label);
        self.beside(y, beside);
    }

    /// In both margins, as far as there is something.
    fn beside(&mut self, y: usize, beside: &Beside) {
        let Beside { number, time, signs } = beside;
        let mut put = |class, x, dx, text: &String| {
            if !text.is_empty() {
                self.text(class, (x, y + FALL), dx, text);
            }
        };
        put("own", 0.0, -14, number);
        put("time", 100.0, 12, time);
        put("sign", 100.0, 12, signs);
    }

    fn head(&mut self, right: bool, at: (f64, usize)) {
        let (x, y) = at;
        let sign = if right { '-' } else { ' ' };
        self.put(format_args!(
            "<svg class=\"head\" x=\"{x:.4}%\" y=\"{y}\">\
             <path d=\"M0 0l{sign}11-5v10z\"/></svg>"
        ));
    }

    /// An arrow that ends on its way, in a cross.
    fn lost(&mut self, from: (f64, usize), to: (f64, usize)) {
        let x = from.0 + 0.62 * (to.0 - from.0);
        let y = from.1 + FALL * 62 / 100;
        self.line("arrow lost", from, (x, y));
        self.put(format_args!(
            "<svg class=\"cross\" x=\"{x:.4}%\" y=\"{y}\">\
             <path d=\"M-6-6l12 12m0-12l-12 12\"/></svg>"
        ));
        let (class, dx) = match from.0 < to.0 {
            true => ("fate", 14),
            false => ("fate before", -14),
        };
        self.text(class, (x, y + 4), dx, "lost");
    }

    /// Time passes: the rails break, and a band says which claim is about it.
    fn gap(&mut self, claim: usize, lasted: &str) {
        let name = self.ladder.claims.get(claim).cloned().unwrap_or_default();
        let sign = number(claim);
        let says = match lasted.is_empty() {
            true => format!("{sign} {name}"),
            false => format!("{sign} {lasted}: {name}"),
        };
        let hosts = self.ladder.hosts.len().max(2);
        let lines = wrap(&says, (ROOM + 2) * (hosts - 1));
        let (top, body) = (self.y, LINE * lines.len() + 28);
        self.rails(4, "rail");
        self.end_rails();
        self.put(format_args!(
            "<rect class=\"gap\" x=\"0\" y=\"{}\" width=\"100%\" \
             height=\"{body}\"/>",
            top + 4
        ));
        let half = (body - 16) / 2;
        self.rails(half, "rail");
        for n in 0..self.ladder.hosts.len() {
            let (x, y) = (self.at(n), self.y);
            self.put(format_args!(
                "<svg class=\"break\" x=\"{x:.4}%\" y=\"{y}\">\
                 <path d=\"M0 0l6 3-12 5 12 5-6 3\"/></svg>"
            ));
        }
        self.y += 16;
        self.rails(body - 16 - half + 4, "rail");
        for (n, line) in lines.iter().enumerate() {
            let y = top + 14 + LINE * (n + 1);
            self.text("waits", (50.0, y), 0, line);
        }
    }

    fn states(&mut self, label: &str, states: &[(String, String)]) {
        let two = self.ladder.hosts.len() == 2;
        let lines = wrap(label, if two { 24 } else { 2 * ROOM });
        let top = self.y;
        let text = LINE * lines.len();
        let (pills, height) = match two {
            true => {
                (top + 6 + text.saturating_sub(LINE) / 2, text.max(22) + 12)
            }
            false => (top + 10 + text, text + 40),
        };
        self.rails(height, "rail");
        for (n, line) in lines.iter().enumerate() {
            let y = top + 4 + LINE * (n + 1);
            self.text("after", (50.0, y), 0, line);
        }
        for (host, state) in states {
            if let Some(x) = self.rail(host) {
                self.pill("state", (x, pills), state);
            }
        }
    }

    /// Something at one host; or, without one, in the middle.
    fn note(&mut self, host: &str, text: &str) {
        let lines = wrap(text, ROOM + 2);
        let top = self.y;
        self.rails(LINE * lines.len() + 8, "rail");
        let (class, x, dx) = match self.rail(host) {
            Some(x) if x > 99.0 => ("note before", x, -12),
            Some(x) => ("note behind", x, 12),
            None => ("note", 50.0, 0),
        };
        if dx != 0 {
            self.put(format_args!(
                "<circle class=\"dot\" cx=\"{x:.4}%\" cy=\"{}\" r=\"3\"/>",
                top + 12
            ));
        }
        for (n, line) in lines.iter().enumerate() {
            self.text(class, (x, top + LINE * (n + 1)), dx, line);
        }
    }

    fn divider(&mut self, text: &str) {
        let y = self.y + 20;
        self.rails(36, "rail");
        self.line("divider", (0.0, y), (100.0, y));
        self.text("connection", (50.0, y + 4), 0, text);
    }
}
