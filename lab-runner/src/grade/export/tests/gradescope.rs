//! `gradescope/<id>.json`, held against the autograder specification.

use serde_json::Value;

use super::super::files;
use crate::grade::results::{Graded, Student};
use crate::grade::sample::{Texts, sample};

/// The words that the specification knows.
const TOP: [&str; 11] = [
    "score",
    "execution_time",
    "output",
    "output_format",
    "test_output_format",
    "test_name_format",
    "visibility",
    "stdout_visibility",
    "extra_data",
    "tests",
    "leaderboard",
];
const TEST: [&str; 11] = [
    "score",
    "max_score",
    "status",
    "name",
    "name_format",
    "number",
    "output",
    "output_format",
    "tags",
    "visibility",
    "extra_data",
];
const VISIBLE: [&str; 4] =
    ["hidden", "after_due_date", "after_published", "visible"];

fn keys_are(value: &Value, known: &[&str]) {
    for key in value.as_object().unwrap().keys() {
        assert!(known.contains(&key.as_str()), "{key}");
    }
}

fn each(check: impl Fn(&Student, &Value)) {
    let results = sample(Texts::Hostile);
    let files = files(&results).unwrap();
    for student in &results.students {
        let name = format!("gradescope/{}.json", student.id);
        let (_, bytes) = files.iter().find(|(n, _)| *n == name).unwrap();
        check(student, &serde_json::from_slice(bytes).unwrap());
    }
}

#[test]
fn fields_are_those_of_the_specification() {
    each(|_, submission| {
        keys_are(submission, &TOP);
        assert!(submission["score"].is_number());
        for key in ["output_format", "test_output_format", "test_name_format"] {
            assert_eq!(submission[key], "text");
        }
        for test in submission["tests"].as_array().unwrap() {
            keys_are(test, &TEST);
            assert!(VISIBLE.contains(&test["visibility"].as_str().unwrap()));
            assert!(
                ["passed", "failed"]
                    .contains(&test["status"].as_str().unwrap())
            );
            assert_eq!(
                (&test["output_format"], &test["name_format"]),
                (&"text".into(), &"text".into())
            );
            assert!(
                test["tags"].as_array().unwrap().iter().all(Value::is_string)
            );
            assert!(
                test["name"].is_string()
                    && test["output"].is_string()
                    && test["number"].is_string()
            );
        }
    });
}

#[test]
fn the_tests_add_up_to_the_score() {
    each(|student, submission| {
        let tests = submission["tests"].as_array().unwrap();
        let sum = |key: &str| -> u64 {
            tests.iter().filter_map(|test| test[key].as_u64()).sum()
        };
        let judged: u32 = student
            .marks
            .iter()
            .filter(|mark| mark.verdict != Graded::Inconclusive)
            .map(|mark| mark.of)
            .sum();
        assert_eq!(submission["score"].as_u64(), Some(sum("score")));
        assert_eq!(sum("score"), u64::from(student.points()));
        assert_eq!(sum("max_score"), u64::from(judged));
        assert_eq!(tests.len(), 24);
    });
}

#[test]
fn an_open_mark_is_no_zero() {
    each(|student, submission| {
        let output = submission["output"].as_str().unwrap();
        assert_eq!(output.starts_with("NOT FINAL"), student.is_open());
        assert_eq!(submission["extra_data"]["final"], !student.is_open());
        let tests = submission["tests"].as_array().unwrap();
        for (n, mark) in student.marks.iter().enumerate() {
            let open = mark.verdict == Graded::Inconclusive;
            let number = format!("{}.", n + 1);
            let ours = tests.iter().filter(|test| {
                test["number"].as_str().unwrap().starts_with(&number)
            });
            for test in ours {
                assert_eq!(test.get("score").is_none(), open);
                assert_eq!(test.get("max_score").is_none(), open);
                assert_eq!(test["visibility"] == "hidden", open);
                let name = test["name"].as_str().unwrap();
                assert_eq!(name.contains("no mark yet"), open, "{name}");
            }
            assert_eq!(
                output.contains(&format!("open: {}", mark.exercise)),
                open
            );
        }
    });
}
