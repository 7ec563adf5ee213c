//! The attacks' comments -> what must come of each.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

const ONLY_X86: &str = "#[cfg(target_arch = \"x86_64\")]";

/// One clause of an expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Clause {
    Refused,
    Harmless,
    Silent,
    Exits(i32),
    Signal(i32),
    Wall,
    Output,
    Memory,
    AtMost(String, usize),
    AtLeast(String, usize),
}

/// What comes of it without a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bare {
    NotTried,
    Hit,
    /// What it attacks may not be on this machine.
    HitIfThere,
    AtLeast(String, usize),
    Left,
    Forged,
    Broken,
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) expect: Vec<Clause>,
    pub(crate) weak: Option<Vec<Clause>>,
    pub(crate) bare: Bare,
    pub(crate) wall: Option<u64>,
    pub(crate) cpu: Option<u64>,
    pub(crate) one_core: bool,
    pub(crate) alone: bool,
}

/// All attacks of the sources in `folder`.
pub(crate) fn read_all(folder: &Path) -> Result<Vec<Case>> {
    let mut paths: Vec<_> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "rs"));
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path)?;
        read(&text, &mut cases).with_context(|| format!("{path:?}"))?;
    }
    Ok(cases)
}

fn read(text: &str, cases: &mut Vec<Case>) -> Result<()> {
    let mut comment: Vec<&str> = Vec::new();
    for line in text.lines() {
        if let Some(words) = line.strip_prefix("/// ") {
            comment.push(words);
        } else if let Some(rest) = line.strip_prefix("pub(crate) fn ") {
            let name = rest.split('(').next().unwrap_or_default();
            if let Some(case) =
                case(name, &comment).context(name.to_string())?
            {
                cases.push(case);
            }
            comment.clear();
        } else if !line.starts_with("#[")
            || line == ONLY_X86 && cfg!(not(target_arch = "x86_64"))
        {
            comment.clear();
        }
    }
    Ok(())
}

fn case(name: &str, comment: &[&str]) -> Result<Option<Case>> {
    let find =
        |word: &str| comment.iter().find_map(|line| line.strip_prefix(word));
    let Some(expect) = find("EXPECT: ") else { return Ok(None) };
    let limit = |word: &str| {
        let limits = find("LIMITS: ").unwrap_or_default();
        limits.strip_prefix(word).and_then(|n| n.trim().parse().ok())
    };
    Ok(Some(Case {
        name: name.into(),
        expect: clauses(expect)?,
        weak: find("WEAK: ").map(clauses).transpose()?,
        bare: bare(find("BARE: ").context("no BARE")?)?,
        wall: limit("wall"),
        cpu: limit("cpu"),
        one_core: find("LIMITS: ") == Some("one core"),
        alone: find("ALONE: ").is_some(),
    }))
}

fn clauses(text: &str) -> Result<Vec<Clause>> {
    text.split(';').map(|clause| self::clause(clause.trim())).collect()
}

fn clause(text: &str) -> Result<Clause> {
    let words: Vec<_> = text.split(' ').collect();
    Ok(match words[..] {
        ["refused"] => Clause::Refused,
        ["harmless"] => Clause::Harmless,
        ["silent"] => Clause::Silent,
        ["wall"] => Clause::Wall,
        ["output"] => Clause::Output,
        ["memory"] => Clause::Memory,
        ["exits", code] => Clause::Exits(code.parse()?),
        ["signal", number] => Clause::Signal(number.parse()?),
        [what, "<=", most] => Clause::AtMost(what.into(), most.parse()?),
        [what, ">=", least] => Clause::AtLeast(what.into(), least.parse()?),
        _ => bail!("{text:?} is no clause"),
    })
}

fn bare(text: &str) -> Result<Bare> {
    let words: Vec<_> = text.split(' ').collect();
    Ok(match words[..] {
        ["no:", ..] => Bare::NotTried,
        ["hit"] => Bare::Hit,
        ["hit,", "if", "there"] => Bare::HitIfThere,
        ["left"] => Bare::Left,
        ["forged"] => Bare::Forged,
        ["broken"] => Bare::Broken,
        [what, ">=", least] => Bare::AtLeast(what.into(), least.parse()?),
        _ => bail!("{text:?} is no effect"),
    })
}
