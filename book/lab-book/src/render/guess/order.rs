//! `kind=order`: packets, calls and recorded states, to be put in the order of
//! the accepted trace.

use lab_kit::ladder::model::ModelRow;
use serde_json::{Value, json};

use super::{Made, list, shown};
use crate::checks::{Ground, Place};
use crate::fields::{Fault, Field, groups, mark};

struct Item {
    text: String,
    place: Value,
    /// Row of the model.
    at: usize,
}

pub(super) fn make(fields: &[Field], ground: &Ground) -> Result<Made, Fault> {
    let groups = groups(fields, &["item"]);
    let mut items = Vec::new();
    for (item, own) in groups {
        let odd = |why: String| item.fault(why);
        let place = Place::read(&item.value).map_err(odd)?;
        let at = place.row(ground).map_err(odd)?;
        let text = own.iter().find(|f| f.key == "text");
        let text = text.map(|f| f.value.clone());
        items.push(Item {
            text: text.unwrap_or_else(|| said(&ground.model.rows[at])),
            place: place.told(ground).map_err(odd)?,
            at,
        });
    }
    items.sort_by_key(|item| item.at);
    let same = items.windows(2).find(|pair| pair[0].at == pair[1].at);
    if items.len() < 3 || same.is_some() {
        let below = fields.first().map_or(0, |f| f.below);
        let what = match same {
            Some(pair) => format!("`{}` is there twice", pair[0].text),
            None => "an order has three items or more".into(),
        };
        return Err(Fault { below, what });
    }
    let shuffled = shuffled(&items);
    let paper = list(shuffled.iter().map(|n| shown(&items[*n].text)));
    let told =
        items.iter().map(|item| json!({"text": item.text, "at": item.place}));
    let told: Vec<_> = told.collect();
    Ok(Made { key: json!({"items": told, "shuffled": shuffled}), paper })
}

/// Another order than the right one, the same at each build.
fn shuffled(items: &[Item]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|n| mark(&format!("{n}{}", items[*n].text)));
    if order.is_sorted() {
        order.reverse();
    }
    order
}

/// A row in words.
fn said(row: &ModelRow) -> String {
    match row {
        ModelRow::Packet(p) => {
            format!("{} to {}: `{}`", p.from, p.to, p.label)
        }
        ModelRow::Note { host, text, .. } => format!("{host}: `{text}`"),
        ModelRow::States { label, .. } => label.clone(),
        _ => String::new(),
    }
}
