//! Run -> all of its JSON, written packet by packet: as a tree it would take
//! twenty times the room of a long run. Keys are sorted, as a tree's are.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};

use lab_kit::ladder::model::{Model, ModelRow};
use lab_kit::{Evidence, Segment, Trace};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::json::run_json;
use crate::discover::Lab;
use crate::run::Run;

/// Writes everything about a run to standard output, on a line; a closed pipe
/// is nobody's fault.
pub(crate) fn say_whole(lab: &Lab, run: &Run) {
    let out = anstream::AutoStream::auto(std::io::stdout());
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let _ = write_whole(&mut out, lab, run);
}

pub(crate) fn write_whole(
    out: &mut impl Write,
    lab: &Lab,
    run: &Run,
) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, &whole(lab, run))?;
    out.write_all(b"\n")?;
    out.flush()
}

/// A part of an object.
enum Part<'a> {
    Tree(Value),
    Parts(BTreeMap<String, Part<'a>>),
    Segments(&'a [Segment]),
    Rows(Vec<ModelRow>),
}

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Part::Tree(tree) => tree.serialize(to),
            Part::Parts(parts) => parts.serialize(to),
            Part::Segments(all) => to.collect_seq(all.iter().map(tree)),
            Part::Rows(all) => to.collect_seq(all.iter().map(tree)),
        }
    }
}

fn tree(one: &impl Serialize) -> Value {
    json!(one)
}

fn whole<'a>(lab: &Lab, run: &'a Run) -> Part<'a> {
    let long = [
        ("evidence", evidence(&run.evidence)),
        ("model", model(super::model(lab, run))),
    ];
    object(run_json(lab, run), long)
}

fn object<'a, const N: usize>(
    short: Value,
    long: [(&str, Part<'a>); N],
) -> Part<'a> {
    let mut parts = BTreeMap::new();
    if let Value::Object(short) = short {
        let short = short.into_iter();
        parts.extend(short.map(|(key, value)| (key, Part::Tree(value))));
    }
    parts.extend(long.map(|(key, part)| (key.to_string(), part)));
    Part::Parts(parts)
}

fn evidence(run: &Evidence) -> Part<'_> {
    let Trace { hosts, segments } = &run.trace;
    let trace = json!({"hosts": hosts});
    let trace = object(trace, [("segments", Part::Segments(segments))]);
    let short = Evidence {
        trace: Trace::default(),
        marks: run.marks.clone(),
        observations: run.observations.clone(),
        steps: run.steps.clone(),
        quiets: run.quiets.clone(),
        counters: run.counters.clone(),
        left: run.left.clone(),
        options: run.options.clone(),
        said: run.said.clone(),
    };
    object(json!(short), [("trace", trace)])
}

fn model(mut model: Model) -> Part<'static> {
    let rows = std::mem::take(&mut model.rows);
    object(json!(model), [("rows", Part::Rows(rows))])
}

#[cfg(test)]
mod tests {
    use lab_kit::Finding;
    use lab_kit::ladder::Detail;

    use super::*;

    #[test]
    fn it_is_written_as_its_tree_would_be() {
        let mut run = Evidence::default();
        let bytes = vec![0x45, 0, 0, 28];
        let segment = Segment { flow: 1, bytes, ..Segment::default() };
        run.trace.hosts = vec!["client".into(), "server".into()];
        run.trace.segments = vec![segment.clone(), segment];
        run.options.insert("client:cork".into(), "1".into());
        let drawn = Model::of_evidence(
            "x",
            "6.1",
            &run,
            &["so it is".into()],
            &[Finding::new(true, "", "")],
            Detail::default(),
        );
        let text = |part| serde_json::to_string::<Part>(&part).unwrap();
        assert_eq!(text(evidence(&run)), json!(run).to_string());
        let tree = json!(drawn).to_string();
        assert!(tree.contains("\"n\":2"), "{tree}");
        assert_eq!(text(model(drawn)), tree);
    }
}
