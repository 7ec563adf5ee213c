//! The fuzz target `html` without a fuzzer: its kept corpus.

#[path = "../../src/render/bytes.rs"]
mod bytes;
#[allow(dead_code, reason = "the book uses the rest of it")]
#[path = "../../src/html.rs"]
mod html;
#[allow(dead_code, reason = "the book uses the rest of it")]
#[path = "../../src/snapshot.rs"]
mod snapshot;
#[path = "../../src/render/svg.rs"]
mod svg;
#[path = "html.rs"]
mod target;

#[test]
fn the_kept_corpus_holds() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/html");
    let list = std::fs::read_dir(folder).expect("a corpus");
    let paths: Vec<_> = list.flatten().map(|entry| entry.path()).collect();
    assert!(!paths.is_empty(), "{folder} is empty");
    for path in paths {
        eprintln!("{}", path.display());
        target::html(&std::fs::read(path).expect("read"));
    }
}
