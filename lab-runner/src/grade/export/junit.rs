//! Results -> `junit.xml`: a suite for each student, a case for each rule.
//!
//! Every suite has the same cases, so that two gradings can be compared. A
//! failure is a rule that does not hold, or that nothing could be run for; an
//! error is an inconclusive mark.

mod counts;

use std::io::{self, Write};

use anyhow::{Context, Result};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use counts::Counts;

use super::shown;
use super::words::{self, OPEN, Outcome, cause, outcomes};
use crate::grade::results::{Assigned, Mark, Results, Student, Worth};

type Xml = Writer<Vec<u8>>;

pub(super) fn junit(results: &Results) -> Result<Vec<u8>> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    suites(&mut xml, results).context("write the results as XML")?;
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

fn suites(xml: &mut Xml, results: &Results) -> io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut counts = Counts::default();
    for student in &results.students {
        counts.add(Counts::of(&results.exercises, student));
    }
    let start = xml.create_element("testsuites");
    let start = start.with_attribute(("name", "lab-runner grade"));
    let start = start.with_attributes(counts.attributes().each_ref().map(pair));
    start.write_inner_content(|xml| {
        for student in &results.students {
            suite(xml, &results.exercises, student)?;
        }
        Ok(())
    })?;
    Ok(())
}

fn suite(
    xml: &mut Xml,
    exercises: &[Assigned],
    student: &Student,
) -> io::Result<()> {
    let counts = Counts::of(exercises, student).attributes();
    let name = shown(&student.id);
    let start = xml.create_element("testsuite");
    let start = start.with_attribute(("name", name.as_str()));
    let start = start.with_attributes(counts.each_ref().map(pair));
    start.write_inner_content(|xml| {
        properties(xml, student)?;
        for (exercise, mark) in exercises.iter().zip(&student.marks) {
            for (worth, outcome) in outcomes(exercise, mark) {
                case(xml, mark, worth, outcome)?;
            }
        }
        Ok(())
    })?;
    Ok(())
}

fn properties(xml: &mut Xml, student: &Student) -> io::Result<()> {
    let open = if student.is_open() { "yes" } else { "no" };
    let of = [
        ("student", shown(&student.name)),
        ("points", student.points().to_string()),
        ("of", student.of().to_string()),
        ("open", open.into()),
    ];
    xml.create_element("properties").write_inner_content(|xml| {
        for (name, value) in &of {
            xml.create_element("property")
                .with_attribute(("name", *name))
                .with_attribute(("value", value.as_str()))
                .write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
}

fn case(
    xml: &mut Xml,
    mark: &Mark,
    worth: &Worth,
    outcome: Outcome<'_>,
) -> io::Result<()> {
    let (class, name) = (shown(&mark.exercise), shown(&worth.rule));
    let start = xml.create_element("testcase");
    let start = start.with_attribute(("classname", class.as_str()));
    let start = start.with_attribute(("name", name.as_str()));
    let broke = match outcome {
        Outcome::Holds => {
            start.write_empty()?;
            return Ok(());
        }
        Outcome::Open => Broke::new("error", mark, OPEN.into()),
        Outcome::NotRun => {
            Broke::new("failure", mark, words::sentence(mark.cause).into())
        }
        Outcome::First(ruled) | Outcome::Also(ruled) => {
            let (wanted, saw) = (&ruled.wanted, &ruled.saw);
            let text = format!("wanted: {wanted}\nsaw: {saw}");
            Broke::new("failure", mark, text)
        }
    };
    start.write_inner_content(|xml| {
        broke.write(xml)?;
        match outcome {
            Outcome::First(_) => printed(xml, mark),
            _ => Ok(()),
        }
    })?;
    Ok(())
}

/// A `failure` or an `error`.
struct Broke {
    element: &'static str,
    cause: &'static str,
    message: String,
    text: String,
}

impl Broke {
    fn new(element: &'static str, mark: &Mark, text: String) -> Broke {
        let (cause, message) = (cause(mark.cause), shown(&mark.why));
        Broke { element, cause, message, text: shown(&text) }
    }

    fn write<W: Write>(&self, xml: &mut Writer<W>) -> io::Result<()> {
        xml.create_element(self.element)
            .with_attribute(("type", self.cause))
            .with_attribute(("message", self.message.as_str()))
            .write_text_content(BytesText::new(&self.text))?;
        Ok(())
    }
}

/// The ladder, and what the answer's programs printed.
fn printed(xml: &mut Xml, mark: &Mark) -> io::Result<()> {
    let mut text = shown(&mark.ladder);
    for program in &mark.programs {
        let (host, how) = (shown(&program.host), shown(&program.how));
        text += &format!("\n{host}: {how}\n{}", shown(&program.text));
    }
    xml.create_element("system-out")
        .write_text_content(BytesText::new(&text))?;
    Ok(())
}

fn pair<'a>(attribute: &'a (&'static str, String)) -> (&'a str, &'a str) {
    (attribute.0, &attribute.1)
}
