//! `book/data/symptoms.toml` -> what people meet in the field, each with where
//! the book shows it.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

/// All of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Symptoms {
    #[serde(rename = "topic")]
    pub(crate) topics: Vec<Topic>,
    #[serde(rename = "symptom")]
    pub(crate) symptoms: Vec<Symptom>,
}

/// A heading of the index.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Topic {
    pub(crate) name: String,
    pub(crate) title: String,
}

/// One entry. Its texts have `code` in backticks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Symptom {
    /// Its anchor.
    pub(crate) id: String,
    pub(crate) topic: String,
    /// As somebody who has it would say it.
    pub(crate) see: String,
    pub(crate) is: String,
    /// The command that proves it, and what it then says.
    pub(crate) prove: String,
    pub(crate) helps: String,
    /// Advice that is given, and why it is wrong; empty if none was met.
    #[serde(default)]
    pub(crate) wrong: String,
    /// Experiments, `ch05/first-ack`.
    #[serde(default)]
    pub(crate) shown: Vec<String>,
    /// Exercises, `ch05/no-stall`.
    #[serde(default)]
    pub(crate) exercises: Vec<String>,
    /// Beginnings of rows of the folklore.
    #[serde(default)]
    pub(crate) folklore: Vec<String>,
    /// What of it no experiment shows.
    #[serde(default)]
    pub(crate) not_shown: String,
}

impl Symptoms {
    /// The workspace's, in themselves sound.
    pub(crate) fn read(root: &Path) -> Result<Symptoms, String> {
        let all: Symptoms = super::read(root, "symptoms")?;
        let topics: BTreeSet<&str> =
            all.topics.iter().map(|t| t.name.as_str()).collect();
        let mut ids = BTreeSet::new();
        for symptom in &all.symptoms {
            let Symptom { id, topic, .. } = symptom;
            if !topics.contains(topic.as_str()) {
                return Err(symptom.fault(&format!("no topic is `{topic}`")));
            }
            if !ids.insert(id) {
                return Err(symptom.fault("is there twice"));
            }
            symptom.is_shown_or_says_so()?;
        }
        Ok(all)
    }

    /// Those that a lab shows something of.
    pub(crate) fn of<'a>(
        &'a self,
        lab: &'a str,
    ) -> impl Iterator<Item = &'a Symptom> {
        self.symptoms.iter().filter(move |s| s.places().any(|p| p.0 == lab))
    }
}

impl Symptom {
    /// A sentence about what is wrong with it.
    pub(crate) fn fault(&self, what: &str) -> String {
        format!("book/data/symptoms.toml: `{}`: {what}", self.id)
    }

    fn is_shown_or_says_so(&self) -> Result<(), String> {
        let shown = !self.shown.is_empty() || !self.exercises.is_empty();
        match shown || !self.not_shown.is_empty() {
            true => Ok(()),
            false => Err(self.fault("names no experiment and no `not_shown`")),
        }
    }

    /// Lab and name of what it names.
    fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.shown.iter().chain(&self.exercises);
        all.filter_map(|name| name.split_once('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(symptom: &str) -> Result<Symptoms, String> {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("book/data");
        std::fs::create_dir_all(&data).unwrap();
        let topic = "[[topic]]\nname = 'delay'\ntitle = 'Late'\n";
        let text = format!("{topic}{symptom}");
        std::fs::write(data.join("symptoms.toml"), text).unwrap();
        Symptoms::read(folder.path())
    }

    const SOUND: &str = "[[symptom]]\nid = 'a'\ntopic = 'delay'\nsee = 's'\n\
        is = 'i'\nprove = 'p'\nhelps = 'h'\nshown = ['ch05/first-ack']\n";

    #[test]
    fn what_is_unsound_is_said() {
        let all = read(SOUND).unwrap();
        assert_eq!(all.of("ch05").count(), 1);
        assert_eq!(all.of("ch01").count(), 0);
        let wrong = |text: &str| read(text).unwrap_err();
        let twice = format!("{SOUND}{SOUND}");
        assert!(wrong(&twice).contains("`a`: is there twice"));
        let topic = SOUND.replace("'delay'", "'haste'");
        assert!(wrong(&topic).contains("no topic is `haste`"));
        let nowhere = SOUND.replace("'ch05/first-ack'", "");
        assert!(wrong(&nowhere).contains("no `not_shown`"));
        let unknown = format!("{SOUND}cure = 'x'\n");
        assert!(wrong(&unknown).contains("cure"));
    }
}
