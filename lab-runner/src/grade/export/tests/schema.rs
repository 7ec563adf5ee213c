//! `schemas/results-v1.json` and `Results` take the same files.

use jsonschema::Validator;
use serde_json::{Value, json};

use super::file;
use crate::grade::results::Results;
use crate::grade::sample::{Texts, sample};

const SCHEMA: &str = include_str!("../../../../schemas/results-v1.json");

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn results(texts: Texts) -> Value {
    let mut results = sample(texts);
    results.students.truncate(12);
    serde_json::from_str(&file(&results, "results.json")).unwrap()
}

#[test]
fn real_results_are_as_the_schema_says() {
    let validator = validator();
    for texts in [Texts::Hostile, Texts::Plain] {
        let mut results = results(texts);
        for partition in [Value::Null, json!("slice:2/4")] {
            results["partition"] = partition;
            let errors: Vec<_> = validator
                .iter_errors(&results)
                .map(|e| e.to_string())
                .collect();
            assert_eq!(errors, [""; 0]);
        }
    }
}

/// One object of each kind, by its place.
const OBJECTS: [&str; 12] = [
    "",
    "/exercises/0",
    "/exercises/0/rules/0",
    "/students/3",
    "/students/3/left_out/0",
    "/students/0/marks/3",
    "/students/0/marks/3/rules/0",
    "/students/0/marks/3/programs/0",
    "/students/0/marks/3/layers/0",
    "/students/0/marks/3/evidence",
    "/students/0/marks/3/evidence/files/0",
    "/strangers/0",
];

/// Without a field, with another, or with a field of another kind: both the
/// schema and the type refuse it.
#[test]
fn what_the_type_refuses_the_schema_refuses() {
    let validator = validator();
    let good = results(Texts::Plain);
    let refused = |results: Value, what: &str| {
        assert!(!validator.is_valid(&results), "schema: {what}");
        let read = serde_json::from_value::<Results>(results);
        assert!(read.is_err(), "type: {what}");
    };
    for place in OBJECTS {
        let object = good.pointer(place).and_then(Value::as_object);
        let object = object.unwrap_or_else(|| panic!("no object at {place}"));
        for (field, value) in object {
            let what = format!("{place}/{field}");
            let mut less = good.clone();
            let at = less.pointer_mut(place).unwrap().as_object_mut().unwrap();
            at.remove(field);
            let may_lack = ["partition", "email", "evidence", "lacks"];
            let may_lack = may_lack.contains(&field.as_str());
            if !may_lack {
                refused(less, &format!("without {what}"));
            }
            let other = match value {
                Value::Array(_) => json!("no list"),
                _ => json!(["a list"]),
            };
            let mut changed = good.clone();
            *changed.pointer_mut(&what).unwrap() = other;
            refused(changed, &format!("another kind of {what}"));
        }
        let mut more = good.clone();
        more.pointer_mut(place).unwrap()["forged"] = json!(1);
        refused(more, &format!("more at {place}"));
    }
}

#[test]
fn values_that_cannot_be_are_refused() {
    let validator = validator();
    let good = results(Texts::Plain);
    for (place, value) in [
        ("/format", json!(2)),
        ("/exercises_digest", json!("ABCD")),
        ("/partition", json!("2/4")),
        ("/students/0/id", json!("../s")),
        ("/students/0/marks/3/verdict", json!("excused")),
        ("/students/0/marks/3/cause", json!("bribed")),
        ("/students/0/marks/3/points", json!(-1)),
        ("/exercises/0/kind", json!("guess")),
    ] {
        let mut changed = good.clone();
        *changed.pointer_mut(place).unwrap() = value;
        assert!(!validator.is_valid(&changed), "{place}");
    }
}

#[test]
fn every_field_is_described() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let kinds = schema["$defs"].as_object().unwrap().values();
    for kind in kinds.chain([&schema]) {
        assert!(kind["description"].is_string(), "{kind}");
        let fields = kind["properties"].as_object();
        for (name, field) in fields.into_iter().flatten() {
            let says = field["description"].as_str().unwrap_or_default();
            assert!(says.len() > 10, "{name} is not described");
        }
    }
}
