//! Guesses and quizzes about a real accepted trace, ch05/first-ack: what the
//! page gets, and that a trace which says otherwise is a problem.

use lab_book::{Page, expand, with_cargo, workspace};
use serde_json::Value;

fn drawn(text: &str) -> Result<String, Vec<String>> {
    let pages = [Page { file: "src/page.md".into(), text: text.into() }];
    match expand(&pages, &workspace(), &with_cargo) {
        Ok(mut drawn) => Ok(drawn.remove(0).text),
        Err(found) => Err(found.iter().map(ToString::to_string).collect()),
    }
}

/// What is wrong with each of several pages; the labs are asked once.
fn wrong(texts: &[String]) -> Vec<Vec<String>> {
    let page = |(n, text): (usize, &String)| Page {
        file: format!("src/{n}.md").into(),
        // Each guess of a book has a name of its own.
        text: text.replace("{{#guess late", &format!("{{{{#guess late-{n}")),
    };
    let pages: Vec<Page> = texts.iter().enumerate().map(page).collect();
    let found = expand(&pages, &workspace(), &with_cargo).unwrap_err();
    let of = |page: &Page| {
        let own = found.iter().filter(|p| p.file == page.file);
        own.map(|p| format!("{}: {}", p.line, p.what)).collect()
    };
    pages.iter().map(of).collect()
}

fn guess(kind: &str, fields: &str) -> String {
    format!(
        "{{{{#guess late kind={kind} of=ch05/first-ack}}}}\nHow *long*?\n---\n\
         {fields}claim: the first ACK waits\n{{{{/guess}}}}\n"
    )
}

/// The key that a script gets.
fn key(html: &str) -> Value {
    let (_, rest) =
        html.split_once("<script type=\"application/json\">").unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(json).unwrap()
}

const NUMBER: &str =
    "ask: gap \"the first ACK waits\"\nunit: ms\nfrom: 0.1\nto: 1000\n";

#[test]
fn a_number_is_the_accepted_trace_s() {
    let html = drawn(&guess("number", NUMBER)).unwrap();
    assert!(html.contains("id=\"predict-late\">\n\nHow *long*?\n\n</div>"));
    assert!(html.contains("A number, 0.1 to 1000 ms."), "{html}");
    let key = key(&html);
    let ns = key["answer"].as_i64().unwrap();
    assert!((35_000_000..200_000_000).contains(&ns), "{key}");
    assert_eq!(key["log"], true);
    assert_eq!(key["means"][0]["says"], "the first ACK waits");
    assert!(key["near"][0].as_f64().unwrap() < ns as f64);
}

#[test]
fn holes_an_order_and_a_choice_are_the_accepted_trace_s() {
    let holes = "show: 4 to 5\nhide: 5 ack, 5 flags, 5 from\n\
        fill: value server \"TCP_QUICKACK\" 1\n  label: it `reads`\n\
        \x20 options: 0, 1\n";
    let html = drawn(&guess("holes", holes)).unwrap();
    // On paper the answers are left out.
    assert!(html.contains("5. ?: <code>?, ack ?</code>"), "{html}");
    let holes = key(&html)["holes"].clone();
    let answers: Vec<_> = holes.as_array().unwrap().iter().collect();
    let answers: Vec<_> =
        answers.iter().map(|h| h["answer"].as_str().unwrap()).collect();
    assert_eq!(answers, ["6", "ACK", "server", "0"]);

    let order = "item: packet 7\nitem: packet 4\n  text: the `data`\n\
        item: packet 6\nitem: value server \"TCP_QUICKACK\" 2\n";
    let key_ = key(&drawn(&guess("order", order)).unwrap());
    let items = key_["items"].as_array().unwrap().clone();
    let texts: Vec<_> =
        items.iter().map(|i| i["text"].as_str().unwrap()).collect();
    assert_eq!(texts[0], "the `data`");
    assert!(texts[1].contains("TCP_QUICKACK"), "{texts:?}");
    assert_ne!(key_["shuffled"], serde_json::json!([0, 1, 2, 3]));

    let choice = "option: the server\n  when: packet 5 from = server\n\
        option: the client\n  when: packet 5 from = client\n";
    let key = key(&drawn(&guess("choice", choice)).unwrap());
    assert_eq!(key["options"][0]["right"], true);
    assert_eq!(key["options"][1]["right"], false);
}

/// Every fault: its line, and words of its sentence.
#[test]
fn a_guess_that_the_trace_does_not_answer_is_a_problem_of_its_line() {
    let cases = [
        ("numbr", NUMBER, 1, "did you mean number?"),
        ("number", "ask: gap \"it waits\"\nunit: ms\n", 4, "doesn't claim"),
        ("number", "ask: gap 4 to 5\nunit: h\n", 5, "its unit is s, ms or us"),
        (
            "number",
            "ask: gap 4 to 5\nunit: ms\nfrom: 1\nto: 2\n",
            4,
            "no slider from 1 to 2 ms reaches",
        ),
        ("number", "ask: packet 5 from\nunit: ms\n", 4, "no number"),
        ("number", "unit: ms\n", 1, "it needs `ask:`"),
        ("number", "asks: x\n", 4, "did you mean ask?"),
        ("holes", "show: 4 5\n", 4, "nothing is left out"),
        ("holes", "show: 4\nhide: 5 ack\n", 5, "isn't among those shown"),
        ("holes", "show: 4\nhide: 4 text\n", 5, "can't be hidden"),
        ("holes", "show: 99\n", 4, "no packet 99"),
        (
            "holes",
            "fill: value server \"TCP_QUICKACK\"\n  label: x\n  options: 1, 2\n",
            6,
            "which isn't offered",
        ),
        ("holes", "fill: packet 4 ack\n", 4, "needs a `label:`"),
        ("order", "item: packet 4\nitem: packet 5\n", 4, "three items"),
        (
            "order",
            "item: packet 4\nitem: packet 5\nitem: packet 4\n",
            4,
            "is there twice",
        ),
        ("choice", "option: a\noption: b\n", 4, "it needs `when:`"),
        (
            "choice",
            "option: a\n  when: packet 5 from = client\noption: b\n  \
             when: packet 5 ack = 7\n",
            4,
            "no option is right",
        ),
        (
            "choice",
            "option: a\n  when: packet 5 from = server\noption: b\n  \
             when: packet 5 ack = 6\n",
            4,
            "pick: several",
        ),
    ];
    let texts = cases.map(|(kind, fields, ..)| guess(kind, fields));
    for (found, (kind, fields, line, wanted)) in wrong(&texts).iter().zip(cases)
    {
        let at = format!("{line}: ");
        assert!(found[0].starts_with(&at), "{kind} {fields}: {found:?}");
        assert!(found[0].contains(wanted), "{kind} {fields}: {found:?}");
    }
    let silent = guess("number", NUMBER).replace("claim: the first", "why: ");
    assert!(drawn(&silent).is_ok());
    let silent =
        guess("number", NUMBER).replace("claim: the first ACK waits\n", "");
    let found = drawn(&silent).unwrap_err();
    assert!(found[0].contains("says nowhere what it means"), "{found:?}");
    let found = drawn(&guess("order", "").replace("---\n", "")).unwrap_err();
    assert!(found[0].contains("no line `---`"), "{found:?}");
    let twice =
        guess("number", NUMBER) + "\n{{#predict late}} x {{/predict}}\n";
    let found = drawn(&twice).unwrap_err();
    assert!(found[0].contains("is in src/page.md already"), "{found:?}");
}

fn quiz(fields: &str) -> String {
    format!(
        "{{{{#quiz ch05}}}}\nquestion: Who <is> `late`?\n{fields}{{{{/quiz}}}}\n"
    )
}

const OF: &str = "of: first-ack\nshow: 4 to 7\n";
const RIGHT: &str =
    "right: the server\n  when: packet 5 from = server\n  why: it waits\n";
const WRONG: &str =
    "wrong: the client\n  when: packet 5 from = client\n  why: it doesn't\n";

#[test]
fn a_quiz_is_read_without_scripts_too() {
    let html = drawn(&quiz(&format!("{OF}{RIGHT}{WRONG}"))).unwrap();
    for part in [
        "Who &lt;is&gt; <code>late</code>?",
        "<li>the server</li><li>the client</li>",
        "<summary>The answer, and why</summary>",
        "<strong>Right: the server</strong> <span class=\"quiz-why\">It waits",
        "data-of=\"ch05/first-ack\" data-show=\"4 to 7\"",
        "<code>packet 5 from = server</code>",
    ] {
        assert!(html.contains(part), "no {part} in {html}");
    }
    let blank = "blank: value server \"TcpExtDelayedACKs\" 2\n  why: so\n";
    let html = drawn(&quiz(&format!("{OF}{blank}"))).unwrap();
    assert!(html.contains("data-fills=\"1\""), "{html}");
}

#[test]
fn an_answer_that_the_trace_does_not_support_fails_the_build() {
    let lie = RIGHT.replace("= server", "= client");
    let truth = WRONG.replace("= client", "= server");
    let bare = "right: the server\n  why: it waits\n";
    let cases = [
        (
            format!("{OF}{lie}{WRONG}"),
            6,
            "isn't so in ch05/first-ack: it is `server`",
        ),
        (format!("{OF}{RIGHT}{truth}"), 9, "is so in ch05/first-ack"),
        (format!("{OF}{bare}{WRONG}"), 2, "nothing backs the right answer"),
        (format!("{OF}check: count again > 0\n{RIGHT}{WRONG}"), 5, "isn't so"),
        (format!("{OF}{RIGHT}"), 2, "two options or more"),
        (format!("{OF}{WRONG}{WRONG}"), 2, "no option is right"),
        (format!("{OF}right: x\n"), 5, "it needs `why:`"),
        (format!("{RIGHT}{WRONG}"), 2, "it needs `of:`"),
        (format!("of: ch06/padding\n{RIGHT}"), 3, "about ch05, not about ch06"),
        (format!("of: frst-ack\n{RIGHT}"), 3, "did you mean first-ack?"),
        (format!("{OF}blank: count\n  why: x\n{RIGHT}"), 2, "one blank"),
        ("rigth: x\n".into(), 3, "did you mean right?"),
    ];
    let texts: Vec<String> = cases.iter().map(|(f, ..)| quiz(f)).collect();
    for (found, (fields, line, wanted)) in wrong(&texts).iter().zip(cases) {
        let at = format!("{line}: ");
        assert!(found[0].starts_with(&at), "{fields}: {found:?}");
        assert!(found[0].contains(wanted), "{fields}: {found:?}");
    }
    let found = drawn("{{#quiz ch05}}\nof: x\n{{/quiz}}\n").unwrap_err();
    assert!(found[0].contains("begins with `question:`"), "{found:?}");
}
