//! Plan -> its namespaces, with their sysctls pinned and no link yet.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use lab_kit::{Knob, Plan};

use super::ethtool::Ethtool;
use super::layout::{LO, Layout};
use super::namespace::Namespace;
use super::netlink::Routing;
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

/// A namespace, and what we speak to its kernel with.
pub(super) struct Site {
    pub(super) namespace: Namespace,
    pub(super) routing: Routing,
    pub(super) ethtool: Ethtool,
}

/// All namespaces of a network.
pub(super) struct Sites(BTreeMap<Home, Site>);

impl Sites {
    pub(super) fn new(
        plan: &Plan,
        layout: &Layout,
        knobs: &[Knob],
    ) -> Result<Self> {
        // The size of the table is inherited, here from the stage's own
        // namespace, in which nothing else is.
        sysctl::set_if_there(TABLE.0, TABLE.1)?;
        let mut sites = BTreeMap::new();
        for (host, name) in plan.hosts.iter().enumerate() {
            let home = layout.homes[host];
            if home == host {
                let site = Site::new(pins::PINS);
                let site = site.with_context(|| prepare(name))?;
                sites.insert(Home::Host(host), site);
            }
            let site = sites.get(&Home::Host(home));
            let site = site.with_context(|| prepare(name))?;
            site.namespace.inside(|| knobs::before_devices(knobs, name))?;
        }
        if plan.has_wire() {
            let site = Site::new(&[]);
            let site = site.with_context(|| prepare("the wire"))?;
            sites.insert(Home::Middle, site);
        }
        Ok(Sites(sites))
    }

    pub(super) fn get(&mut self, home: Home) -> Result<&mut Site> {
        self.0.get_mut(&home).with_context(|| missing(home))
    }

    pub(super) fn namespace(&self, home: Home) -> Result<Namespace> {
        let site = self.0.get(&home).with_context(|| missing(home))?;
        Ok(site.namespace.clone())
    }
}

impl Site {
    fn new(pins: &[pins::Pin]) -> Result<Self> {
        let namespace = Namespace::new()?;
        namespace.inside(|| {
            pins::apply(pins::SILENCE)?;
            pins::apply(pins)
        })?;
        let mut routing = Routing::open(&namespace)?;
        routing.up(LO, true)?;
        let ethtool = Ethtool::open(&namespace)?;
        Ok(Site { namespace, routing, ethtool })
    }
}

fn prepare(name: &str) -> String {
    format!("prepare the namespace of {name}")
}

fn missing(home: Home) -> String {
    format!("no namespace was made for {home:?}; this is a bug of ours")
}
