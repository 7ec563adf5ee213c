//! An exercise that is answered by a file -> the form with nothing filled in.

use std::fmt::Write;

use crate::exercise::Task;
use crate::said::{Field, Form};

/// The longest line, without its `#`.
const LINE: usize = 78;

impl Task {
    /// The form that a learner begins with: TOML, the questions as comments.
    pub fn blank(&self) -> String {
        let mut text = format!("# {}\n", self.title);
        for field in &self.fields {
            text.push('\n');
            for words in [&field.question, &choice(field)] {
                comment(&mut text, words);
            }
            let nothing = match field.form {
                Form::Order(_) => "[]",
                _ => "\"\"",
            };
            let _ = writeln!(text, "{} = {nothing}", field.key);
        }
        text
    }
}

fn choice(field: &Field) -> String {
    match &field.form {
        Form::OneOf(words) => format!("one of: {}", sorted(words)),
        Form::Order(words) => {
            format!("all of these, in order: {}", sorted(words))
        }
        Form::Number => "a whole number".into(),
        Form::Word => String::new(),
    }
}

/// In lines that an editor shows whole.
fn comment(text: &mut String, words: &str) {
    let mut line = String::new();
    for word in words.split_whitespace() {
        let longer = line.chars().count() + 1 + word.chars().count();
        if longer > LINE && !line.is_empty() {
            let _ = writeln!(text, "#{line}");
            line.clear();
        }
        line.push(' ');
        line += word;
    }
    if !line.is_empty() {
        let _ = writeln!(text, "#{line}");
    }
}

/// An author writes them as they pass: their order would be the answer.
fn sorted(words: &[String]) -> String {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.sort_unstable();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use crate::{Exercise, Experiment, number, one_of, order, word};

    #[test]
    fn long_questions_are_wrapped_and_stay_comments() {
        let long = "word ".repeat(40) + &"x".repeat(100) + " end";
        let exercise = Exercise::diagnose("T", Experiment::new("x", "?"))
            .asks("a", &long, word())
            .asks("b", "", number());
        let text = exercise.task().blank();
        let (asked, rest) = text.split_once("a = \"\"\n").unwrap();
        assert!(asked.lines().all(|l| l.is_empty() || l.starts_with("# ")));
        let longest = asked.lines().filter(|l| !l.contains('x'));
        assert!(longest.map(str::len).max().unwrap() <= 80, "{text}");
        assert_eq!(
            asked.split_whitespace().filter(|w| *w == "word").count(),
            40
        );
        assert_eq!(rest, "\n# a whole number\nb = \"\"\n");
    }

    #[test]
    fn a_form_asks_and_does_not_tell() {
        let exercise =
            Exercise::diagnose("What is it?", Experiment::new("x", "?"))
                .asks("cause", "Why?", one_of(["nagle", "loss"]))
                .asks("segment", "Which?", number())
                .asks("errno", "What?", word())
                .asks("close", "Which first?", order(["FIN", "ACK", "RST"]));
        assert_eq!(
            exercise.task().blank(),
            "# What is it?\n\n\
             # Why?\n# one of: loss, nagle\ncause = \"\"\n\n\
             # Which?\n# a whole number\nsegment = \"\"\n\n\
             # What?\nerrno = \"\"\n\n\
             # Which first?\n# all of these, in order: ACK, FIN, RST\n\
             close = []\n"
        );
    }
}
