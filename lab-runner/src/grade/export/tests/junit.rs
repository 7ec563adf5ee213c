//! `junit.xml`, read by roxmltree and held against the results themselves.

use roxmltree::{Document, Node};

use super::file;
use crate::grade::results::{Graded, Results};
use crate::grade::sample::{Texts, sample};

fn elements<'a>(of: Node<'a, 'a>, name: &str) -> Vec<Node<'a, 'a>> {
    of.children().filter(|node| node.has_tag_name(name)).collect()
}

fn number(of: Node<'_, '_>, name: &str) -> usize {
    of.attribute(name).unwrap().parse().unwrap()
}

/// Exactly the cases of the rules, in their order, and how each ended.
fn expected(results: &Results) -> Vec<(String, &'static str)> {
    let mut all = Vec::new();
    for student in &results.students {
        for (exercise, mark) in results.exercises.iter().zip(&student.marks) {
            for n in 0..exercise.rules.len() {
                let how = match mark.verdict {
                    Graded::Inconclusive => "error",
                    _ if mark.rules.get(n).is_some_and(|r| r.holds) => "",
                    _ => "failure",
                };
                all.push((format!("{} {}", student.id, exercise.name), how));
            }
        }
    }
    all
}

#[test]
fn there_are_exactly_the_cases_of_the_rules() {
    let results = sample(Texts::Hostile);
    let text = file(&results, "junit.xml");
    let document = Document::parse(&text).unwrap();
    let root = document.root_element();
    let mut found = Vec::new();
    for suite in elements(root, "testsuite") {
        let cases = elements(suite, "testcase");
        for case in &cases {
            let broke: Vec<_> =
                case.children().filter(Node::is_element).collect();
            let how = broke.first().map_or("", |n| n.tag_name().name());
            let (id, class) =
                (suite.attribute("name"), case.attribute("classname"));
            found.push((format!("{} {}", id.unwrap(), class.unwrap()), how));
            assert!(broke.iter().skip(1).all(|n| n.has_tag_name("system-out")));
        }
        assert_eq!(cases.len(), number(suite, "tests"));
        assert_eq!(elements(suite, "properties").len(), 1);
        assert_eq!(
            suite.children().filter(Node::is_element).count(),
            1 + cases.len()
        );
    }
    assert_eq!(found, expected(&results));
    let of = |how| found.iter().filter(|(_, h)| *h == how).count();
    assert_eq!(found.len(), number(root, "tests"));
    assert_eq!(of("failure"), number(root, "failures"));
    assert_eq!(of("error"), number(root, "errors"));
    assert!(of("error") > 0 && of("failure") > 0 && of("") > 0);
}

#[test]
fn texts_come_back_as_they_were_shown() {
    let mut results = sample(Texts::Harmless);
    let attack = "]]></system-out></testcase>\n\t\"'&amp;&#0; \0\u{ffff}";
    let back = "]]></system-out></testcase>\n\t\"'&amp;&#0; \\u{0}\\u{ffff}";
    results.students[0].name = attack.into();
    results.exercises.truncate(1);
    for student in &mut results.students {
        student.marks.truncate(1);
    }
    let at = results
        .students
        .iter()
        .position(|s| s.marks[0].verdict == Graded::Partial)
        .unwrap();
    let mark = &mut results.students[at].marks[0];
    mark.why = attack.into();
    mark.programs[0].text = attack.into();
    let text = file(&results, "junit.xml");
    let document = Document::parse(&text).unwrap();
    let name = document.descendants().find(|n| n.has_tag_name("property"));
    assert_eq!(name.unwrap().attribute("value"), Some(back));
    let suite = elements(document.root_element(), "testsuite")[at];
    let has =
        |name| suite.descendants().find(|n| n.has_tag_name(name)).unwrap();
    assert_eq!(has("failure").attribute("message"), Some(back));
    assert!(has("system-out").text().unwrap().ends_with(back));
}
