//! No plan yet -> two hosts and a cable, as most plans want them; they become a
//! plan's network if it is laid out just so.

use anyhow::Result;
use lab_kit::{Experiment, Knob, Plan, cable};

use super::layout::Layout;
use super::{Network, join, knobs};

/// A network that was built before its plan was known.
pub(crate) struct Ahead {
    plan: Plan,
    network: Network,
}

fn usual() -> Plan {
    let usual = Experiment::new("ahead", "What will be asked?");
    usual.link(cable("left", "right")).plan().clone()
}

/// Whether a plan's network differs from the usual one in nothing but names,
/// and no knob is turned that a device might copy when it's made.
pub(crate) fn is_usual(plan: &Plan, turned: &[Knob]) -> bool {
    let late = |knob: &Knob| match knob {
        Knob::Sysctl { key, .. } => key.starts_with("net.ipv4.tcp_"),
        _ => true,
    };
    let [this, usual] = [Layout::of(plan), Layout::of(&usual())];
    let alike = this.ok().zip(usual.ok()).is_some_and(|(a, b)| a == b);
    alike && knobs::in_force(plan, turned).is_ok_and(|k| k.iter().all(late))
}

/// Builds it. Call it in a network namespace of your own.
pub(crate) fn ahead() -> Result<Ahead> {
    let plan = usual();
    let network = join(&plan, &[])?;
    Ok(Ahead { plan, network })
}

impl Ahead {
    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    /// The network of a plan that is usual, to be settled like any other.
    pub(crate) fn becomes(self, plan: &Plan) -> Network {
        let mut network = self.network;
        for (host, name) in network.hosts.iter_mut().zip(&plan.hosts) {
            host.name.clone_from(name);
        }
        network
    }
}
