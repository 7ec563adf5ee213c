//! A lab's and an experiment's names -> the text of their first files.

const LAB: &str = include_str!("template/lab.toml");
const MAIN: &str = include_str!("template/main.rs.txt");
const EXPERIMENT: &str = include_str!("template/experiment.rs.txt");
const CHAPTER: &str = include_str!("template/chapter.md");
const SECTION: &str = include_str!("template/section.md");

/// Names as they stand in files.
pub(super) struct Names {
    /// `ch08-congestion`.
    pub(super) lab: String,
    /// `Congestion`.
    pub(super) title: String,
    /// `slow-start`.
    pub(super) experiment: String,
}

impl Names {
    /// `ch08`.
    pub(super) fn chapter(&self) -> &str {
        self.lab.split('-').next().unwrap_or(&self.lab)
    }

    /// `slow_start`.
    pub(super) fn module(&self) -> String {
        self.experiment.replace('-', "_")
    }

    pub(super) fn manifest(&self) -> String {
        self.fill(LAB)
    }

    pub(super) fn main(&self) -> String {
        self.fill(MAIN)
    }

    pub(super) fn source(&self) -> String {
        self.fill(EXPERIMENT)
    }

    pub(super) fn page(&self) -> String {
        self.fill(CHAPTER)
    }

    pub(super) fn section(&self) -> String {
        self.fill(SECTION)
    }

    /// `- [8. Congestion](ch08-congestion.md)`
    pub(super) fn summary_line(&self) -> String {
        let number = self.number();
        format!("- [{number}. {}]({}.md)", self.title, self.lab)
    }

    fn number(&self) -> &str {
        self.chapter().trim_start_matches("ch").trim_start_matches('0')
    }

    fn fill(&self, template: &str) -> String {
        template
            .replace("@LAB@", &self.lab)
            .replace("@CHAPTER@", self.chapter())
            .replace("@NUMBER@", self.number())
            .replace("@TITLE@", &self.title)
            .replace("@EXPERIMENT@", &self.experiment)
            .replace("@HEADING@", &spoken(&self.experiment))
    }
}

/// `slow-start` -> `Slow start`.
pub(super) fn spoken(name: &str) -> String {
    let mut letters = name.replace('-', " ");
    if let Some(first) = letters.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    letters
}
