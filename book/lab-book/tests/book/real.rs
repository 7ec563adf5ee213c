//! The real book's exercises: each has its page, and none is given away.

use std::fs;
use std::path::{Path, PathBuf};

use lab_book::{Expanded, Page, expand, with_cargo, workspace};

/// The Markdown of every page that somebody wrote.
fn pages(at: &Path, found: &mut Vec<Page>) {
    for entry in fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => pages(&path, found),
            false => {
                let text = fs::read_to_string(&path).unwrap();
                found.push(Page { file: path, text });
            }
        }
    }
}

fn book() -> Vec<Expanded> {
    let mut all = Vec::new();
    pages(&workspace().join("book/src"), &mut all);
    expand(&all, &workspace(), &with_cargo).unwrap_or_else(|problems| {
        let lines: Vec<_> = problems.iter().map(|p| p.to_string()).collect();
        panic!("{}", lines.join("\n"))
    })
}

/// The folders `labs/chNN-*/exercises/*`.
fn exercises() -> Vec<PathBuf> {
    let below = |at: PathBuf| {
        let entries = fs::read_dir(at).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let labs = below(workspace().join("labs"));
    labs.into_iter().flat_map(|lab| below(lab.join("exercises"))).collect()
}

/// `exercises/ch05-no-stall.md`, by the exercise's folder.
fn page_of(folder: &Path) -> PathBuf {
    let name = |path: &Path| path.file_name().unwrap().display().to_string();
    let lab = name(folder.parent().unwrap().parent().unwrap());
    let lab = lab.split('-').next().unwrap();
    PathBuf::from(format!("exercises/{lab}-{}.md", name(folder)))
}

/// With quotes and brackets as a solution has them.
fn as_typed(html: &str) -> String {
    [("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">")]
        .iter()
        .fold(html.to_string(), |text, (from, to)| text.replace(from, to))
        .replace("&amp;", "&")
}

/// A solution's lines that its starter and its task don't have.
fn own_lines(folder: &Path) -> Vec<String> {
    let read =
        |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
    let known = read("starter.rs") + &read("task.md");
    let text = read("solution.rs") + &read("solution.toml");
    assert!(!text.is_empty(), "{} has no solution", folder.display());
    let own = text.lines().map(str::trim);
    own.filter(|line| line.len() > 8 && !known.contains(line))
        .map(String::from)
        .collect()
}

#[test]
fn every_exercise_has_a_page_with_its_hints_folded_and_no_solution() {
    let book = book();
    let leaves = || book.iter().flat_map(|page| &page.exercises);
    let exercises = exercises();
    assert!(!exercises.is_empty());
    assert_eq!(leaves().count(), exercises.len());
    for folder in &exercises {
        let page = page_of(folder);
        let leaf = leaves().find(|leaf| leaf.file == page);
        let text = &leaf.unwrap_or_else(|| panic!("no {page:?}")).text;
        let rules = text.matches("<span class=\"claim-number\">").count();
        assert!(rules > 0, "{text}");
        let folded = text.matches("<details class=\"hint\">").count();
        assert_eq!(folded, 3 * rules, "{text}");
        assert!(!text.contains("<details class=\"hint\" open"), "{text}");

        let text = as_typed(text);
        let own = own_lines(folder);
        assert!(!own.is_empty(), "{page:?}: the starter is the solution");
        // The last hint may be a line of it.
        let (before, _) = text.split_once("## Rules and hints").unwrap();
        let told: Vec<_> =
            own.iter().filter(|line| before.contains(*line)).collect();
        assert!(told.is_empty(), "{page:?} tells {told:?}");
        // Elsewhere a line may stand by chance; all of them don't.
        let all = |text: &str| own.iter().all(|line| text.contains(line));
        let told = own.len() > 1 && all(&text)
            || book.iter().any(|page| all(&page.text));
        assert!(!told, "a page tells the solution of {page:?}");
    }
}
