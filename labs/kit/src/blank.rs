//! An exercise that is answered by a file -> the form with nothing filled in.

use std::fmt::Write;

use crate::exercise::Task;
use crate::said::{Field, Form};

impl Task {
    /// The form that a learner begins with: TOML, the questions as comments.
    pub fn blank(&self) -> String {
        let mut text = format!("# {}\n", self.title);
        for field in &self.fields {
            let _ = write!(text, "\n# {}\n", field.question);
            text += &choice(field);
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
        Form::OneOf(words) => format!("# one of: {}\n", sorted(words)),
        Form::Order(words) => {
            format!("# all of these, in order: {}\n", sorted(words))
        }
        Form::Number => "# a whole number\n".into(),
        Form::Word => String::new(),
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
