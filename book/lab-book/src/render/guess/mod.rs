//! A guess -> its question and, for a script, its answer key: values of the
//! accepted trace, never the author's.
//!
//! ```text
//! {{#guess ch05-late kind=number of=ch05/first-ack}}
//! How long does the first ACK wait?
//! ---
//! ask: gap "the first ACK waits"
//! unit: ms
//! from: 0.01
//! to: 1000
//! claim: the first ACK waits
//! {{/guess}}
//! ```

mod choice;
mod holes;
mod number;
mod order;

use lab_kit::names::nearest;
use serde_json::{Value, json};

use super::Desk;
use crate::checks::Ground;
use crate::directive::Target;
use crate::fields::{Fault, Field, fields, mark};
use crate::html::{code, inline};

/// A guess as its author wrote it.
pub(super) struct Guess<'a> {
    pub(super) id: &'a str,
    pub(super) kind: &'a str,
    pub(super) of: &'a Target,
    pub(super) body: &'a str,
}

/// What a kind makes of its fields: its part of the key, and what a reader
/// without scripts sees.
struct Made {
    key: Value,
    paper: String,
}

/// Makes a kind's part of its fields.
type Make = fn(&[Field], &Ground) -> Result<Made, Fault>;

/// The kinds, what makes them, and the fields that each has of its own.
const KINDS: [(&str, Make, &[&str]); 4] = [
    ("holes", holes::make, &["show", "hide", "fill", "label", "options"]),
    ("order", order::make, &["item", "text"]),
    ("number", number::make, &["ask", "unit", "from", "to"]),
    ("choice", choice::make, &["option", "when", "pick"]),
];

/// Draws a guess.
pub(super) fn guess(desk: &mut Desk, guess: &Guess) -> Result<String, Fault> {
    let Guess { id, kind, of, body } = guess;
    let known = KINDS.iter().find(|(name, ..)| name == kind);
    let Some((_, make, own)) = known else {
        let names = KINDS.iter().map(|(name, ..)| *name);
        let hint = nearest(kind, names);
        return Err(format!("no guess is of the kind `{kind}`; {hint}").into());
    };
    let (question, text, begins) = cut(body, id)?;
    let names = [*own, &["claim", "why"]].concat();
    let fields = fields(text, begins, &names)?;
    let found = desk.library.find(of)?;
    let model = found.model(None)?;
    let figures = found.figures_if_any()?;
    let ground = Ground { plan: found.plan, model: &model, figures: &figures };
    let Made { mut key, paper } = make(&fields, &ground)?;
    key["kind"] = json!(kind);
    key["of"] = json!(format!("{}/{}", of.lab, of.experiment));
    key["mark"] = json!(mark(&format!("{of:?}{body}")));
    key["means"] = means(&fields, &ground, id)?;
    key["kernel"] = json!(model.kernel);
    let why = fields.iter().filter(|f| f.key == "why");
    key["why"] = why.map(|f| json!(f.value)).collect();
    Ok(format!(
        "<div class=\"predict guess\" data-guess=\"{id}\">\n\
         <p class=\"predict-title\">Predict</p>\n\
         <div class=\"predict-question\" id=\"predict-{id}\">\n\n\
         {question}\n\n</div>\n<div class=\"guess-paper\">{paper}</div>\n\
         <p class=\"predict-hint\">Write down a guess before you read on.</p>\n\
         <script type=\"application/json\">{}</script>\n</div>",
        script(&key)
    ))
}

/// The question, the fields' text, and how many lines below the directive
/// that begins.
fn cut<'b>(
    body: &'b str,
    id: &str,
) -> Result<(&'b str, &'b str, usize), String> {
    let mut at = 0;
    for (n, line) in body.split_inclusive('\n').enumerate() {
        if line.trim() == "---" {
            let question = body[..at].trim();
            return match question.is_empty() {
                true => Err(format!("the guess `{id}` asks nothing")),
                false => Ok((question, &body[at + line.len()..], n + 1)),
            };
        }
        at += line.len();
    }
    Err(format!(
        "the guess `{id}` has no line `---` between its question and its fields"
    ))
}

/// The claims that say what a difference means.
fn means(fields: &[Field], ground: &Ground, id: &str) -> Result<Value, Fault> {
    let mut means = Vec::new();
    for field in fields.iter().filter(|f| f.key == "claim") {
        let n = ground.claim(&field.value).map_err(|w| field.fault(w))?;
        let saw = ground.model.claims.get(n).map_or("", |c| &c.saw);
        means.push(json!({"says": field.value, "saw": saw}));
    }
    let explained = fields.iter().any(|f| f.key == "why");
    match means.is_empty() && !explained {
        true => Err(format!(
            "the guess `{id}` says nowhere what it means: give it a `claim:` \
             of the experiment, or a `why:`"
        )
        .into()),
        false => Ok(means.into()),
    }
}

/// JSON that ends no script and is no directive of mdBook's.
fn script(value: &Value) -> String {
    let safe =
        |json: String| json.replace('<', "\\u003c").replace("{{", "{\\u007b");
    // Between two objects `{{` is never JSON, so it stood in a text.
    safe(value.to_string())
}

/// A list for readers without scripts.
fn list(lines: impl Iterator<Item = String>) -> String {
    let lines = lines.map(|line| format!("<li>{line}</li>"));
    format!("<ul>{}</ul>", lines.collect::<String>())
}

/// A field's text, with code in backticks.
fn shown(text: &str) -> String {
    inline(text)
}

/// A label of the ladder's.
fn label(text: &str) -> String {
    code(text)
}
