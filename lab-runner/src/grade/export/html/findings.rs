//! A class's results -> what a teacher has to look after: files that were left
//! out, folders of nobody, boxes without a layer.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::parts::scrolls;
use super::{Bare, Text};
use crate::grade::results::Results;

/// Files that intake did not take.
pub(super) fn left_out(results: &Results) -> Markup {
    let files: Vec<_> = results
        .students
        .iter()
        .flat_map(|s| s.left_out.iter().map(move |left| (s, left)))
        .collect();
    let table = html! { table {
        thead { tr { @for name in ["Student", "File", "What", "Why"] {
            th scope="col" { (name) }
        } } }
        tbody { @for (student, left) in &files { tr {
            th scope="row" { code { (Bare(&student.id)) } }
            td { code { (Text(&left.path)) } }
            td { (Text(&left.what)) }
            td { (Text(&left.why)) }
        } } }
    } };
    html! { @if !files.is_empty() { section {
        h2 { "Files that were left out" }
        (scrolls("Files that were left out", &table))
    } } }
}

/// Folders that nobody claims.
pub(super) fn strangers(results: &Results) -> Markup {
    let table = html! { table {
        thead { tr { @for name in ["Folder", "Why"] {
            th scope="col" { (name) }
        } } }
        tbody { @for stranger in &results.strangers { tr {
            th scope="row" { code { (Text(&stranger.folder)) } }
            td { (Text(&stranger.why)) }
        } } }
    } };
    html! { @if !results.strangers.is_empty() { section {
        h2 { "Folders that belong to nobody" }
        (scrolls("Folders that belong to nobody", &table))
    } } }
}

/// Layers of the box that were off: which, why, and for whom.
pub(super) fn weak(results: &Results) -> Markup {
    let mut weak: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for student in &results.students {
        let layers = student.marks.iter().flat_map(|mark| &mark.layers);
        for held in layers.filter(|held| !held.on) {
            let key = (held.layer.as_str(), held.note.as_str());
            weak.entry(key).or_default().push(&student.id);
        }
    }
    let table = html! { table {
        thead { tr { @for name in ["Layer", "Runs", "Why", "Students"] {
            th scope="col" { (name) }
        } } }
        tbody { @for ((layer, note), ids) in &weak { tr {
            th scope="row" { (Text(layer)) }
            td.number { (ids.len()) }
            td { (Text(note)) }
            td { @for id in ids.iter().collect::<BTreeSet<_>>() {
                code { (Bare(id)) } " "
            } }
        } } }
    } };
    html! { @if !weak.is_empty() { section {
        h2 { "Boxes without a layer" }
        p { "These answers ran with less between them and the machine than \
            there can be; " code { "lab-runner doctor" }
            " says how to get it." }
        (scrolls("Layers that were off", &table))
    } } }
}
