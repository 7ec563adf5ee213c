//! Run -> the ladder's model for browsers.

use lab_kit::ladder::model::Model;

use crate::discover::Lab;
use crate::run::Run;

/// Everything about a run that a browser draws.
pub(crate) fn model(lab: &Lab, run: &Run) -> Model {
    let of = format!("{}/{}", lab.described.name, run.plan.name);
    let left = (&run.notes.seen, &run.frames[..]);
    let made =
        lab_trace::model_of(&of, &run.plan, &run.evidence, left, &run.findings);
    // A run without frames (of a test) has none to decode.
    made.unwrap_or_else(|_| Model { of, ..Model::default() })
}
