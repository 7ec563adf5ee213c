//! The fixture's book, built as the real one is.

use std::fs;
use std::path::Path;

use lab_book::{Labs, answer, build};

use crate::workshop;

/// A workspace: the fixture's lab and pages under the real theme.
fn make_workspace(root: &Path) {
    let real = lab_book::workspace().join("book");
    copy(&workshop::root().join("labs"), &root.join("labs"));
    copy(&real.join("theme"), &root.join("book/theme"));
    copy(&real.join("widgets"), &root.join("book/widgets"));
    copy(&real.join("src/reference"), &root.join("book/src/reference"));
    copy(&workshop::root().join("pages"), &root.join("book/src"));
    fs::copy(real.join("book.toml"), root.join("book/book.toml")).unwrap();
    let index = "# A fixture\n\n## How the book knows\n";
    fs::write(root.join("book/src/index.md"), index).unwrap();
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type().unwrap().is_dir() {
            true => copy(&from, &to),
            false => drop(fs::copy(from, to).unwrap()),
        }
    }
}

#[test]
fn the_book_is_built_and_every_link_in_it_leads_somewhere() {
    let root = tempfile::tempdir().unwrap();
    make_workspace(root.path());
    let dest = root.path().join("out");
    let built = build(root.path(), &dest, workshop::WORKSHOP).unwrap();
    assert_eq!(built.problems, []);
    let page = fs::read_to_string(dest.join("ch05-delayed-ack.html")).unwrap();
    for part in
        ["<svg role=\"img\"", "{{#lab ch05}} stays", "class=\"language-rust"]
    {
        assert!(page.contains(part), "no {part:?}");
    }
    assert!(!page.contains("<script>alert"));
    let toc = fs::read_to_string(dest.join("toc.html")).unwrap();
    let entry = "<a href=\"exercises/ch05-three-writes.html\"";
    assert!(toc.contains(entry), "{toc}");
    let path = dest.join("exercises/ch05-three-writes.html");
    let page = fs::read_to_string(path).unwrap();
    assert_eq!(page.matches("<details class=\"hint\">").count(), 6);
    assert!(page.contains("{{#include /etc/passwd}}"), "{page}");
    // For a look at it: LAB_BOOK_KEEP=/tmp/book cargo test -p lab-book
    if let Some(keep) = std::env::var_os("LAB_BOOK_KEEP") {
        copy(&dest, Path::new(&keep));
    }
}

#[test]
fn a_book_with_a_problem_leaves_the_old_one_in_place() {
    let root = tempfile::tempdir().unwrap();
    make_workspace(root.path());
    let dest = root.path().join("out");
    build(root.path(), &dest, workshop::WORKSHOP).unwrap();
    let chapter = root.path().join("book/src/ch05-delayed-ack.md");
    fs::write(&chapter, "# T\n\n{{#ladder ch05/frist-ack}}\n").unwrap();
    let error = build(root.path(), &dest, workshop::WORKSHOP).err().unwrap();
    let error = format!("{error:#}");
    let place = "book/src/ch05-delayed-ack.md:3: ch05 has no experiment";
    assert!(error.contains(place), "{error}");
    let page = fs::read_to_string(dest.join("ch05-delayed-ack.html")).unwrap();
    assert!(page.contains("<svg role=\"img\""));
    let left: Vec<_> = fs::read_dir(root.path()).unwrap().flatten().collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn a_broken_link_and_a_missing_include_are_problems() {
    let root = tempfile::tempdir().unwrap();
    make_workspace(root.path());
    let chapter = root.path().join("book/src/ch05-delayed-ack.md");
    let text = "# T\n\n[x](index.md#how-the-book-nows)\n\n{{#include no.md}}\n";
    fs::write(&chapter, text).unwrap();
    let dest = root.path().join("out");
    let built = build(root.path(), &dest, workshop::WORKSHOP).unwrap();
    let found: Vec<_> =
        built.problems.iter().map(ToString::to_string).collect();
    let found = found.join("\n");
    assert!(found.contains("did you mean how-the-book-knows?"), "{found}");
    assert!(found.contains("no.md"), "{found}");
}

#[test]
fn somebodys_folder_is_never_replaced() {
    let root = tempfile::tempdir().unwrap();
    make_workspace(root.path());
    let dest = root.path().join("mine");
    fs::create_dir(&dest).unwrap();
    fs::write(dest.join("thesis.tex"), "years").unwrap();
    let error = build(root.path(), &dest, workshop::WORKSHOP).err().unwrap();
    assert!(error.to_string().contains("not a book of ours"), "{error}");
    assert!(dest.join("thesis.tex").exists());
}

#[test]
fn mdbook_gets_its_book_back_with_the_directives_replaced() {
    let chapter = r##"{"Chapter": {"name": "T", "content": "{{#claims ch05/walk}}\n",
        "number": null, "sub_items": [], "path": "t.md", "source_path": "t.md",
        "parent_names": []}}"##;
    let input = format!(
        r#"[{{"root": "/x/book", "config": {{"book": {{"src": "src"}}}},
        "renderer": "html", "mdbook_version": "0.5.4"}}, {{"items": [{chapter}]}}]"#
    );
    let labs = Labs::new(workshop::WORKSHOP, &workshop::root());
    let mut output = Vec::new();
    answer(&labs, input.as_bytes(), &mut output).unwrap();
    let book: serde_json::Value = serde_json::from_slice(&output).unwrap();
    let text = book["items"][0]["Chapter"]["content"].as_str().unwrap();
    assert!(text.contains("a lost segment is sent again"), "{text}");
    let error = answer(&labs, &b"hello"[..], Vec::new()).unwrap_err();
    assert!(error.to_string().contains("lab-book build"), "{error}");
}
