//! An answer that is a file: a form that was filled in -> what somebody says.

use std::collections::BTreeMap;

use lab_kit::{Field, Filled, Form, Task};
use toml::{Table, Value};

/// What somebody says, by the blanks' names; what is blank is left out.
pub(crate) type Words = BTreeMap<String, Filled>;

/// Reads a filled form, or says everything that is wrong with it.
pub(crate) fn read(task: &Task, text: &str) -> Result<Words, String> {
    let table: Table = text.parse().map_err(|e| format!("{e}"))?;
    let mut faults = Vec::new();
    let mut said = Words::new();
    for (key, value) in &table {
        match task.fields.iter().find(|field| field.key == *key) {
            None => faults.push(format!("nobody asked for {key:?}")),
            Some(field) => match filled(field, value) {
                Ok(Some(filled)) => drop(said.insert(key.clone(), filled)),
                Ok(None) => {}
                Err(fault) => faults.push(fault),
            },
        }
    }
    match faults.is_empty() {
        true => Ok(said),
        false => Err(faults.join("\n")),
    }
}

/// What stands in one blank; a blank that was left is nothing.
fn filled(field: &Field, value: &Value) -> Result<Option<Filled>, String> {
    let filled = match value {
        Value::Integer(n) => Filled::Number(*n),
        Value::String(word) if word.trim().is_empty() => return Ok(None),
        Value::String(word) => match (&field.form, word.trim().parse()) {
            (Form::Number, Ok(n)) => Filled::Number(n),
            _ => Filled::Word(word.trim().into()),
        },
        Value::Array(words) if words.is_empty() => return Ok(None),
        Value::Array(words) => {
            let words = words.iter().map(|word| match word {
                Value::String(word) => word.trim().to_string(),
                other => other.to_string(),
            });
            Filled::Words(words.collect())
        }
        other => {
            return Err(format!("{} = {other} is no answer", field.key));
        }
    };
    match field.form.refuses(&filled) {
        None => Ok(Some(filled)),
        Some(fault) => Err(format!("{} = {filled} {fault}", field.key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab_kit::{Exercise, Experiment, Finding, number, one_of, order, word};

    fn task() -> Task {
        let rule = |_: &lab_kit::Evidence| Finding::new(true, "", "");
        let hints = ["", "", ""];
        Exercise::diagnose("What is it?", Experiment::new("x", "?"))
            .asks("cause", "Why?", one_of(["nagle", "loss"]))
            .asks("segment", "Which?", number())
            .asks("errno", "What?", word())
            .asks("close", "In which order?", order(["FIN", "ACK", "RST"]))
            .rule(10, "a rule", hints, rule)
            .task()
            .clone()
    }

    #[test]
    fn a_blank_form_is_read_as_nothing() {
        let text = task().blank();
        assert_eq!(read(&task(), &text), Ok(Words::new()), "{text}");
    }

    #[test]
    fn what_is_filled_in_is_read() {
        let text = "cause = ' Nagle'\nsegment = '7'\nerrno = 'EPIPE'\n\
                    close = ['ACK', 'RST', 'FIN']";
        let said = read(&task(), text).unwrap();
        assert_eq!(said["cause"], Filled::Word("Nagle".into()));
        assert_eq!(said["segment"], Filled::Number(7));
        assert_eq!(said.len(), 4);
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        let refused = |text: &str, words: &str| {
            let fault = read(&task(), text).unwrap_err();
            assert!(fault.contains(words), "{text}: {fault}");
        };
        refused("cause = 'cork'", "wants one of: loss, nagle");
        refused("segment = 'seven'", "wants a whole number");
        refused("segment = 7.5", "is no answer");
        refused("close = ['ACK']", "lacks \"FIN\"");
        refused("cuase = 'nagle'", "nobody asked for \"cuase\"");
        refused("cause = ", "line 1");
        refused("[cause]\nx = 1", "is no answer");
    }
}
