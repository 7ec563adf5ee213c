//! Run -> a terminal's text, JSON, or a browser's model.

mod json;
mod model;
mod moment;
mod pcaps;
mod table;
mod terminal;
mod whole;
mod words;

use std::io::{IsTerminal, Write};

use anstyle::{AnsiColor, Style};

pub(crate) use json::{VERSION, could_not_run_json, run_json, skipped_json};
pub(crate) use lab_kit::line::harmless as harmless_line;
pub(crate) use lab_trace::model_so_far;
pub(crate) use model::model;
pub(crate) use pcaps::save_pcaps;
pub(crate) use table::{Tally, one_line, summary, table};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use terminal::colored_diff;
pub(crate) use terminal::{Detail, evidence, ladder_of, moment, report};
pub(crate) use whole::say_whole;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use whole::write_whole;
pub(crate) use words::{harmless, shortened, wrapped};

/// How a reader calls us: by `./run` in a checkout, by our name where we were
/// installed.
pub(crate) fn me() -> &'static str {
    let own = std::env::current_exe().unwrap_or_default();
    let folder = own.parent().and_then(|folder| folder.file_name());
    match folder.is_some_and(|name| name == "bin") {
        true => "lab-runner",
        false => "./run",
    }
}

/// Writes text to standard output; a closed pipe is nobody's fault.
pub(crate) fn say(text: &str) {
    let mut out = anstream::AutoStream::auto(std::io::stdout());
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// A line about what is going on, on standard error: erased by the next one
/// in a terminal, plain otherwise.
pub(crate) fn progress(text: &str) {
    let mut err = std::io::stderr();
    let _ = match err.is_terminal() {
        // Of a line that wraps, only the last row would be erased.
        true => write!(
            err,
            "\r\x1b[K{} ...",
            shortened(text, columns().saturating_sub(5).max(20))
        ),
        false => writeln!(err, "{text}"),
    };
    let _ = err.flush();
}

/// How far one is: a bar in a terminal, a line at each tenth elsewhere.
pub(crate) fn progress_bar(doing: &str, done: usize, total: usize) {
    let tenth = |n: usize| n * 10 / total.max(1);
    let full = BAR * done / total.max(1);
    let (full, empty) = ("#".repeat(full), " ".repeat(BAR - full));
    let is_news = tenth(done) != tenth(done.saturating_sub(1));
    if is_news || std::io::stderr().is_terminal() {
        progress(&format!("{doing} [{full}{empty}] {done} of {total}"));
    }
}

const BAR: usize = 24;

/// Takes the last progress line away.
pub(crate) fn progress_done() {
    let mut err = std::io::stderr();
    if err.is_terminal() {
        let _ = write!(err, "\r\x1b[K");
        let _ = err.flush();
    }
}

/// Columns of the terminal, from `COLUMNS` or the terminal itself.
pub(crate) fn columns() -> usize {
    let set = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    set.or_else(window).unwrap_or(80)
}

fn window() -> Option<usize> {
    // SAFETY: winsize is plain integers; the ioctl writes only into it.
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    let code = unsafe { libc::ioctl(1, libc::TIOCGWINSZ, &raw mut size) };
    (code == 0 && size.ws_col > 0).then_some(size.ws_col.into())
}

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();

/// Text in a style; `anstream` takes the escapes out where none are wanted.
pub(crate) fn painted(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
