//! Markdown with directives, and the labs -> the book.
//!
//! In reading order:
//!
//! 1. `scan` cuts a page into text and directives; `directive` says what
//!    each one asks for.
//! 2. `labs` is what they ask: descriptions, snapshots, sources; `models` is
//!    an accepted trace for browsers.
//! 3. `checks` asks an accepted trace whether a guess's or a quiz's answer is
//!    right; `fields` reads them.
//! 4. `render` draws one directive; `expand` does so for a whole book and
//!    collects what is wrong with it; `exercises` are pages that nobody writes.
//! 5. `preprocess`, `build` and `serve` are the three ways in.
//!
//! Nothing here needs root or libpcap; nothing is fetched from a network.

mod bench;
mod beside;
mod build;
mod checks;
mod describe;
mod directive;
mod exercises;
mod expand;
mod explain;
mod fields;
mod html;
mod kernels;
mod labs;
mod links;
mod models;
mod prebuilt;
mod preprocess;
mod problem;
mod render;
mod scan;
mod serve;
mod site;
mod snapshot;
mod tags;
mod teach;
mod warnings;

use std::path::{Path, PathBuf};

pub use build::{Built, build};
pub use describe::with_cargo;
pub use exercises::Leaf;
pub use expand::{Expanded, Page, expand};
pub use labs::{Describe, Folder, Judge, Known};
pub use links::check;
pub use preprocess::{Beside, Labs, answer};
pub use problem::Problem;
pub use serve::serve;
pub use site::LIMIT;

/// Where things are, and how a lab is asked to describe itself.
#[derive(Clone, Copy)]
pub struct Workshop {
    /// How labs are described; `with_cargo` builds and asks them.
    pub describe: &'static Describe,
}

/// The workspace with `labs/` and `book/`: `LAB_ROOT`, the one that we stand in,
/// or the one that this program was installed or built in.
pub fn workspace() -> PathBuf {
    if let Some(root) = std::env::var_os("LAB_ROOT") {
        return root.into();
    }
    let here = std::env::current_dir().unwrap_or_default();
    let book = |dir: &&Path| dir.join("book/book.toml").is_file();
    let own = std::env::current_exe().unwrap_or_default();
    let mut above = here.ancestors().chain(own.ancestors());
    above.find(book).unwrap_or(&here).into()
}
