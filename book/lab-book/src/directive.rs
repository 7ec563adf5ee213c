//! A directive's name and arguments -> what it asks for.
//!
//! ```text
//! {{#lab ch05}}                        how to run it, its questions
//! {{#ladder ch05/first-ack}}           its snapshot, drawn; also with
//!     @variant conn=2 from=3 to=9      (lines of the snapshot's body)
//! {{#claims ch05/first-ack}}           its claims and what breaks them
//! {{#what-if ch05/first-ack}}          its perturbations
//! {{#figure ch05/first-ack "title"}}   one of its figures, or all
//! {{#folklore ch05}}                   what people say, tested; all: of all
//! {{#kernels ch05}}                    on which kernels it holds; or all
//! {{#bench one-shot}}                  how fast, beside others; or all
//! {{#exercises ch05}}                  its exercises, each with a page; or all
//! {{#code ch05/first-ack:anchor}}      its source, whole without :anchor
//! {{#snapshot ch05/first-ack@variant}} its snapshot as text
//! {{#predict id}} question {{/predict}}
//! {{#notes}} for the teacher {{/notes}}
//! {{#minutes ch05}}                    how long it takes; all: a table
//! {{#symptoms ch05}}                   links to its symptoms; all: the index
//! {{#kernel-index sysctls}}            or counters, options, errnos
//! {{#glossary all}}                    all terms
//! {{#guess id kind=number of=ch05/first-ack}} question --- fields {{/guess}}
//! {{#quiz ch05}} fields {{/quiz}}
//! ```

use lab_kit::names::nearest;

use crate::teach::Kind;

/// Our directives.
pub(crate) const NAMES: [&str; 19] = [
    "lab",
    "ladder",
    "claims",
    "what-if",
    "figure",
    "folklore",
    "kernels",
    "bench",
    "exercises",
    "code",
    "snapshot",
    "predict",
    "guess",
    "quiz",
    "notes",
    "minutes",
    "symptoms",
    "kernel-index",
    "glossary",
];

/// Those that reach to their `{{/name}}`.
pub(crate) const WITH_BODY: [&str; 4] = ["predict", "guess", "quiz", "notes"];

/// mdBook's own, which pass us by.
pub(crate) const MDBOOK: [&str; 5] =
    ["include", "rustdoc_include", "playground", "playpen", "title"];

/// `ch05/first-ack`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) lab: String,
    pub(crate) experiment: String,
}

/// What a directive asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Directive {
    Lab(String),
    Ladder {
        of: Target,
        variant: Option<String>,
        connection: Option<u32>,
        from: usize,
        to: usize,
    },
    Claims(Target),
    WhatIf(Target),
    Figure {
        of: Target,
        which: Option<String>,
    },
    /// One lab's, or everybody's.
    Folklore(Option<String>),
    /// One lab's, or everybody's.
    Kernels(Option<String>),
    /// A line of `./run bench`, or all of them.
    Bench(Option<String>),
    /// One lab's, or everybody's.
    Exercises(Option<String>),
    Code {
        of: Target,
        anchor: Option<String>,
    },
    Snapshot {
        of: Target,
        variant: Option<String>,
    },
    Predict {
        id: String,
        question: String,
    },
    /// Markdown for the teacher.
    Notes(String),
    /// One lab's, or everybody's.
    Minutes(Option<String>),
    /// One lab's, or everybody's.
    Symptoms(Option<String>),
    KernelIndex(Kind),
    Glossary,
    /// A guess that the accepted trace answers; `body` as it stands.
    Guess {
        id: String,
        kind: String,
        of: Target,
        body: String,
    },
    Quiz {
        lab: String,
        body: String,
    },
}

impl Directive {
    /// Reads `{{#name args}}`; the error is a sentence.
    pub(crate) fn read(
        name: &str,
        args: &str,
        body: Option<&str>,
    ) -> Result<Self, String> {
        if name == "notes" {
            return notes(args, body.unwrap_or_default());
        }
        let mut words = args.split_whitespace();
        let first = words.next().ok_or_else(|| {
            format!("`{name}` names nothing; write {}", example(name))
        })?;
        let mut options: Vec<&str> = words.collect();
        let directive = match name {
            "lab" => Directive::Lab(first.into()),
            "predict" => predict(first, body.unwrap_or_default().trim())?,
            "guess" => guess(first, &mut options, body.unwrap_or_default())?,
            "quiz" => Directive::Quiz {
                lab: first.into(),
                body: body.unwrap_or_default().into(),
            },
            "folklore" => Directive::Folklore(one_or_all(first)),
            "kernels" => Directive::Kernels(one_or_all(first)),
            "bench" => Directive::Bench(one_or_all(first)),
            "exercises" => Directive::Exercises(one_or_all(first)),
            "minutes" => Directive::Minutes(one_or_all(first)),
            "symptoms" => Directive::Symptoms(one_or_all(first)),
            "kernel-index" => Directive::KernelIndex(kind(first)?),
            "glossary" if first == "all" => Directive::Glossary,
            "glossary" => return Err("write `{{#glossary all}}`".into()),
            "figure" => {
                let title: Vec<&str> = std::mem::take(&mut options);
                let title = title.join(" ").trim_matches('"').to_string();
                let which = Some(title).filter(|t| !t.is_empty());
                Directive::Figure { of: target(name, first)?, which }
            }
            "claims" => Directive::Claims(target(name, first)?),
            "what-if" => Directive::WhatIf(target(name, first)?),
            "code" => {
                let (of, anchor) = split(first, ':');
                Directive::Code { of: target(name, of)?, anchor }
            }
            "snapshot" => {
                let (of, variant) = split(first, '@');
                Directive::Snapshot { of: target(name, of)?, variant }
            }
            _ => ladder(first, &mut options)?,
        };
        match options.first() {
            None => Ok(directive),
            Some(word) => Err(format!("`{name}` doesn't know `{word}`")),
        }
    }

    /// The lab that it is about.
    pub(crate) fn lab(&self) -> Option<&str> {
        match self {
            Directive::Lab(lab)
            | Directive::Quiz { lab, .. }
            | Directive::Folklore(Some(lab))
            | Directive::Kernels(Some(lab))
            | Directive::Minutes(Some(lab))
            | Directive::Exercises(Some(lab)) => Some(lab),
            Directive::Guess { of, .. } => Some(&of.lab),
            other => other.target().map(|t| t.lab.as_str()),
        }
    }

    /// It shows what comes of an experiment.
    pub(crate) fn shows_a_run(&self) -> bool {
        matches!(
            self,
            Directive::Ladder { .. }
                | Directive::Claims(_)
                | Directive::WhatIf(_)
                | Directive::Figure { .. }
        )
    }

    /// It is about every lab.
    pub(crate) fn is_about_all(&self) -> bool {
        matches!(
            self,
            Directive::Folklore(None)
                | Directive::Kernels(None)
                | Directive::Bench(_)
                | Directive::Exercises(None)
                | Directive::Minutes(None)
                | Directive::Symptoms(_)
                | Directive::KernelIndex(_)
        )
    }

    /// The experiment that it is about.
    pub(crate) fn target(&self) -> Option<&Target> {
        match self {
            Directive::Ladder { of, .. }
            | Directive::Claims(of)
            | Directive::WhatIf(of)
            | Directive::Figure { of, .. }
            | Directive::Code { of, .. }
            | Directive::Snapshot { of, .. } => Some(of),
            Directive::Lab(_)
            | Directive::Folklore(_)
            | Directive::Kernels(_)
            | Directive::Bench(_)
            | Directive::Exercises(_)
            | Directive::Notes(_)
            | Directive::Minutes(_)
            | Directive::Symptoms(_)
            | Directive::KernelIndex(_)
            | Directive::Glossary
            | Directive::Guess { .. }
            | Directive::Quiz { .. }
            | Directive::Predict { .. } => None,
        }
    }
}

fn example(name: &str) -> String {
    match name {
        "lab" => "`{{#lab ch05}}`".into(),
        "folklore" => "`{{#folklore ch05}}` or `{{#folklore all}}`".into(),
        "kernels" => "`{{#kernels ch05}}` or `{{#kernels all}}`".into(),
        "bench" => "`{{#bench one-shot}}` or `{{#bench all}}`".into(),
        "exercises" => "`{{#exercises ch05}}` or `{{#exercises all}}`".into(),
        "predict" => "`{{#predict why-40-ms}} ... {{/predict}}`".into(),
        "minutes" => "`{{#minutes ch05}}` or `{{#minutes all}}`".into(),
        "symptoms" => "`{{#symptoms ch05}}` or `{{#symptoms all}}`".into(),
        "kernel-index" => "`{{#kernel-index sysctls}}`".into(),
        "glossary" => "`{{#glossary all}}`".into(),
        "guess" => "`{{#guess why-40-ms kind=number of=ch05/first-ack}} ... \
                    {{/guess}}`"
            .into(),
        "quiz" => "`{{#quiz ch05}} ... {{/quiz}}`".into(),
        name => format!("`{{{{#{name} ch05/first-ack}}}}`"),
    }
}

fn one_or_all(first: &str) -> Option<String> {
    (first != "all").then(|| first.into())
}

fn target(name: &str, text: &str) -> Result<Target, String> {
    match text.split_once('/') {
        Some((lab, experiment))
            if !lab.is_empty() && !experiment.is_empty() =>
        {
            Ok(Target { lab: lab.into(), experiment: experiment.into() })
        }
        _ => Err(format!(
            "`{text}` is not a lab and an experiment; write {}",
            example(name)
        )),
    }
}

fn split(text: &str, at: char) -> (&str, Option<String>) {
    match text.split_once(at) {
        Some((of, rest)) => (of, Some(rest.into())),
        None => (text, None),
    }
}

fn predict(id: &str, question: &str) -> Result<Directive, String> {
    is_name(id)?;
    if question.is_empty() {
        return Err(format!("the prediction `{id}` asks nothing"));
    }
    Ok(Directive::Predict { id: id.into(), question: question.into() })
}

fn notes(args: &str, text: &str) -> Result<Directive, String> {
    let text = text.trim();
    match (args.is_empty(), text.is_empty()) {
        (false, _) => Err(format!("`notes` doesn't know `{args}`")),
        (true, true) => Err("these notes say nothing".into()),
        (true, false) => Ok(Directive::Notes(text.into())),
    }
}

fn kind(first: &str) -> Result<Kind, String> {
    match first {
        "counters" => Ok(Kind::Counters),
        "sysctls" => Ok(Kind::Sysctls),
        "options" => Ok(Kind::Options),
        "errnos" => Ok(Kind::Errnos),
        _ => {
            let names = ["counters", "sysctls", "options", "errnos"];
            let hint = nearest(first, names);
            Err(format!("there is no index of `{first}`; {hint}"))
        }
    }
}

/// Names are keys in the reader's browser, and ids.
fn is_name(id: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match id.chars().all(plain) {
        true => Ok(()),
        false => Err(format!(
            "`{id}` is no name for a prediction: letters, digits and `-` only"
        )),
    }
}

fn guess(
    id: &str,
    options: &mut Vec<&str>,
    body: &str,
) -> Result<Directive, String> {
    is_name(id)?;
    let (mut kind, mut of) = (None, None);
    for word in options.drain(..) {
        match word.split_once('=') {
            Some(("kind", value)) => kind = Some(value.to_string()),
            Some(("of", value)) => of = Some(target("guess", value)?),
            _ => {
                let hint = nearest(word, ["kind=", "of="]);
                return Err(format!("`guess` doesn't know `{word}`; {hint}"));
            }
        }
    }
    match (kind, of) {
        (Some(kind), Some(of)) => {
            Ok(Directive::Guess { id: id.into(), kind, of, body: body.into() })
        }
        _ => Err(format!(
            "`guess` needs `kind=` and `of=`; write {}",
            example("guess")
        )),
    }
}

fn ladder(first: &str, options: &mut Vec<&str>) -> Result<Directive, String> {
    let (of, variant) = split(first, '@');
    let of = target("ladder", of)?;
    let (mut connection, mut from, mut to) = (None, 1, usize::MAX);
    for word in options.drain(..) {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        let number = || {
            value
                .parse::<usize>()
                .map_err(|_| format!("`{word}`: `{value}` is not a number"))
        };
        match key {
            "conn" => connection = Some(number()? as u32),
            "from" => from = number()?,
            "to" => to = number()?,
            _ => {
                let hint = nearest(key, ["conn", "from", "to"]);
                return Err(format!("`ladder` doesn't know `{word}`; {hint}"));
            }
        }
    }
    Ok(Directive::Ladder { of, variant, connection, from, to })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ladder_may_be_of_a_variant_and_a_part() {
        let read = Directive::read(
            "ladder",
            "ch01/close@merged conn=2 from=3 to=9",
            None,
        );
        let Ok(Directive::Ladder { of, variant, connection, from, to }) = read
        else {
            panic!("{read:?}")
        };
        assert_eq!(
            (of.lab.as_str(), of.experiment.as_str()),
            ("ch01", "close")
        );
        assert_eq!(variant.as_deref(), Some("merged"));
        assert_eq!((connection, from, to), (Some(2), 3, 9));
    }

    #[test]
    fn what_is_wrong_is_a_sentence() {
        let wrong =
            |name, args| Directive::read(name, args, Some("?")).unwrap_err();
        assert!(wrong("claims", "ch05").contains("{{#claims ch05/first-ack}}"));
        assert!(wrong("lab", "").contains("names nothing"));
        assert!(wrong("ladder", "a/b form=3").contains("from"));
        assert!(wrong("ladder", "a/b from=x").contains("not a number"));
        assert!(wrong("code", "a/b more").contains("doesn't know `more`"));
        assert!(wrong("predict", "a/b").contains("letters"));
        assert!(wrong("guess", "a/b").contains("letters"));
        assert!(wrong("guess", "a kind=order").contains("`of=`"));
        assert!(wrong("guess", "a of=b/c").contains("`kind=`"));
        assert!(wrong("guess", "a kin=order").contains("kind="));
        assert!(wrong("quiz", "ch05 more").contains("doesn't know `more`"));
    }
}
