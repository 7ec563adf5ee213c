#![no_main]
// The book's own files, without mdBook, which would cost more than all the rest.
#[path = "../../book/lab-book/src/render/bytes.rs"]
mod bytes;
#[allow(dead_code, reason = "the book uses the rest of it")]
#[path = "../../book/lab-book/src/html.rs"]
mod html;
#[allow(dead_code, reason = "the book uses the rest of it")]
#[path = "../../book/lab-book/src/snapshot.rs"]
mod snapshot;
#[path = "../../book/lab-book/src/render/svg.rs"]
mod svg;
#[path = "../../book/lab-book/tests/fuzzed/html.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::html(bytes));
