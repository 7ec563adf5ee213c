//! Plan -> its namespaces, with no link yet, ready for devices.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use lab_kit::{Knob, Plan};

use super::layout::{LO, Layout};
use super::namespace::Namespace;
use super::netlink;
use super::{knobs, pins, sysctl};

/// sock_diag walks the whole table of connections each time it's asked; a
/// namespace can have a small one of its own since 6.1.
const TABLE: (&str, &str) = ("net.ipv4.tcp_child_ehash_entries", "64");

/// Whose namespace it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Home {
    /// A host's, by its index.
    Host(usize),
    /// The forwarder's, where all wires end.
    Middle,
}

/// All namespaces of a network.
pub(super) struct Sites(BTreeMap<Home, Namespace>);

impl Sites {
    pub(super) fn new(
        plan: &Plan,
        layout: &Layout,
        knobs: &[Knob],
    ) -> Result<Self> {
        // The size of the table is inherited, here from the namespace that
        // all stages begin in, and in which nothing else is.
        sysctl::pin_if_there(TABLE.0, TABLE.1)?;
        let mut namespaces = BTreeMap::new();
        for (host, name) in plan.hosts.iter().enumerate() {
            let home = Home::Host(layout.homes[host]);
            let prepared = match namespaces.get(&home) {
                None => namespace(knobs, name)
                    .map(|fresh| drop(namespaces.insert(home, fresh))),
                Some(old) => knobs::before_devices(knobs, name, old),
            };
            prepared.with_context(|| prepare(name))?;
        }
        if plan.has_wire() {
            let middle = Namespace::fresh(|_| pins::apply(pins::SILENCE));
            let middle = middle.with_context(|| prepare("the wire"))?;
            namespaces.insert(Home::Middle, middle);
        }
        Ok(Sites(namespaces))
    }

    pub(super) fn namespace(&self, home: Home) -> Result<&Namespace> {
        self.0.get(&home).with_context(|| {
            format!("no namespace was made for {home:?}; a bug of ours")
        })
    }
}

/// A fresh one with all that devices copy, before there is any but lo.
fn namespace(knobs: &[Knob], host: &str) -> Result<Namespace> {
    Namespace::fresh(|fresh| {
        pins::apply(pins::SILENCE)?;
        pins::apply(pins::COPIED)?;
        knobs::before_devices(knobs, host, fresh)?;
        fresh.routing(|lo| lo.change(vec![netlink::up(LO, true)]))
    })
}

fn prepare(name: &str) -> String {
    format!("prepare the namespace of {name}")
}
