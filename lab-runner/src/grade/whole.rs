//! Results -> whether they are whole: what every export and a merge rely on.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};

use super::results::{Assigned, FORMAT, Graded, Mark, Results, Student};

/// Names of files that mean something else: the class's page, and devices of
/// Windows.
const TAKEN: [&str; 5] = ["index", "aux", "con", "nul", "prn"];
const LONGEST_ID: usize = 64;

/// Every student once and in order, with one mark for each exercise.
pub(crate) fn whole(results: &Results) -> Result<()> {
    let format = results.format;
    ensure!(
        format == FORMAT,
        "results of format {format}; this lab-runner reads format {FORMAT}"
    );
    let mut seen = BTreeSet::new();
    let mut before = "";
    for student in &results.students {
        let id = &student.id;
        let tried = || format!("the student with the id {id:?}");
        page_name(id).with_context(tried)?;
        let is_new = seen.insert(id.to_ascii_lowercase());
        ensure!(is_new, "the id {id:?} is there twice");
        ensure!(before <= id.as_str(), "{id:?} stands after {before:?}");
        marks(&results.exercises, student).with_context(tried)?;
        before = id;
    }
    Ok(())
}

fn marks(exercises: &[Assigned], student: &Student) -> Result<()> {
    let marks = &student.marks;
    let (have, want) = (marks.len(), exercises.len());
    ensure!(have == want, "{have} marks for {want} exercises");
    for (mark, exercise) in marks.iter().zip(exercises) {
        let (is, wanted) = (&mark.exercise, &exercise.name);
        ensure!(is == wanted, "a mark of {is:?} in the place of {wanted:?}");
        points(exercise, mark).with_context(|| format!("{wanted:?}"))?;
    }
    Ok(())
}

/// The points are those of the rules that hold; open marks have none.
fn points(exercise: &Assigned, mark: &Mark) -> Result<()> {
    let of = exercise.points();
    ensure!(mark.of == of, "of {} points, where there are {of}", mark.of);
    let rules = exercise.rules.iter().map(|worth| (&worth.rule, worth.points));
    let ruled = mark.rules.iter().map(|ruled| (&ruled.rule, ruled.points));
    ensure!(
        mark.rules.is_empty() || rules.eq(ruled),
        "other rules than the exercise has"
    );
    let holding = mark.rules.iter().filter(|ruled| ruled.holds);
    let earned = match mark.verdict {
        Graded::Inconclusive => 0,
        _ => holding.map(|ruled| ruled.points).sum(),
    };
    let (points, verdict) = (mark.points, mark.verdict);
    let is_so = match verdict {
        Graded::Pass => earned == of,
        Graded::Partial => earned > 0,
        Graded::Fail | Graded::Inconclusive => earned == 0,
    };
    ensure!(
        points == earned && is_so,
        "{points} points and {verdict:?}, where rules worth {earned} hold"
    );
    Ok(())
}

/// An id -> the name of its files, without an ending.
pub(crate) fn page_name(id: &str) -> Result<String> {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    let ends = [id.bytes().next(), id.bytes().last()];
    ensure!(
        id.len() <= LONGEST_ID
            && id.bytes().all(inner)
            && ends
                .iter()
                .all(|b| b.is_some_and(|b| b.is_ascii_alphanumeric())),
        "{id:?} can't name a file: at most {LONGEST_ID} letters a to z, \
         digits, `.`, `_` and `-`, beginning and ending with a letter or a \
         digit"
    );
    // No id ends with `_`, so this is nobody else's.
    let stem = id.split('.').next().unwrap_or_default();
    let taken = TAKEN.iter().any(|name| stem.eq_ignore_ascii_case(name));
    Ok(if taken { format!("{id}_") } else { id.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::sample::{Texts, sample};

    #[test]
    fn what_is_not_whole_is_refused() {
        let good = sample(Texts::Hostile);
        whole(&good).unwrap();
        let refused = |change: fn(&mut Results)| {
            let mut results = good.clone();
            change(&mut results);
            format!("{:#}", whole(&results).unwrap_err())
        };
        for (error, says) in [
            (refused(|r| r.format = 2), "format 2"),
            (refused(|r| r.students.swap(0, 1)), "stands after"),
            (refused(|r| r.students[1] = r.students[0].clone()), "twice"),
            (refused(|r| r.students[1].id = "S000".into()), "twice"),
            (refused(|r| r.students[0].id = "../s".into()), "name a file"),
            (refused(|r| r.students[0].id = String::new()), "name a file"),
            (refused(|r| drop(r.students[3].marks.pop())), "5 marks for 6"),
            (refused(|r| r.students[0].marks.swap(0, 1)), "in the place of"),
            (refused(|r| r.students[0].marks[0].of += 1), "points, where"),
            (refused(|r| r.students[0].marks[3].points = 99), "99 points"),
            (
                refused(|r| {
                    r.students[0].marks[3].verdict = Graded::Inconclusive;
                }),
                "Inconclusive, where",
            ),
            (refused(|r| drop(r.students[0].marks[3].rules.pop())), "rules"),
        ] {
            assert!(error.contains(says), "{says}: {error}");
        }
    }

    #[test]
    fn no_student_takes_the_classes_page() {
        for (id, name) in [
            ("ada", "ada"),
            ("a.b-c_7", "a.b-c_7"),
            ("index", "index_"),
            ("INDEX", "INDEX_"),
            ("nul.x", "nul.x_"),
        ] {
            assert_eq!(page_name(id).unwrap(), name);
        }
        for id in [".a", "a.", "-rf", "a/b", "a\0", "ä", "=1", &"a".repeat(65)]
        {
            assert!(page_name(id).is_err(), "{id}");
        }
    }
}
