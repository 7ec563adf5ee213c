//! Route attribute -> the metric of a host's on-link routes, set and read
//! back.

use anyhow::{Context, Result, bail, ensure};

use super::End;
use super::netlink::Routing;

/// Names as `ip route` has them; numbers from include/uapi/linux/rtnetlink.h.
const METRICS: [(&str, u16); 10] = [
    ("mtu", 2),
    ("window", 3),
    ("ssthresh", 6),
    ("cwnd", 7),
    ("advmss", 8),
    ("hoplimit", 10),
    ("initcwnd", 11),
    ("rto_min", 13),
    ("initrwnd", 14),
    ("quickack", 15),
];

/// `RTAX_LOCK`: which metrics hold against what the kernel finds out itself.
/// It ignores an `rto_min` that isn't locked, so `ip route` locks every one.
const LOCK: u16 = 1;
const RTO_MIN: u16 = 13;

/// Not an attribute but a route: to everywhere, by the first link's other end.
const DEFAULT: &str = "default";

/// Sets an attribute on every on-link route of a host, or the default route.
pub(super) fn set(
    routing: &mut Routing,
    ends: &[End],
    key: &str,
    value: &str,
) -> Result<()> {
    let (kind, number) = parse(key, value)?;
    if key == DEFAULT {
        return match ends.first() {
            Some(end) if number == 1 => {
                routing.default_by(end.ifindex, end.peer_address)
            }
            _ => Ok(()),
        };
    }
    for end in ends {
        let mut routes = routing.on_link_routes(end.ifindex)?;
        ensure!(!routes.is_empty(), "{} has no on-link route", end.device);
        for route in &mut routes {
            route.set_metric(kind, number);
            if kind == RTO_MIN {
                let locked = route.metric(LOCK).unwrap_or(0);
                route.set_metric(LOCK, locked | 1 << RTO_MIN);
            }
            routing.replace(route).with_context(|| {
                format!("set {key} on the route by {}", end.device)
            })?;
        }
        for route in routing.on_link_routes(end.ifindex)? {
            // The kernel leaves a metric of 0 out.
            let kept = route.metric(kind).unwrap_or(0);
            ensure!(
                kept == number,
                "the kernel didn't keep {key} {number} on the route by {}: \
                 it says {kept}",
                end.device
            );
        }
    }
    Ok(())
}

/// Attribute and value -> `RTAX_...` and its number.
pub(super) fn parse(key: &str, value: &str) -> Result<(u16, u32)> {
    if key == DEFAULT {
        ensure!(matches!(value, "0" | "1"), "default is 0 or 1");
        return Ok((0, u32::from(value == "1")));
    }
    let Some((_, kind)) = METRICS.iter().find(|(name, _)| *name == key) else {
        let known = METRICS.map(|(name, _)| name).join(", ");
        bail!("a route has no attribute {key}; it has {known}, {DEFAULT}")
    };
    let digits = match key {
        "rto_min" => value.strip_suffix("ms").unwrap_or(value),
        _ => value,
    };
    let number = digits.parse().ok();
    let number = number.with_context(|| match key {
        "rto_min" => format!("{value:?} is no time: write 20ms"),
        _ => format!("{value:?} is not a number, which {key} needs"),
    })?;
    ensure!(key != "quickack" || number < 2, "quickack is 0 or 1");
    Ok((*kind, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbers_and_times() {
        assert_eq!(parse("rto_min", "20ms").unwrap(), (13, 20));
        assert_eq!(parse("rto_min", "20").unwrap(), (13, 20));
        assert_eq!(parse("quickack", "1").unwrap(), (15, 1));
        assert!(parse("quickack", "2").is_err());
        assert_eq!(parse("default", "1").unwrap(), (0, 1));
        assert!(parse("default", "192.0.2.2").is_err());
        assert!(parse("initcwnd", "ten").is_err());
        let unknown = parse("qickack", "1").unwrap_err().to_string();
        assert!(unknown.contains("initcwnd"), "{unknown}");
    }
}
