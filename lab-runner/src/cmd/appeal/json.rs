//! An appeal -> one JSON object.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::grade::appeal::{Appealed, File, Order};
use crate::grade::results::Mark;
use crate::report::VERSION;

pub(super) fn object(
    order: &Order,
    one: &Appealed,
    saved: Option<PathBuf>,
) -> Value {
    let (kept, kept_lacks) = match &one.kept {
        Ok((run, mark)) => {
            let mut object = worth(mark);
            object["rules"] = json!(mark.rules);
            object["text"] = json!(run.text);
            (object, Value::Null)
        }
        Err(why) => (Value::Null, json!(why)),
    };
    let (beside, beside_lacks) = match &one.beside {
        None => (Value::Null, Value::Null),
        Some(Ok(both)) => (
            json!({
                "answer": both.answer, "solution": both.solution,
                "parts_at": both.parts_at,
            }),
            Value::Null,
        ),
        Some(Err(why)) => (Value::Null, json!(why)),
    };
    let against = one.against();
    let evidence: Vec<_> = one.evidence.iter().map(file).collect();
    let again: Vec<_> = one.again.iter().map(worth).collect();
    json!({
        "version": VERSION, "student": order.student,
        "exercise": one.found.name(), "mark": worth(&one.mark),
        "results_sha256": order.class.sha256,
        "answer": file(&one.answer), "evidence": evidence,
        "kept": kept, "kept_lacks": kept_lacks,
        "beside": beside, "beside_lacks": beside_lacks,
        "again": again, "notes": one.notes, "against": against,
        "stands": one.exit_code() == 0, "exit_code": one.exit_code(),
        "pcap": saved,
    })
}

fn file(file: &File) -> Value {
    json!({
        "path": file.path, "bytes": file.bytes, "same": file.changed.is_none(),
        "why": file.changed,
    })
}

fn worth(mark: &Mark) -> Value {
    json!({
        "verdict": mark.verdict, "cause": mark.cause, "points": mark.points,
        "of": mark.of, "why": mark.why,
    })
}
