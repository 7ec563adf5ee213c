//! A folder of HTML -> its links that lead nowhere.
//!
//! Links to other sites are not followed; but a page must not load anything
//! from one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};

use crate::problem::Problem;
use crate::tags::{Tag, tags};
use lab_kit::names::nearest;

/// A page: its links and the anchors in it.
struct Leaf {
    tags: Vec<Tag>,
    anchors: BTreeSet<String>,
}

/// Checks every link between the files of a folder.
pub fn check(folder: &Path) -> Result<Vec<Problem>> {
    let mut files = BTreeSet::new();
    list(folder, Path::new(""), &mut files)?;
    let mut leaves = BTreeMap::new();
    for path in files.iter().filter(|p| p.extension() == Some("html".as_ref()))
    {
        let html = fs::read(folder.join(path))
            .with_context(|| format!("cannot read {}", path.display()))?;
        let tags = tags(&String::from_utf8_lossy(&html));
        let anchors = tags
            .iter()
            .flat_map(|t| [t.get("id"), t.get("name")])
            .flatten()
            .map(String::from)
            .collect();
        leaves.insert(path.clone(), Leaf { tags, anchors });
    }
    let mut problems = styles_from_elsewhere(folder, &files)?;
    for (page, leaf) in &leaves {
        problems.extend(same_id_twice(page, leaf));
        for tag in &leaf.tags {
            if let Some(what) = fault(page, tag, &files, &leaves) {
                let (file, line) = (page.clone(), tag.line);
                problems.push(Problem { file, line, what });
            }
        }
    }
    Ok(problems)
}

/// A link to an id that two elements have leads to the first of them only.
fn same_id_twice(page: &Path, leaf: &Leaf) -> Vec<Problem> {
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    let mut problems = Vec::new();
    for tag in &leaf.tags {
        let Some(id) = tag.get("id") else { continue };
        if let Some(first) = lines.insert(id, tag.line) {
            let what = format!("id {id:?} is that of line {first}, too");
            let (file, line) = (page.to_path_buf(), tag.line);
            problems.push(Problem { file, line, what });
        }
    }
    problems
}

/// What a style sheet fetches from another site.
fn styles_from_elsewhere(
    folder: &Path,
    files: &BTreeSet<PathBuf>,
) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|p| p.extension() == Some("css".as_ref())) {
        let text = fs::read(folder.join(file))
            .with_context(|| format!("cannot read {}", file.display()))?;
        let text = String::from_utf8_lossy(&text);
        for (n, line) in text.lines().enumerate() {
            let loads = ["url(", "@import"];
            for target in loads.iter().flat_map(|l| line.split(l).skip(1)) {
                let target = target.trim_start_matches([' ', '"', '\'']);
                let end = target.find(['"', '\'', ')']).unwrap_or(target.len());
                let target = &target[..end];
                if target.starts_with("http") || target.starts_with("//") {
                    let what = format!("loads {target} from elsewhere");
                    let file = file.clone();
                    problems.push(Problem { file, line: n + 1, what });
                }
            }
        }
    }
    Ok(problems)
}

fn list(root: &Path, at: &Path, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(root.join(at))? {
        let entry = entry?;
        let path = at.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => list(root, &path, files)?,
            false => {
                files.insert(path);
            }
        }
    }
    Ok(())
}

fn fault(
    page: &Path,
    tag: &Tag,
    files: &BTreeSet<PathBuf>,
    leaves: &BTreeMap<PathBuf, Leaf>,
) -> Option<String> {
    let loads = tag.name != "a" && tag.name != "base";
    let target = tag.get("href").or_else(|| tag.get("src"))?;
    if is_elsewhere(target) {
        let fetched = loads && !target.starts_with("data:");
        return fetched
            .then(|| format!("<{}> loads {target} from elsewhere", tag.name));
    }
    if tag.name == "base" {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = path.split('?').next().unwrap_or_default();
    let Some(file) = resolve(page, &decode(path), files) else {
        let names = files.iter().filter_map(|f| f.to_str());
        let hint = nearest(path, names);
        return Some(format!("link to {target}: no such file; {hint}"));
    };
    let anchor = decode(anchor);
    let anchors = &leaves.get(&file)?.anchors;
    if anchor.is_empty() || anchors.contains(&anchor) {
        return None;
    }
    let hint = nearest(&anchor, anchors.iter().map(String::as_str));
    let file = file.display();
    Some(format!("link to {target}: {file} has no such anchor; {hint}"))
}

/// `https://...`, `//host/...`, `mailto:`, `data:`.
fn is_elsewhere(target: &str) -> bool {
    let scheme = target.split(['/', '#', '?']).next().unwrap_or_default();
    target.starts_with("//") || scheme.contains(':')
}

/// The file that a relative link means.
fn resolve(
    page: &Path,
    link: &str,
    files: &BTreeSet<PathBuf>,
) -> Option<PathBuf> {
    if link.is_empty() {
        return Some(page.to_path_buf());
    }
    let base = match link.starts_with('/') {
        true => Path::new(""),
        false => page.parent().unwrap_or(Path::new("")),
    };
    let mut path = PathBuf::new();
    for part in base.join(link.trim_start_matches('/')).components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::ParentDir if !path.pop() => return None,
            _ => {}
        }
    }
    let index = path.join("index.html");
    [path, index].into_iter().find(|p| files.contains(p))
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |b: &u8| (*b as char).to_digit(16);
        match (first, tail) {
            (b'%', [a, b, after @ ..])
                if hex(a).is_some() && hex(b).is_some() =>
            {
                let digits = [hex(a), hex(b)].map(Option::unwrap_or_default);
                bytes.push((digits[0] * 16 + digits[1]) as u8);
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(pages: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, html) in pages {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, html).unwrap();
        }
        let found = check(folder.path()).unwrap();
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn links_that_lead_somewhere_are_well() {
        let index = "<a href=\"a/b.html#x%20y\"></a><a href='#top'></a>\
            <p id=top><a href='https://example.org/z'></a><a href='a/'></a>\
            <a href='mailto:x@y'></a><img src='data:image/png,'>";
        let found = problems(&[
            ("index.html", index),
            ("a/b.html", "<p id='x y'><a href=../index.html?q=1#top></a>"),
            ("a/index.html", ""),
        ]);
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn a_broken_anchor_and_a_missing_file_are_found() {
        let html = "\n<a href='b.html#frist'></a>\n<a href='c.html'></a>\
            <a href='../../etc/passwd'></a>";
        let found = problems(&[("a.html", html), ("b.html", "<p id=first>")]);
        assert_eq!(
            found[0],
            "a.html:2: link to b.html#frist: b.html has no such anchor; \
             did you mean first?"
        );
        assert!(found[1].starts_with("a.html:3: link to c.html: no such file"));
        assert!(found[2].contains("no such file"), "{found:?}");
    }

    #[test]
    fn an_id_is_that_of_one_element() {
        let html = "<p id=x></p>\n<p id=y></p><p id=x></p>";
        let found = problems(&[("a.html", html)]);
        assert_eq!(found, ["a.html:2: id \"x\" is that of line 1, too"]);
    }

    #[test]
    fn nor_by_a_style_sheet() {
        let css = "p { background: url('https://x.example/a.png') }\n\
            @import \"//y.example/b.css\";\n\
            q { background: url(data:image/png,) }\n/* https://z.example */";
        let found = problems(&[("a.css", css)]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("a.css:1: loads https://x.example/a.png"));
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        let html = "<script src='https://cdn.example/x.js'></script>\
            <link href='//fonts.example/f.css'>";
        let found = problems(&[("a.html", html)]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("loads https://cdn.example/x.js"));
    }
}
