//! A quiz -> its questions, with their answers folded up below each; a script
//! makes forms of them. What is right, and what is wrong, the accepted traces
//! say.
//!
//! ```text
//! question: Who waits for whom?
//! of: first-ack
//! show: 4 to 7
//! check: gap "the first ACK waits" > 35ms
//! right: the client
//!   when: packet 5 from = client
//!   why: it has nothing to say
//! wrong: the server
//!   when: packet 5 from = server
//!   why: it answers at once
//! ```

use super::Desk;
use crate::checks::{Check, Ground, check, question};
use crate::directive::Target;
use crate::fields::{Fault, Field, fields, groups, mark, one};
use crate::html::{code, escape, inline};

const FIELDS: [&str; 9] = [
    "question", "of", "show", "check", "right", "wrong", "blank", "when", "why",
];

/// Draws a lab's quiz.
pub(super) fn quiz(
    desk: &mut Desk,
    lab: &str,
    body: &str,
) -> Result<String, Fault> {
    let fields = fields(body, 0, &FIELDS)?;
    if fields.first().is_none_or(|f| f.key != "question") {
        let below = fields.first().map_or(0, |f| f.below);
        let what = "a quiz begins with `question:`".into();
        return Err(Fault { below, what });
    }
    let mut html = format!("<div class=\"quiz\" data-quiz=\"{lab}\">\n");
    for (n, (asks, own)) in groups(&fields, &["question"]).iter().enumerate() {
        let of = one(own, "of").map_err(|why| asks.fault(why))?;
        let target = target(lab, of)?;
        let found = desk.library.find(&target).map_err(|w| of.fault(w))?;
        let model = found.model(None).map_err(|w| of.fault(w))?;
        if own.iter().any(|f| f.key == "show") {
            desk.model(&found, None);
        }
        let figures = found.figures_if_any()?;
        let ground =
            Ground { plan: found.plan, model: &model, figures: &figures };
        let question = Question { asks, own, ground };
        html += &question.draw(n + 1, &target)?;
    }
    Ok(html + "</div>")
}

/// `first-ack` or `ch05/first-ack`, of this lab.
fn target(lab: &str, of: &Field) -> Result<Target, Fault> {
    let (own, experiment) =
        of.value.split_once('/').unwrap_or((lab, &of.value));
    match own == lab {
        true => Ok(Target { lab: lab.into(), experiment: experiment.into() }),
        false => {
            Err(of.fault(format!("this quiz is about {lab}, not about {own}")))
        }
    }
}

struct Question<'a> {
    asks: &'a Field,
    own: &'a [Field],
    ground: Ground<'a>,
}

/// Something that a reader may choose, or fill in.
struct Choice {
    text: String,
    right: bool,
    why: String,
    /// What fills the blank.
    fills: Option<String>,
}

impl Question<'_> {
    fn draw(&self, number: usize, of: &Target) -> Result<String, Fault> {
        let mut proofs = self.checks()?;
        let mut choices = Vec::new();
        for (field, own) in groups(self.own, &["right", "wrong", "blank"]) {
            choices.push(self.choice(field, own, &mut proofs)?);
        }
        let fault = |what: &str| Err(self.asks.fault(what));
        let right = choices.iter().filter(|c| c.right).count();
        let blanks = choices.iter().filter(|c| c.fills.is_some()).count();
        match (choices.len(), right, blanks) {
            (1, _, 1) => {}
            (_, _, 1..) => return fault("one blank, and no option beside it"),
            (0 | 1, ..) => return fault("two options or more, or a blank"),
            (_, 0, _) => return fault("no option is right"),
            _ => {}
        }
        if proofs.is_empty() {
            return fault(
                "nothing backs the right answer: give it a `when:`, or the \
                 question a `check:`",
            );
        }
        Ok(self.html(number, of, &choices, &proofs))
    }

    /// What must be so for the whole question.
    fn checks(&self) -> Result<Vec<String>, Fault> {
        let mut proofs = Vec::new();
        for field in self.own.iter().filter(|f| f.key == "check") {
            self.proves(field, true)?;
            proofs.push(field.value.clone());
        }
        Ok(proofs)
    }

    /// Whether the trace says so, as wanted.
    fn proves(&self, field: &Field, wanted: bool) -> Result<Check, Fault> {
        let odd = |why: String| field.fault(why);
        let check = check(&field.value).map_err(odd)?;
        if check.holds(&self.ground).map_err(odd)? == wanted {
            return Ok(check);
        }
        let saw = check.saw(&self.ground).map_err(odd)?;
        let of = &self.ground.model.of;
        Err(odd(match wanted {
            true => format!("`{}` isn't so in {of}: it is `{saw}`", check.text),
            false => format!(
                "`{}` is so in {of}, and the option is called wrong",
                check.text
            ),
        }))
    }

    fn choice(
        &self,
        field: &Field,
        own: &[Field],
        proofs: &mut Vec<String>,
    ) -> Result<Choice, Fault> {
        let why = one(own, "why").map_err(|why| field.fault(why))?;
        let right = field.key != "wrong";
        for when in own.iter().filter(|f| f.key == "when") {
            self.proves(when, right)?;
            if right {
                proofs.push(when.value.clone());
            }
        }
        let mut fills = None;
        if field.key == "blank" {
            let odd = |why: String| field.fault(why);
            let ask = question(&field.value).map_err(odd)?;
            let answer = ask.answer(&self.ground).map_err(odd)?.to_string();
            proofs.push(format!("{} = {answer}", field.value));
            fills = Some(answer);
        }
        let text = fills.clone().unwrap_or_else(|| field.value.clone());
        Ok(Choice { text, right, why: sentence(&why.value), fills })
    }

    fn html(
        &self,
        number: usize,
        of: &Target,
        choices: &[Choice],
        proofs: &[String],
    ) -> String {
        let (lab, experiment) = (escape(&of.lab), escape(&of.experiment));
        let text = self.own.iter().map(|f| format!("{}: {}\n", f.key, f.value));
        let mark = mark(&(self.asks.value.clone() + &text.collect::<String>()));
        let show = one(self.own, "show").map_or("", |f| &f.value);
        let options: String = choices
            .iter()
            .filter(|c| c.fills.is_none())
            .map(|c| format!("<li>{}</li>", inline(&c.text)))
            .collect();
        let answers: String = choices.iter().map(answer).collect();
        let proofs: Vec<String> = proofs.iter().map(|p| code(p)).collect();
        format!(
            "<div class=\"quiz-question\" id=\"quiz-{lab}-{number}\" \
             data-mark=\"{mark}\" data-of=\"{lab}/{experiment}\" \
             data-show=\"{show}\">\n\
             <p class=\"quiz-asks\"><span class=\"quiz-number\">{number}</span> \
             {asks}</p>\n<ul class=\"quiz-options\">{options}</ul>\n\
             <details class=\"quiz-answers\">\n<summary>The answer, and why\
             </summary>\n<ul>{answers}</ul>\n\
             <p class=\"quiz-proof\">In the accepted trace of \
             <code>{lab}/{experiment}</code>: {proofs}.</p>\n\
             </details>\n</div>\n",
            show = escape(show),
            asks = inline(&self.asks.value),
            proofs = proofs.join("; "),
        )
        .replace("<ul class=\"quiz-options\"></ul>\n", "")
    }
}

/// With a capital letter, unless it begins with code.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn answer(choice: &Choice) -> String {
    let word = if choice.right { "Right" } else { "Wrong" };
    let fills = match &choice.fills {
        Some(answer) => format!(" data-fills=\"{}\"", escape(answer)),
        None => String::new(),
    };
    format!(
        "<li data-right=\"{right}\"{fills}><strong>{word}: {text}</strong> \
         <span class=\"quiz-why\">{why}</span></li>",
        right = choice.right,
        text = inline(&choice.text),
        why = inline(&choice.why),
    )
}
