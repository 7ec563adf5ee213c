//! Run -> the ladder's model for browsers.

use lab_kit::ladder::model::Model;

use crate::discover::Lab;
use crate::run::Run;

/// Everything about a run that a browser draws.
pub(crate) fn model(lab: &Lab, run: &Run) -> Model {
    let of = format!("{}/{}", lab.described.name, run.plan.name);
    let seen = &run.notes.seen;
    let made =
        lab_trace::model(&of, &run.plan, seen, &run.frames, &run.findings);
    // A run without frames (of a test) has none to decode.
    made.unwrap_or_else(|_| Model { of, ..Model::default() })
}
