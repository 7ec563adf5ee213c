//! What students must not find: every solution, wherever its text may stand.

use std::fs;
use std::path::{Path, PathBuf};

/// A solution's text, as it would give itself away.
pub(super) struct Secret {
    /// `labs/ch05-x/exercises/no-stall/solution.rs`
    pub(super) name: String,
    text: String,
    /// Its lines that neither starter nor task has; enough of them, in
    /// whatever order, are the solution.
    own: Vec<String>,
}

/// Fewer lines may stand together by chance.
const FEW: usize = 3;

impl Secret {
    fn new(name: String, text: &str, known: &str) -> Secret {
        let lines = text.lines().map(str::trim);
        let own = lines.filter(|line| line.len() > 8 && !known.contains(line));
        let own = own.map(String::from).collect();
        Secret { name, text: text.trim().into(), own }
    }

    /// Whether these bytes tell it.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(bytes) else { return false };
        let all = || self.own.iter().all(|line| text.contains(line));
        let whole = !self.text.is_empty() && text.contains(&self.text);
        whole || (self.own.len() >= FEW && all())
    }
}

/// The solutions of every exercise, handed out or not.
pub(super) fn all(root: &Path) -> Vec<Secret> {
    let mut all = Vec::new();
    for lab in folders(&root.join("labs")) {
        for exercise in folders(&lab.join("exercises")) {
            let read = |name| fs::read_to_string(exercise.join(name));
            let known = ["task.md", "starter.rs"].map(read);
            let known: String = known.into_iter().flatten().collect();
            for path in solutions(&exercise) {
                let Ok(text) = fs::read_to_string(&path) else { continue };
                let shown = path.strip_prefix(root).unwrap_or(&path);
                let shown = shown.display().to_string();
                all.push(Secret::new(shown, &text, &known));
            }
        }
    }
    all
}

/// One way to do it, and those in other languages.
fn solutions(exercise: &Path) -> Vec<PathBuf> {
    let own = ["solution.rs", "solution.toml"].map(|name| exercise.join(name));
    own.into_iter().chain(entries(&exercise.join("other"))).collect()
}

fn folders(at: &Path) -> Vec<PathBuf> {
    entries(at).into_iter().filter(|path| path.is_dir()).collect()
}

fn entries(at: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(at).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_solution_is_known_in_another_order_and_in_a_string() {
        let starter = "fn main() {\n    let server = connect();\n}\n";
        let solution = "fn main() {\n    let server = connect();\n    \
            first_step(&server);\n    second_step(&server);\n    \
            third_step(&server);\n}\n";
        let secret = Secret::new("x".into(), solution, starter);
        assert!(secret.is_in(solution.as_bytes()));
        let told = "third_step(&server); // after second_step(&server);\n\
            write(\"first_step(&server);\")";
        assert!(secret.is_in(told.as_bytes()));
        assert!(!secret.is_in(starter.as_bytes()));
        assert!(!secret.is_in(b"first_step(&server); third_step(&server);"));
        let form = Secret::new("y".into(), "cause = \"nagle\"\n", "");
        assert!(form.is_in(b"# so\ncause = \"nagle\"\n"));
        assert!(!form.is_in(b"cause = \"\"\n"));
        assert!(!form.is_in(b"\xff\xfe"));
    }
}
