//! One accepted trace, three views: what the terminal draws, what the page
//! draws without scripts, and the model that scripts draw. They hold the same
//! packets in the same order with the same labels. (That a browser draws the
//! model is tested in `book/widgets/tests/`, from the same file.)

use std::path::Path;

use lab_book::{Folder, Page, expand, with_cargo, workspace};
use lab_kit::ladder::model::Model;
use lab_kit::ladder::text::draw;
use lab_kit::ladder::{Detail, Ladder};
use lab_kit::{Evidence, Plan};
use lab_trace::{Seen, evidence, read};

/// A handshake, a delayed ACK, a wire that holds every segment, a lost segment;
/// and how many pure ACKs the snapshot folds into the next segment.
const SHOWN: [(&str, &str, usize); 4] = [
    ("ch01-handshake-and-teardown", "handshake", 0),
    ("ch05-delayed-ack", "first-ack", 0),
    ("ch01-handshake-and-teardown", "walk", 0),
    ("ch01-handshake-and-teardown", "last-ack-lost", 1),
];

/// Sender, receiver, label, whether it is lost.
type Arrow = (String, String, String, bool);

fn kept(package: &str, plan: &Plan) -> Evidence {
    let stem = format!("labs/{package}/snapshots/{}", plan.name);
    let at = |ending: &str| workspace().join(format!("{stem}.{ending}"));
    let notes = std::fs::read(at("notes.json")).unwrap();
    let seen: Seen = serde_json::from_slice(&notes).unwrap();
    let taps = 0..seen.taps.len();
    let frames = taps.map(|n| read(&at(&seen.ending(n))).unwrap());
    let frames: Vec<_> = frames.collect();
    evidence(&seen, &frames, plan.keeps_bytes).unwrap()
}

/// As `lab-runner` has it, in a wide terminal.
fn terminal(package: &str, plan: &Plan) -> Vec<Arrow> {
    let detail = Detail {
        windows: plan.shows_windows,
        by_arrival: plan.is_stepped(),
        ..Detail::default()
    };
    let run = kept(package, plan);
    let ladder = Ladder::of_evidence(&run, &[], &[], detail);
    let [left, right] = [0, 1].map(|n| plan.hosts[n].clone());
    let arrow = |line: String| {
        let body = &line[line.find('─')?..line.rfind('─')?];
        let label = body.trim_matches(['─', ' ']).to_string();
        let whole = line.trim_end_matches([' ', '│', '①', '②', '③', '④']);
        let lost = line.contains('✗');
        // What is lost ends where an arrow would have its head.
        let to_right = line.contains('▶') || whole.ends_with('✗');
        let (from, to) = match to_right {
            true => (left.clone(), right.clone()),
            false => (right.clone(), left.clone()),
        };
        Some((from, to, label, lost))
    };
    draw(&ladder, 110).into_iter().filter_map(|l| arrow(l.text)).collect()
}

fn plain(html: &str) -> String {
    [("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">")]
        .iter()
        .fold(html.to_string(), |text, (from, to)| text.replace(from, to))
        .replace("&amp;", "&")
}

/// What stands between these, each time.
fn between<'a>(
    html: &'a str,
    begins: &'a str,
    ends: &'a str,
) -> impl Iterator<Item = &'a str> {
    let parts = html.split(begins).skip(1);
    parts.filter_map(move |part| Some(part.split_once(ends)?.0))
}

/// The drawing's labels; senders and receivers as the table has them.
fn page(html: &str) -> Vec<Arrow> {
    let labels = between(html, "<text class=\"label", "</text>");
    let labels = labels.filter_map(|text| Some(plain(text.split_once('>')?.1)));
    let rows = between(html, "<tr>", "</tr>");
    let hosts = rows.filter_map(|row| {
        let cells: Vec<_> = between(row, "<td>", "</td>").collect();
        let (from, to) = cells.get(1)?.split_once(" to ")?;
        let lost = cells.last()?.contains("lost");
        Some((plain(from), plain(to), lost))
    });
    let both = labels.zip(hosts.collect::<Vec<_>>());
    both.map(|(label, (from, to, lost))| (from, to, label, lost)).collect()
}

fn model(script: &str) -> Vec<Arrow> {
    let json = script.split_once(',').unwrap().1.trim_end();
    let model: Model =
        serde_json::from_str(json.strip_suffix(");").unwrap()).unwrap();
    let arrow = |p: &lab_kit::ladder::model::ModelPacket| {
        let lost = p.arrived.is_none();
        (p.from.clone(), p.to.clone(), p.label.clone(), lost)
    };
    model.packets().map(arrow).collect()
}

#[test]
fn the_terminal_the_page_and_the_model_show_the_same_packets() {
    for (package, experiment, folded) in SHOWN {
        let lab = package.split('-').next().unwrap();
        let name = format!("{lab}/{experiment}");
        let text = format!("# T\n\n{{{{#ladder {name}}}}}\n");
        let pages = [Page { file: Path::new("t.md").into(), text }];
        let root = workspace();
        let expanded = expand(&pages, &root, &with_cargo).unwrap().remove(0);
        assert_eq!(expanded.lacks, []);
        let folder = Folder { name: lab.into(), package: package.into() };
        let known = with_cargo(&root, &[folder]).remove(0).unwrap();
        let plans = known.described.experiments;
        let plan = plans.iter().find(|p| p.name == experiment).unwrap();
        let model = model(&expanded.models[&name]);
        assert!(model.len() >= 3, "{name}");
        assert_eq!(terminal(package, plan), model, "{name}: the terminal");
        let page = page(&expanded.text);
        let mut drawn = page.iter().peekable();
        let left_out = model.iter().filter(|a| drawn.next_if_eq(a).is_none());
        let left_out: Vec<_> = left_out.collect();
        let whole = drawn.next().is_none() && left_out.len() == folded;
        let acks = left_out.iter().all(|(_, _, l, _)| l.starts_with("ACK "));
        assert!(whole && acks, "{name}: {page:?}, not {model:?}");
    }
}
