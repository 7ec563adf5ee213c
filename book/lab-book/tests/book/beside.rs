//! Symptoms, the kernel's words, terms, minutes and notes: what they become,
//! and everything that can be wrong with them.

use std::fs;
use std::path::Path;

use lab_book::{Folder, Known, Page, expand};

use crate::build::copy;
use crate::workshop;

const KERNEL: &str = "[counters]\nTcpExtDelayedACKs = 'by *timer*'\n\
    [sysctls]\n[options]\nTCP_NODELAY = 'no `Nagle`'\n[errnos]\n";
const TERMS: &str =
    "[[term]]\nname = 'delayed ACK'\nis = 'late'\nsee = 'RFC'\n";
const SYMPTOM: &str = "[[topic]]\nname = 'late'\ntitle = 'Late_answers'\n\
    [[symptom]]\nid = 'forty'\ntopic = 'late'\nsee = 'It takes `40 ms` <b>'\n\
    is = 'A *timer*.'\nprove = '`tcpdump`'\nhelps = 'one write'\n\
    shown = ['ch05/first-ack']\nexercises = ['ch05/three-writes']\n\
    folklore = ['An ACK is']\n";
const CHAPTER: &str = "# Delayed ACK\n\n{{#minutes ch05}}\n\n{{#lab ch05}}\n\n\
    ## First\n\nThe delayed ACK\nwaits, a delayed ACK.\n\n\
    {{#claims ch05/first-ack}}\n\n{{#notes}}\nAsk **why**.\n{{/notes}}\n\n\
    {{#symptoms ch05}}\n";
const INDEX: &str = "# Index\n\n{{#symptoms all}}\n\n\
    {{#kernel-index counters}}\n\n{{#kernel-index options}}\n\n\
    {{#glossary all}}\n\n{{#minutes all}}\n";

/// Those experiments of the fixture that were accepted.
fn accepted(root: &Path, labs: &[Folder]) -> Vec<Result<Known, String>> {
    let mut all = workshop::describe(root, labs);
    for lab in all.iter_mut().flatten() {
        let all = &mut lab.described.experiments;
        all.retain(|e| ["first-ack", "walk"].contains(&&*e.name));
    }
    all
}

struct Book {
    symptoms: String,
    kernel: String,
    terms: String,
    chapter: String,
}

fn book() -> Book {
    Book {
        symptoms: SYMPTOM.into(),
        kernel: KERNEL.into(),
        terms: TERMS.into(),
        chapter: CHAPTER.into(),
    }
}

impl Book {
    /// The two pages, or what is wrong.
    fn expand(&self) -> Result<(String, String), String> {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        copy(&workshop::root().join("labs"), &root.join("labs"));
        let snapshots = root.join("labs/ch05-delayed-ack/snapshots");
        for name in ["first-ack", "walk"] {
            let notes = r#"{"phases": [["hosts", 1500.5]]}"#;
            let path = snapshots.join(format!("{name}.notes.json"));
            fs::write(path, notes).unwrap();
        }
        let source = root.join("labs/ch05-delayed-ack/src/first_ack.rs");
        let mut text = fs::read_to_string(&source).unwrap();
        text.push_str("// SO_LINGER is not used\nfn f() { x.set_nodelay(); }");
        fs::write(source, text).unwrap();
        let data = root.join("book/data");
        fs::create_dir_all(&data).unwrap();
        fs::write(data.join("symptoms.toml"), &self.symptoms).unwrap();
        fs::write(data.join("kernel.toml"), &self.kernel).unwrap();
        fs::write(data.join("glossary.toml"), &self.terms).unwrap();
        let page = |file: &str, text: &str| Page {
            file: file.into(),
            text: text.into(),
        };
        let pages = [page("src/a.md", &self.chapter), page("src/i.md", INDEX)];
        match expand(&pages, root, &accepted) {
            Ok(pages) => Ok((pages[0].text.clone(), pages[1].text.clone())),
            Err(problems) => {
                let all = problems.iter().map(ToString::to_string);
                Err(all.collect::<Vec<_>>().join("\n"))
            }
        }
    }

    fn wrong(&self, part: &str) {
        let what = self.expand().unwrap_err();
        assert!(what.contains(part), "no {part:?} in\n{what}");
    }
}

fn contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
}

#[test]
fn an_index_leads_to_where_things_are_shown() {
    let (_, index) = book().expand().unwrap();
    contains(
        &index,
        &[
            "## Late\\_answers\n",
            "### It takes `40 ms` \\<b\\> {#forty}\n",
            "<dd>A <em>timer</em>.</dd>",
            "<a href=\"ch05-delayed-ack.html#lab-ch05-first-ack\">\
             <code>ch05/first-ack</code></a>",
            "exercise <a href=\"exercises/ch05-three-writes.html\">",
            "folklore <a href=\"folklore.html#ch05-first-ack-an-ack-is",
            "### `TcpExtDelayedACKs` {#tcpextdelayedacks}",
            "### `TCP_NODELAY` {#tcp-nodelay}",
            "no <code>Nagle</code>",
            "<div id=\"delayed-ack\"><dt>delayed ACK</dt>",
        ],
    );
}

#[test]
fn a_chapter_has_its_minutes_notes_terms_and_symptoms() {
    let (chapter, index) = book().expand().unwrap();
    contains(
        &chapter,
        &[
            "data-minutes=\"1\">About 1 minutes, and 65 for its 3 exercises",
            "The [delayed ACK](i.md#delayed-ack)\nwaits, a delayed ACK.\n",
            "<summary>For the teacher</summary>\n\nAsk **why**.\n\n</details>",
            "<a href=\"i.html#forty\">It takes <code>40 ms</code> &lt;b&gt;",
        ],
    );
    // Two runs of a second and a half.
    contains(&index, &["<td>0.1</td><td>1</td><td>65</td>"]);
}

#[test]
fn a_symptom_may_only_name_what_is_told() {
    let with = |from: &str, to: &str| Book {
        symptoms: SYMPTOM.replace(from, to),
        ..book()
    };
    with("ch05/first-ack", "ch05/frist-ack").wrong("did you mean first-ack?");
    with("ch05/first-ack", "ch05/walk").wrong("no page tells of `ch05/walk`");
    with("three-writes", "4-writes").wrong("no exercise is called");
    with("An ACK is", "A SYN is").wrong("no folklore begins with `A SYN is`");
    with("topic = 'late'", "topic = 'soon'").wrong("no topic is `soon`");
    let silent = SYMPTOM.split("shown").next().unwrap().to_string();
    let silent = Book { symptoms: silent, ..book() };
    silent.wrong("names no experiment and no `not_shown`");
}

#[test]
fn every_name_has_a_line_and_every_line_a_name() {
    let kernel = |from: &str, to: &str| Book {
        kernel: KERNEL.replace(from, to),
        ..book()
    };
    kernel("TCP_NODELAY = 'no `Nagle`'\n", "")
        .wrong("has no line for `TCP_NODELAY`");
    kernel("[errnos]", "SO_LINGER = 'x'\n[errnos]")
        .wrong("no experiment uses `SO_LINGER`");
    let terms = TERMS.replace("delayed ACK", "delayed SYN");
    Book { terms, ..book() }.wrong("no chapter has the term `delayed SYN`");
}

#[test]
fn notes_say_something_and_are_closed() {
    let chapter = |from: &str, to: &str| Book {
        chapter: CHAPTER.replace(from, to),
        ..book()
    };
    chapter("Ask **why**.", "").wrong("these notes say nothing");
    chapter("{{/notes}}", "").wrong("never closed by `{{/notes}}`");
    chapter("{{#notes}}", "{{#notes x}}").wrong("`notes` doesn't know `x`");
    chapter("{{#symptoms ch05}}", "{{#kernel-index socks}}")
        .wrong("there is no index of `socks`");
    chapter("{{#lab ch05}}", "").wrong("no page has the lab ch05");
}

/// Sections that need no notes.
const WITHOUT: [&str; 7] = [
    "Where you meet it",
    "Folklore",
    "Exercises",
    "Further reading",
    "Not shown here",
    "What isn't shown",
    "Quiz",
];

/// The headings of a chapter under which no notes stand; one with nothing but
/// headings below it needs none.
fn silent(chapter: &str) -> Vec<&str> {
    let mut silent = Vec::new();
    let (mut heading, mut empty) = (None, true);
    let mut fence = false;
    for line in chapter.lines().chain(["## End"]) {
        fence ^= line.starts_with("```");
        match line.split_once("# ") {
            Some((marks, title)) if !fence && ["#", "##"].contains(&marks) => {
                silent.extend(heading.filter(|_| !empty));
                let known = WITHOUT.iter().any(|w| title.starts_with(w));
                heading = (!known).then_some(title);
                empty = true;
            }
            _ if line == "{{#notes}}" => heading = None,
            _ => empty &= line.is_empty(),
        }
    }
    silent
}

#[test]
fn every_section_of_the_real_chapters_has_notes() {
    let chapters = fs::read_dir(lab_book::workspace().join("book/src"));
    let chapters = chapters.unwrap().map(|entry| entry.unwrap().path());
    let is_chapter = |p: &std::path::PathBuf| {
        p.file_name().unwrap().to_string_lossy().starts_with("ch0")
    };
    let mut count = 0;
    for chapter in chapters.filter(is_chapter) {
        let text = fs::read_to_string(&chapter).unwrap();
        assert_eq!(silent(&text), [""; 0], "{}", chapter.display());
        count += text.matches("{{#notes}}").count();
    }
    assert!(count > 90, "{count}");
    let found = silent("## A\n\nx\n\n### B\n{{#notes}}\n## C\n## D\ny\n");
    assert_eq!(found, ["A", "D"]);
}
