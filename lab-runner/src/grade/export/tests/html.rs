//! The pages, tokenized as a browser does.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer,
};

use super::super::files;
use super::file;
use crate::grade::results::Graded;
use crate::grade::sample::{Texts, sample};

#[derive(Default)]
struct Page {
    /// Each tag with its attributes, as `<a href="x">`.
    tags: RefCell<Vec<String>>,
    text: RefCell<String>,
    errors: RefCell<Vec<String>>,
}

fn tag_text(tag: &Tag) -> String {
    let mut text = String::from(match tag.kind {
        TagKind::StartTag => "<",
        TagKind::EndTag => "</",
    });
    text += &tag.name;
    for attribute in &tag.attrs {
        let (name, value) = (&attribute.name.local, &*attribute.value);
        text += &format!(" {name}={value:?}");
    }
    text + ">"
}

impl TokenSink for Page {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => {
                self.tags.borrow_mut().push(tag_text(&tag));
                let raw = match (tag.kind, &*tag.name) {
                    (TagKind::StartTag, "style") => RawKind::Rawtext,
                    (TagKind::StartTag, "title") => RawKind::Rcdata,
                    _ => return TokenSinkResult::Continue,
                };
                return TokenSinkResult::RawData(raw);
            }
            Token::CharacterTokens(text) => {
                self.text.borrow_mut().push_str(&text);
            }
            Token::CommentToken(text) => {
                self.errors.borrow_mut().push(format!("comment {text}"));
            }
            Token::NullCharacterToken => {
                self.errors.borrow_mut().push("a NUL".into());
            }
            Token::ParseError(error) => {
                self.errors.borrow_mut().push(format!("{line}: {error}"));
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn read(html: &str) -> Page {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(Page::default(), Default::default());
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink
}

fn pages(texts: Texts) -> Vec<(String, String)> {
    let files = files(&sample(texts)).unwrap();
    let pages = files.into_iter().filter(|(n, _)| n.ends_with(".html"));
    pages.map(|(n, bytes)| (n, String::from_utf8(bytes).unwrap())).collect()
}

/// Whatever the texts are, the page's tags and attributes are the same.
#[test]
fn no_text_makes_an_element_or_an_attribute() {
    let harmless = pages(Texts::Harmless);
    for ((name, hostile), (_, harmless)) in
        pages(Texts::Hostile).iter().zip(&harmless)
    {
        let (hostile, harmless) = (read(hostile), read(harmless));
        assert_eq!(*hostile.errors.borrow(), [""; 0], "{name}");
        // Rows of layers are by their texts: as many as there are different.
        let differ = |tags: &[String]| {
            let end = tags.iter().rposition(|t| t.contains("Layers that were"));
            tags[..end.unwrap_or(tags.len())].to_vec()
        };
        let ours = differ(&hostile.tags.borrow());
        let theirs = differ(&harmless.tags.borrow());
        let mut pairs = ours.iter().zip(&theirs);
        assert_eq!(pairs.find(|(a, b)| a != b), None, "{name}");
        assert_eq!(ours.len(), theirs.len(), "{name}");
        assert!(hostile.tags.borrow().len() > 100, "{name}");
    }
}

#[test]
fn nothing_is_fetched_and_nothing_runs() {
    for (name, html) in pages(Texts::Hostile) {
        let page = read(&html);
        let tags = page.tags.borrow();
        let policies = tags.iter().filter(|t| t.contains("default-src 'none'"));
        assert_eq!(policies.count(), 1, "{name}");
        for tag in tags.iter().filter(|tag| !tag.starts_with("</")) {
            let word = tag[1..].split([' ', '>']).next().unwrap();
            assert!(
                ![
                    "script", "link", "img", "iframe", "form", "base", "svg",
                    "object", "embed", "input", "button"
                ]
                .contains(&word),
                "{name}: {tag}"
            );
            assert!(!tag.contains(" on") && !tag.contains(" src="), "{tag}");
            if let Some((_, href)) = tag.split_once("href=\"") {
                let ours = href.starts_with('#')
                    || href.starts_with('s') && href.ends_with(".html\">");
                assert!(ours, "{name}: {tag}");
            }
        }
        let style = html.split_once("<style>").unwrap().1;
        let style = style.split_once("</style>").unwrap().0;
        assert!(!style.contains("url(") && !style.contains("@import"));
        assert!(!html.contains("http://") && !html.contains("https://"));
    }
}

#[test]
fn texts_are_there_to_be_read() {
    let results = sample(Texts::Hostile);
    let page = read(&file(&results, "html/index.html"));
    let text = page.text.borrow();
    for says in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "\\u{202e}gnp.exe\\u{202c} שלום",
        "\\u{0}\\u{1b}[2J",
        "&amp;&nbsp;",
        "Zoë Ångström 山田",
    ] {
        assert!(text.contains(says), "{says}");
    }
}

/// A page is about its student alone.
#[test]
fn a_student_sees_nobody_else() {
    let mut results = sample(Texts::Plain);
    for student in &mut results.students {
        student.name = format!("name of {}", student.id);
        for mark in &mut student.marks {
            mark.why = format!("why of {}", student.id);
        }
    }
    let files = files(&results).unwrap();
    for student in &results.students {
        let name = format!("html/{}.html", student.id);
        let (_, html) = files.iter().find(|(n, _)| *n == name).unwrap();
        let html = str::from_utf8(html).unwrap();
        assert!(html.contains(&student.name));
        for other in results.students.iter().filter(|s| s.id != student.id) {
            assert!(!html.contains(&other.id), "{} {}", student.id, other.id);
        }
        assert!(!html.contains("-late") && !html.contains("index.html"));
    }
}

#[test]
fn what_went_well_stands_before_what_did_not() {
    let results = sample(Texts::Plain);
    let partial = results.students.iter().find(|student| {
        let mark = &student.marks[0];
        mark.verdict == Graded::Partial && !mark.rules[1].holds
    });
    let html = file(&results, &format!("html/{}.html", partial.unwrap().id));
    let text = read(&html).text.borrow().clone();
    let order = [
        "What holds",
        "the reply leaves at once",
        "The first step that is not right",
        "nothing waits",
        "wanted",
        "within 5 ms",
        "saw",
        "46.3 ms",
        "What was on the wire",
        "PSH ACK",
    ];
    let begin = text.find("What holds").unwrap();
    order.iter().fold(begin, |at, says| {
        let found = text[at..].find(says);
        at + found.unwrap_or_else(|| panic!("{says} comes too early"))
    });
}

#[test]
fn the_class_begins_with_the_open_marks() {
    let results = sample(Texts::Plain);
    let html = file(&results, "html/index.html");
    let (_, table) = html.split_once("table class=\"students\"").unwrap();
    let links = table.split("href=\"").skip(1);
    let ids: Vec<&str> =
        links.map(|l| l.split_once(".html").unwrap().0).collect();
    let (open, given): (Vec<_>, Vec<_>) =
        results.students.iter().partition(|s| s.is_open());
    assert!(!open.is_empty());
    let wanted = open.iter().chain(&given).map(|s| s.id.as_str());
    assert!(ids.iter().copied().eq(wanted), "{ids:?}");
}
