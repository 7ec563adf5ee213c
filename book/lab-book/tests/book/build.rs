//! The fixture's book, built as the real one is.

use std::fs;
use std::path::Path;

use lab_book::{Labs, Workshop, answer, build};
use lab_kit::ladder::model::Model;

use crate::workshop;

/// A workspace: the fixture's lab and pages under the real theme.
fn make_workspace(root: &Path) {
    let real = lab_book::workspace().join("book");
    copy(&workshop::root().join("labs"), &root.join("labs"));
    copy(&real.join("theme"), &root.join("book/theme"));
    // Not their tests.
    fs::create_dir_all(root.join("book/widgets")).unwrap();
    for file in fs::read_dir(real.join("widgets")).unwrap().flatten() {
        if file.path().is_file() {
            let to = root.join("book/widgets").join(file.file_name());
            fs::copy(file.path(), to).unwrap();
        }
    }
    copy(&real.join("src/reference"), &root.join("book/src/reference"));
    copy(&workshop::root().join("pages"), &root.join("book/src"));
    fs::copy(real.join("book.toml"), root.join("book/book.toml")).unwrap();
    let index = "# A fixture\n\n## How the book knows\n";
    fs::write(root.join("book/src/index.md"), index).unwrap();
    // One run with its packets, of the real lab of that name.
    for ending in ["pcap", "notes.json"] {
        let file = format!("{KEPT}.{ending}");
        fs::copy(lab_book::workspace().join(&file), root.join(&file)).unwrap();
    }
}

const KEPT: &str = "labs/ch05-delayed-ack/snapshots/first-ack";

/// What is wrong, but for the ladders that have no packets in the fixture.
fn problems(built: &lab_book::Built) -> Vec<String> {
    let problems = built.problems.iter().map(ToString::to_string);
    let absent = |what: &String| what.contains(".notes.json: No such file");
    let (absent, others): (Vec<_>, _) = problems.partition(absent);
    let of = |name: &str| absent.iter().any(|what| what.contains(name));
    assert!(["walk", "three", "hostile"].iter().all(|name| of(name)));
    others
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
    assert_eq!(problems(&built), Vec::<String>::new());
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
fn a_ladder_s_model_is_beside_the_pages_and_the_same_each_time() {
    let root = tempfile::tempdir().unwrap();
    make_workspace(root.path());
    let build = |dest: &str| {
        let dest = root.path().join(dest);
        build(root.path(), &dest, workshop::WORKSHOP).unwrap();
        let page = fs::read_to_string(dest.join("ch05-delayed-ack.html"));
        assert!(page.unwrap().contains("data-model=\"ch05/first-ack\""));
        fs::read_to_string(dest.join("models/ch05/first-ack.js")).unwrap()
    };
    let script = build("once");
    assert_eq!(build("twice"), script);
    assert!(!script.contains('<'), "it could end a script element");
    let json = script.strip_prefix("socketLab.give(\"ch05/first-ack\",");
    let json = json.and_then(|s| s.strip_suffix(");\n")).unwrap();
    let model: Model = serde_json::from_str(json).unwrap();
    assert_eq!(model.claims.len(), 3);
    let labels: Vec<_> = model.packets().map(|p| p.label.as_str()).collect();
    let first = ["SYN", "SYN ACK", "ACK 1", "PSH ACK 1:6 \"ping!\"", "ACK 6"];
    assert_eq!(labels[..5], first);
    assert!(model.packets().all(|p| p.bytes.len() >= 52));
}

#[test]
fn without_its_packets_a_ladder_is_still_drawn_and_the_book_has_a_problem() {
    let root = tempfile::tempdir().unwrap();
    make_workspace(root.path());
    let dest = root.path().join("out");
    let wrong = |file: &str, bytes: &[u8]| {
        fs::write(root.path().join(file), bytes).unwrap();
        let built = build(root.path(), &dest, workshop::WORKSHOP).unwrap();
        let page = fs::read_to_string(dest.join("ch05-delayed-ack.html"));
        let page = page.unwrap();
        assert!(page.contains("<svg role=\"img\""), "it is drawn");
        assert!(!page.contains("data-model"), "nothing to load");
        assert!(!dest.join("models").exists());
        let problems = problems(&built);
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems[0].clone()
    };
    let capture = format!("{KEPT}.pcap");
    let whole = fs::read(lab_book::workspace().join(&capture)).unwrap();
    let what = wrong(&capture, &whole[..whole.len() - 7]);
    let place = "book/src/ch05-delayed-ack.md:20: ";
    let cut = format!("{place}{capture}: ");
    assert!(what.starts_with(&cut) && what.contains("breaks off"), "{what}");
    let what = wrong(&capture, b"lorem ipsum");
    assert!(what.starts_with(&cut), "{what}");
    let what = wrong(&format!("{KEPT}.notes.json"), b"[]");
    assert!(what.contains("holds no notes of ours"), "{what}");
}

#[test]
fn a_judge_that_fails_is_a_problem() {
    let root = tempfile::tempdir().unwrap();
    make_workspace(root.path());
    let dest = root.path().join("out");
    let silent = Workshop { describe: &workshop::describe_silent };
    let built = build(root.path(), &dest, silent).unwrap();
    let wanted = "ch05-delayed-ack/snapshots/first-ack.pcap is not judged: \
        it says nothing";
    let problems = problems(&built);
    assert!(
        problems.len() == 1 && problems[0].ends_with(wanted),
        "{problems:?}"
    );
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
