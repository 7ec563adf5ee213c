//! What a runner says -> the same without where it was on this machine.

use std::path::{Path, PathBuf};

/// Folders that no answer names, and what stands for them.
#[derive(Clone, Default)]
pub(super) struct Scrub(Vec<(String, &'static str)>);

impl Scrub {
    /// The workspace, where programs are, home, and where temporary files go.
    pub(super) fn new(root: &Path, programs: Option<&Path>) -> Scrub {
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let own = std::env::current_exe().ok();
        let own = own.as_deref().and_then(Path::parent);
        let temporary = std::env::temp_dir();
        let mut all: Vec<(String, &'static str)> = Vec::new();
        for (folder, instead) in [
            (programs, "target/"),
            (own, "target/"),
            (Some(root), ""),
            (home.as_deref(), "~/"),
            (Some(&temporary), "$TMPDIR/"),
        ] {
            let Some(folder) = folder.filter(|f| f.parent().is_some()) else {
                continue;
            };
            let folder = folder.to_string_lossy();
            all.push((format!("{}/", folder.trim_end_matches('/')), instead));
        }
        all.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.len()));
        Scrub(all)
    }

    pub(super) fn scrubbed(&self, text: &str) -> String {
        let all = self.0.iter();
        let cut = |text: String, (folder, instead): &(String, &str)| {
            text.replace(folder.as_str(), instead)
        };
        let text = all.fold(text.to_string(), cut);
        let folders =
            self.0.iter().map(|(folder, _)| &folder[..folder.len() - 1]);
        // The folder itself, named at the end of a word.
        folders.fold(text, |text, folder| whole_words(&text, folder))
    }
}

fn whole_words(text: &str, folder: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(folder) {
        let (before, after) = (&rest[..at], &rest[at + folder.len()..]);
        let goes_on = after.chars().next();
        let goes_on = goes_on.is_some_and(|c| c.is_alphanumeric() || c == '-');
        out.push_str(before);
        out.push_str(if goes_on { folder } else { "." });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_this_machine_are_not_told() {
        let scrub = Scrub::new(
            Path::new("/srv/lab"),
            Some(Path::new("/srv/lab/target/debug")),
        );
        for (said, told) in [
            ("open /srv/lab/labs/ch05-x/a.snap", "open labs/ch05-x/a.snap"),
            ("in /srv/lab: no", "in .: no"),
            ("start /srv/lab/target/debug/ch05-x", "start target/ch05-x"),
            ("/srv/laboratory", "/srv/laboratory"),
        ] {
            assert_eq!(scrub.scrubbed(said), told);
        }
    }
}
