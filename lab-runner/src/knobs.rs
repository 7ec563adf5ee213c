//! What a reader wrote after `--set` -> a knob, if there is such a knob.

use anyhow::{Context, Result, bail};
use lab_kit::{Knob, Link, LinkKind, Plan};

use lab_kit::names::nearest;

/// `host:key=value` or `link:key=value`.
pub(crate) fn parse(text: &str, plan: &Plan) -> Result<Knob> {
    let form = "write it as host:key=value or link:key=value";
    let (name, value) = text
        .split_once('=')
        .with_context(|| format!("--set {text}: no value; {form}"))?;
    let (host, key) = name
        .split_once(':')
        .with_context(|| format!("--set {text}: no host; {form}"))?;
    let (host, key, value) =
        (host.to_string(), key.to_string(), value.to_string());
    if host == "link" {
        let mut link = link_with(plan, &key)?.clone();
        set_link(&mut link, &key, &value)?;
        return Ok(Knob::Link { key, value });
    }
    if !plan.hosts.contains(&host) {
        let hosts: Vec<_> = plan.hosts.iter().map(String::as_str).collect();
        bail!(
            "--set {text}: {} has no host {host:?}; {}",
            plan.name,
            nearest(&host, hosts)
        );
    }
    if key.starts_with("net.") {
        return Ok(Knob::Sysctl { host, key, value });
    }
    if let Some(key) = key.strip_prefix("route.") {
        return Ok(Knob::Route { host, key: key.into(), value });
    }
    let declared: Vec<&str> = plan
        .options
        .iter()
        .filter_map(|knob| match knob {
            Knob::Option { host: h, key, .. } if *h == host => {
                Some(key.as_str())
            }
            _ => None,
        })
        .collect();
    if declared.contains(&key.as_str()) {
        return Ok(lab_kit::option(&host, &key, value));
    }
    bail!(
        "--set {text}: {host} has no knob {key:?}. A knob is a sysctl \
         (net.ipv4.tcp_sack), a route attribute (route.quickack), or an \
         option of its program: {}",
        nearest(&key, declared)
    )
}

fn link_with<'a>(plan: &'a Plan, key: &str) -> Result<&'a Link> {
    let mut links = plan.links.iter();
    let has_it = |link: &&Link| match link.kind {
        LinkKind::Wire => true,
        LinkKind::Loopback => key == "rate",
        LinkKind::Cable => false,
    };
    links.find(has_it).with_context(|| {
        format!(
            "--set link:{key}: {} has no wire, a cable has no {key}, and a \
             loopback only a rate",
            plan.name
        )
    })
}

/// Turns a link's knob: `delay=20ms`, `rate=1mbit`.
pub(crate) fn set_link(link: &mut Link, key: &str, value: &str) -> Result<()> {
    match key {
        "delay" => link.delay_ns = unit(value, &TIMES).context("link:delay")?,
        "rate" => link.rate_bps = unit(value, &RATES).context("link:rate")?,
        _ => {
            bail!("a link has no {key:?}; {}", nearest(key, ["delay", "rate"]))
        }
    }
    Ok(())
}

const TIMES: [(&str, u64); 4] =
    [("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)];
const RATES: [(&str, u64); 4] =
    [("gbit", 1_000_000_000), ("mbit", 1_000_000), ("kbit", 1_000), ("bit", 1)];

fn unit(value: &str, units: &[(&str, u64)]) -> Result<u64> {
    let known = units.iter().find_map(|(unit, factor)| {
        let number: u64 = value.strip_suffix(unit)?.trim().parse().ok()?;
        number.checked_mul(*factor)
    });
    let names: Vec<_> = units.iter().map(|(unit, _)| *unit).collect();
    known.with_context(|| {
        format!(
            "{value:?} is no number with one of the units {}",
            names.join(", ")
        )
    })
}

/// The options in force: the defaults, then what was turned.
pub(crate) fn options(
    plan: &Plan,
    turned: &[Knob],
) -> std::collections::BTreeMap<String, String> {
    let all = plan.options.iter().chain(&plan.knobs).chain(turned);
    all.filter_map(|knob| match knob {
        Knob::Option { host, key, value } => {
            Some((format!("{host}:{key}"), value.clone()))
        }
        _ => None,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab_kit::{Experiment, cable, wire};

    #[test]
    fn a_knob_that_does_not_exist_is_named_with_what_is_near() {
        let plan = Experiment::new("x", "?")
            .link(cable("client", "server"))
            .option("client", "nodelay", false);
        let plan = plan.plan();
        let error = parse("client:nodelya=1", plan).unwrap_err().to_string();
        assert!(error.contains("did you mean nodelay?"), "{error}");
        let error = parse("cleint:nodelay=1", plan).unwrap_err().to_string();
        assert!(error.contains("did you mean client?"), "{error}");
        let error = parse("link:delay=20ms", plan).unwrap_err().to_string();
        assert!(error.contains("has no wire"), "{error}");
        assert!(parse("client:nodelay=true", plan).is_ok());
    }

    #[test]
    fn a_delay_has_a_unit() {
        let mut link = wire("a", "b");
        set_link(&mut link, "delay", "20ms").unwrap();
        assert_eq!(link.delay_ns, 20_000_000);
        assert!(set_link(&mut link, "delay", "20").is_err());
        assert!(set_link(&mut link, "dealy", "20ms").is_err());
    }
}
