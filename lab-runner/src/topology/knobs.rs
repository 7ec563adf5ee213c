//! Knobs -> settings of the hosts, each written and read back. A knob that
//! the kernel doesn't know or doesn't keep is an error.

use anyhow::{Context, Result, bail, ensure};
use lab_kit::{Knob, Plan};

use super::{Host, Namespace, netlink::Routing, routes, sysctl};

/// The knobs that are the topology's business: the plan's own, then the
/// others; the last one to turn a knob wins.
pub(super) fn in_force(plan: &Plan, knobs: &[Knob]) -> Result<Vec<Knob>> {
    let all: Vec<&Knob> = plan.knobs.iter().chain(knobs).collect();
    let mut kept: Vec<Knob> = Vec::new();
    for knob in all.into_iter().filter(|k| host_and_key(k).is_some()) {
        check(plan, knob).with_context(|| format!("knob {knob}"))?;
        kept.retain(|earlier| host_and_key(earlier) != host_and_key(knob));
        kept.push(knob.clone());
    }
    Ok(kept)
}

/// What it turns, if that is a setting of a kernel.
fn host_and_key(knob: &Knob) -> Option<(&str, &str, bool)> {
    match knob {
        Knob::Sysctl { host, key, .. } => Some((host, key, true)),
        Knob::Route { host, key, .. } => Some((host, key, false)),
        // The host's program and the wire see to these.
        Knob::Option { .. } | Knob::Link { .. } => None,
    }
}

fn check(plan: &Plan, knob: &Knob) -> Result<()> {
    let Some((host, _, _)) = host_and_key(knob) else { return Ok(()) };
    ensure!(
        plan.hosts.iter().any(|known| known == host),
        "{} has no host {host}: its hosts are {}",
        plan.name,
        plan.hosts.join(", ")
    );
    match knob {
        Knob::Sysctl { key, .. } => sysctl::path(key).map(drop),
        Knob::Route { key, value, .. } => {
            ensure!(
                !plan.raw.iter().any(|raw| raw == host),
                "{host} is raw: it has no IP stack, so no routes"
            );
            routes::parse(key, value).map(drop)
        }
        Knob::Option { .. } | Knob::Link { .. } => Ok(()),
    }
}

/// Turns those sysctls that exist before there is any device, so that what
/// devices copy (`conf.default`) reaches them.
pub(super) fn before_devices(
    knobs: &[Knob],
    of: &str,
    namespace: &Namespace,
) -> Result<()> {
    namespace.inside(|| {
        for (key, value) in sysctls(knobs, of) {
            sysctl::set_if_there(key, value)
                .with_context(|| format!("knob {of}:{key}={value}"))?;
        }
        Ok(())
    })
}

/// Turns all others: sysctls of devices, and routes.
pub(super) fn after_devices(knobs: &[Knob], host: &Host) -> Result<()> {
    let name = host.name.as_str();
    host.namespace.inside(|| {
        for (key, value) in sysctls(knobs, name) {
            // Again, since one that was turned later may have changed it.
            let found = sysctl::set_if_there(key, value)
                .with_context(|| format!("knob {name}:{key}={value}"))?;
            if !found {
                bail!("{}", unknown(name, key)?);
            }
        }
        Ok(())
    })?;
    for knob in knobs {
        let Knob::Route { host: of, key, value } = knob else { continue };
        if of == name {
            let set = |routing: &mut Routing| {
                routes::set(routing, &host.ends, key, value)
            };
            host.namespace
                .routing(set)
                .with_context(|| format!("knob {knob}"))?;
        }
    }
    Ok(())
}

fn sysctls<'a>(
    knobs: &'a [Knob],
    of: &'a str,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    knobs.iter().filter_map(move |knob| match knob {
        Knob::Sysctl { host, key, value } if host == of => {
            Some((key.as_str(), value.as_str()))
        }
        _ => None,
    })
}

fn unknown(host: &str, key: &str) -> Result<String> {
    let path = sysctl::path(key)?;
    let near = match sysctl::near(key).as_slice() {
        [] => String::new(),
        names => format!("; near: {}", names.join(", ")),
    };
    Ok(format!(
        "host {host} has no sysctl {key}: {} does not exist{near}",
        path.display()
    ))
}
