//! `kind=number`: a slider; right is what the accepted trace says, and of a
//! time what is near it.

use serde_json::json;

use super::Made;
use crate::checks::{Answer, Ground, question};
use crate::fields::{Fault, Field, one};

/// A time is guessed well if it is off by no more than this factor: another
/// run of the same kernel's timer differs by as much.
const NEAR: f64 = 1.5;

/// From so many times its beginning on, a slider's scale is logarithmic.
const DECADES: f64 = 100.0;

pub(super) fn make(fields: &[Field], ground: &Ground) -> Result<Made, Fault> {
    let asked = one(fields, "ask")?;
    let odd = |why: String| asked.fault(why);
    let ask = question(&asked.value).map_err(odd)?;
    let answer = ask.answer(ground).map_err(odd)?;
    let unit = one(fields, "unit")?;
    let (size, low, high) = match &answer {
        Answer::Number(n) => (1.0, *n as f64, *n as f64),
        Answer::Time(ns) => {
            let ns = *ns as f64;
            (size(unit)?, ns / NEAR, ns * NEAR)
        }
        Answer::Text(text) => {
            return Err(odd(format!("the trace says {text:?}: no number")));
        }
    };
    let end = |key| -> Result<f64, Fault> {
        let field = one(fields, key)?;
        let wrong = |_| field.fault(format!("`{}`: no number", field.value));
        field.value.parse::<f64>().map_err(wrong)
    };
    let (from, to) = (end("from")?, end("to")?);
    let exact = answer.number().unwrap_or_default() as f64 / size;
    if !(from < to && from <= exact && exact <= to) {
        return Err(odd(format!(
            "the trace says {answer}, which no slider from {from} to {to} {} \
             reaches",
            unit.value
        )));
    }
    let log = from > 0.0 && to / from >= DECADES;
    let key = json!({
        "ask": ask.told(ground).map_err(odd)?,
        "answer": answer.number(),
        "shown": answer.to_string(),
        "time": matches!(answer, Answer::Time(_)),
        "near": [low, high],
        "unit": unit.value,
        "size": size,
        "range": [from, to],
        "log": log,
    });
    let paper = format!(
        "<p>A number, {from} to {to} {}.</p>",
        super::shown(&unit.value)
    );
    Ok(Made { key, paper })
}

/// Nanoseconds in a unit.
fn size(unit: &Field) -> Result<f64, Fault> {
    match unit.value.as_str() {
        "s" => Ok(1e9),
        "ms" => Ok(1e6),
        "us" => Ok(1e3),
        other => Err(unit.fault(format!(
            "the trace says a time: its unit is s, ms or us, not `{other}`"
        ))),
    }
}
