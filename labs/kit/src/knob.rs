//! A knob: a sysctl, route attribute, program option or link property.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One setting of one host or of the link. Set before anything starts, then
/// read back: a knob that the kernel ignores is an error, never a warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Knob {
    /// `net.*` sysctl of a host's network namespace.
    Sysctl {
        /// Whose namespace.
        host: String,
        /// Dotted name, `net.ipv4.tcp_sack`.
        key: String,
        /// As written to `/proc/sys`.
        value: String,
    },
    /// Attribute of the host's on-link routes, as `ip route` names it.
    Route {
        /// Whose routing table.
        host: String,
        /// `quickack`, `rto_min` (ms), `initcwnd`, ...
        key: String,
        /// The attribute's value.
        value: String,
    },
    /// An option that the host's program reads with [`Net::knob`].
    ///
    /// [`Net::knob`]: crate::Net::knob
    Option {
        /// Whose program.
        host: String,
        /// As declared by [`Experiment::option`](crate::Experiment::option).
        key: String,
        /// `1`/`0` for a switch, otherwise a number or a word.
        value: String,
    },
    /// A property of the experiment's link: `delay` (`20ms`), `rate`
    /// (`1mbit`).
    Link {
        /// `delay` or `rate`.
        key: String,
        /// The property's value.
        value: String,
    },
}

/// Sets a `net.*` sysctl in a host's namespace.
pub fn sysctl(host: &str, key: &str, value: impl fmt::Display) -> Knob {
    Knob::Sysctl {
        host: host.into(),
        key: key.into(),
        value: value.to_string(),
    }
}

/// Sets an attribute of a host's on-link routes: `route("server",
/// "quickack", 1)`. `route("client", "default", 1)` gives the host a route to
/// everywhere, by the other end of its first link.
pub fn route(host: &str, key: &str, value: impl fmt::Display) -> Knob {
    Knob::Route { host: host.into(), key: key.into(), value: value.to_string() }
}

/// Sets an option that a host's program declared: `option("client",
/// "nodelay", true)`.
pub fn option(host: &str, key: &str, value: impl fmt::Display) -> Knob {
    Knob::Option {
        host: host.into(),
        key: key.into(),
        value: truth(value.to_string()),
    }
}

/// Sets a property of the link: `link_knob("delay", "20ms")`.
pub fn link_knob(key: &str, value: impl fmt::Display) -> Knob {
    Knob::Link { key: key.into(), value: value.to_string() }
}

/// `true` and `1` are one switch position, however they were written.
pub(crate) fn truth(value: String) -> String {
    match value.as_str() {
        "true" | "on" | "yes" => "1".into(),
        "false" | "off" | "no" => "0".into(),
        _ => value,
    }
}

/// As a reader writes it after `--set`.
impl fmt::Display for Knob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Knob::Sysctl { host, key, value }
            | Knob::Option { host, key, value } => {
                write!(f, "{host}:{key}={value}")
            }
            Knob::Route { host, key, value } => {
                write!(f, "{host}:route.{key}={value}")
            }
            Knob::Link { key, value } => write!(f, "link:{key}={value}"),
        }
    }
}
