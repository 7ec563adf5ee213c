//! Figure -> lines of text, for a terminal of a given width.

use super::{Bars, Bytes, Figure, Path, Table};

/// Draws a figure in a terminal this many columns wide (60 at least).
pub fn draw(figure: &Figure, width: usize) -> Vec<String> {
    let width = width.clamp(60, 120);
    match figure {
        Figure::Table(table) => rows(table, width),
        Figure::Bars(bars) => counts(bars, width),
        Figure::Bytes(bytes) => fields(bytes, width),
        Figure::Path(path) if path.layers().is_empty() => steps(path),
        Figure::Path(path) => layers(path, width),
    }
}

fn rows(table: &Table, width: usize) -> Vec<String> {
    let all = || std::iter::once(&table.head).chain(&table.rows);
    let columns = table.head.len();
    let wide = |n: usize| {
        let cells = all().map(|row| row.get(n).map_or(0, |c| wide(c)));
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(wide).collect();
    let numbers: Vec<bool> =
        (0..columns).map(|n| is_numeric(table, n)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().take(columns).enumerate().map(|(n, cell)| {
            let gap = " ".repeat(widths[n].saturating_sub(self::wide(cell)));
            match numbers[n] {
                true => format!("{gap}{cell}"),
                false => format!("{cell}{gap}"),
            }
        });
        let line: Vec<String> = cells.collect();
        cut(line.join("  ").trim_end(), width)
    };
    let mut lines: Vec<String> = all().map(line).collect();
    let rule = widths.iter().sum::<usize>() + 2 * columns.saturating_sub(1);
    lines.insert(1, "─".repeat(rule.min(width)));
    lines
}

/// Whether a column is of numbers and dashes: then it is aligned right.
pub fn is_numeric(table: &Table, column: usize) -> bool {
    let cells = table.rows.iter().filter_map(|row| row.get(column));
    let mut filled = cells.filter(|c| !c.is_empty() && *c != "-").peekable();
    filled.peek().is_some() && filled.all(|c| c.parse::<f64>().is_ok())
}

fn counts(bars: &Bars, width: usize) -> Vec<String> {
    let labels = bars.bars.iter().map(|(label, _)| wide(label));
    let label = labels.max().unwrap_or(0);
    let most = bars.bars.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
    let room = (width - 20).saturating_sub(label).clamp(10, 40) as i128;
    let line = |(name, n): &(String, i64)| {
        let full = match *n {
            n if n <= 0 => 0,
            n => (i128::from(n) * room / i128::from(most)).max(1),
        };
        let gap = " ".repeat(label - wide(name));
        let bar = "█".repeat(full as usize);
        let space = if bar.is_empty() { "" } else { " " };
        format!("{name}{gap}  {bar}{space}{n}")
    };
    let mut lines = vec![bars.unit.clone()];
    lines.extend(bars.bars.iter().map(line));
    lines
}

const PER_LINE: usize = 8;
/// Lines of a field that are shown: a payload may be long.
const MOST_LINES: usize = 4;

fn fields(bytes: &Bytes, width: usize) -> Vec<String> {
    let all = bytes.bytes();
    let names = bytes.fields.iter().map(|f| wide(&f.name));
    let name_width = names.max().unwrap_or(0).min(width);
    let mut lines = Vec::new();
    for field in &bytes.fields {
        let part = all.get(field.range()).unwrap_or_default();
        let hex: Vec<String> = part
            .chunks(PER_LINE)
            .map(|line| {
                let pairs: Vec<String> =
                    line.iter().map(|b| format!("{b:02x}")).collect();
                pairs.join(" ")
            })
            .collect();
        let room = PER_LINE * 3;
        for (n, hex) in hex.iter().take(MOST_LINES).enumerate() {
            let at = field.at + n * PER_LINE;
            let (name, meaning) = match n {
                0 => (field.name.as_str(), field.meaning.as_str()),
                _ => ("", ""),
            };
            let line =
                format!("{at:04x}  {hex:room$}{name:name_width$}  {meaning}");
            lines.push(cut(line.trim_end(), width));
        }
        if hex.len() > MOST_LINES {
            let more = part.len() - MOST_LINES * PER_LINE;
            lines.push(format!("      … {more} more"));
        }
    }
    lines
}

fn steps(path: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for stretch in path.stretches() {
        lines.push(stretch.context.to_string());
        let names = stretch.steps.iter().map(|(_, name)| name);
        lines.extend(names.map(|name| format!("  │ {name}")));
    }
    lines
}

/// Layers from top to bottom, contexts from left to right.
fn layers(path: &Path, width: usize) -> Vec<String> {
    let layers = path.layers();
    let stretches = path.stretches();
    // What is wider than the terminal is cut; format! panics above 65535.
    let label = layers.iter().map(|layer| wide(layer)).max().unwrap_or(0);
    let label = label.min(width);
    let columns: Vec<usize> = stretches
        .iter()
        .map(|stretch| {
            let names = stretch.steps.iter().map(|(_, name)| wide(name) + 2);
            names.chain([wide(stretch.context)]).max().unwrap_or(0).min(width)
        })
        .collect();
    let line = |label_text: &str, cells: Vec<String>| {
        let mut line = format!("{label_text:label$}");
        for (cell, column) in cells.iter().zip(&columns) {
            line += &format!("  {cell:column$}");
        }
        cut(line.trim_end(), width)
    };
    let contexts = stretches.iter().map(|s| s.context.to_string()).collect();
    let mut lines = vec![line("", contexts)];
    for layer in &layers {
        let cells: Vec<(&str, Vec<&str>)> = stretches
            .iter()
            .map(|stretch| {
                let rises = stretch.rises(&layers);
                let way = if rises { "↑" } else { "↓" };
                (way, stretch.within(layer, rises))
            })
            .collect();
        let rows = cells.iter().map(|(_, names)| names.len()).max();
        for row in 0..rows.unwrap_or(0) {
            let name = |(way, names): &(&str, Vec<&str>)| {
                names.get(row).map_or(String::new(), |n| format!("{way} {n}"))
            };
            let first = if row == 0 { layer } else { "" };
            lines.push(line(first, cells.iter().map(name).collect()));
        }
    }
    lines
}

fn wide(text: &str) -> usize {
    text.chars().count()
}

fn cut(line: &str, width: usize) -> String {
    if wide(line) <= width {
        return line.into();
    }
    let kept: String = line.chars().take(width - 1).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(figure: impl Into<Figure>) -> String {
        draw(&figure.into(), 80).join("\n")
    }

    #[test]
    fn a_table_aligns_its_numbers_right() {
        let table = Figure::table(["host", "Recv-Q"])
            .row(["client", "0"])
            .row(["server", "1234"])
            .row(["raw", "-"]);
        assert_eq!(
            drawn(table),
            "host    Recv-Q\n──────────────\nclient       0\nserver    1234\n\
             raw          -"
        );
    }

    #[test]
    fn a_bar_of_one_is_seen_beside_one_of_a_thousand() {
        let bars = Figure::bars("connections")
            .bar("worker 0", 1000)
            .bar("worker 10", 1)
            .bar("worker 2", 0);
        let full = "█".repeat(40);
        assert_eq!(
            drawn(bars),
            format!(
                "connections\nworker 0   {full} 1000\nworker 10  █ 1\n\
                 worker 2   0"
            )
        );
    }

    #[test]
    fn bytes_stand_by_the_name_of_their_field() {
        let bytes = Figure::bytes(&[0x1b, 0x58, 0, 80, 1, 2, 3])
            .field(0..2, "source port", 7000)
            .field(2..4, "destination port", 80)
            .field(4..99, "rest", "cut at the end")
            .field(50..60, "nowhere", "");
        assert_eq!(
            drawn(bytes),
            "0000  1b 58                   source port       7000\n\
             0002  00 50                   destination port  80\n\
             0004  01 02 03                rest              cut at the end"
        );
    }

    #[test]
    fn a_path_with_layers_goes_down_and_comes_up() {
        let path = Figure::path()
            .step_in("sends", "TCP", "tcp_sendmsg")
            .step_in("sends", "TCP", "tcp_write_xmit")
            .step_in("sends", "IP", "ip_output")
            .step_in("receives", "IP", "ip_rcv")
            .step_in("receives", "TCP", "tcp_v4_rcv")
            .step_in("receives", "TCP", "tcp_data_queue");
        assert_eq!(
            drawn(path),
            "     sends             receives\n\
             TCP  ↓ tcp_sendmsg     ↑ tcp_data_queue\n     \
             ↓ tcp_write_xmit  ↑ tcp_v4_rcv\n\
             IP   ↓ ip_output       ↑ ip_rcv"
        );
    }

    #[test]
    fn cells_beyond_the_head_are_lost() {
        let mut table = Figure::table(["a", "b"]).row(["1", "2"]);
        table.rows.push(["3", "4", "5"].map(String::from).to_vec());
        assert_eq!(drawn(table), "a  b\n────\n1  2\n3  4");
    }

    #[test]
    fn nothing_is_too_wide_or_too_large() {
        let wide = "x".repeat(70_000);
        let field = super::super::Field {
            at: usize::MAX,
            len: 2,
            name: wide.clone(),
            meaning: String::new(),
        };
        let bytes = Bytes { hex: "00ff".into(), fields: vec![field] };
        assert_eq!(drawn(bytes), "");
        drawn(Figure::bytes(&[0]).field(0..1, &wide, ""));
        drawn(Figure::path().step_in(&wide, &wide, &wide).step_in("", "", ""));
        drawn(Figure::path().step(&wide, &wide));
        drawn(Figure::table([wide.as_str(), "b"]).row(["1", "2"]));
        let bars = Figure::bars(&wide).bar(&wide, i64::MAX).bar("", i64::MIN);
        assert!(drawn(bars).contains(&"█".repeat(10)));
    }

    #[test]
    fn a_long_field_is_cut() {
        let bytes = Figure::bytes(&[0; 40]).field(0..40, "data", "");
        let text = drawn(bytes);
        assert_eq!(text.lines().count(), 5);
        assert!(text.ends_with("\n      … 8 more"), "{text}");
    }

    #[test]
    fn a_path_names_each_context_once_in_turn() {
        let path = Figure::path()
            .step("sendto()", "tcp_sendmsg")
            .step("sendto()", "ip_queue_xmit")
            .step("softirq", "tcp_v4_rcv");
        assert_eq!(
            drawn(path),
            "sendto()\n  │ tcp_sendmsg\n  │ ip_queue_xmit\nsoftirq\n  │ \
             tcp_v4_rcv"
        );
    }
}
