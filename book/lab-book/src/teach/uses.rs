//! Plans, sources and accepted traces -> which experiment has to do with which
//! counter, sysctl, socket option and errno.

use std::collections::{BTreeMap, BTreeSet};

use lab_kit::line::Line;
use lab_kit::{Knob, Plan};

use crate::directive::Target;
use crate::labs::Library;

/// What an index is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Counters,
    Sysctls,
    Options,
    Errnos,
}

/// Name -> the experiments that have to do with it, in the book's order.
#[derive(Default)]
pub(crate) struct Uses(BTreeMap<(Kind, String), Vec<Target>>);

impl Uses {
    /// All that the labs of a book use.
    pub(crate) fn gather(library: &Library) -> Result<Uses, String> {
        let mut uses = Uses::default();
        for lab in library.names() {
            for plan in &library.lab(lab)?.experiments {
                let of =
                    Target { lab: lab.into(), experiment: plan.name.clone() };
                for (kind, name) in names(library, plan, &of)? {
                    uses.0.entry((kind, name)).or_default().push(of.clone());
                }
            }
        }
        Ok(uses)
    }

    /// The names of a kind, and who uses them.
    pub(crate) fn of(
        &self,
        kind: Kind,
    ) -> impl Iterator<Item = (&str, &[Target])> {
        let ours = self.0.iter().filter(move |((k, _), _)| *k == kind);
        ours.map(|((_, name), all)| (name.as_str(), all.as_slice()))
    }
}

fn names(
    library: &Library,
    plan: &Plan,
    of: &Target,
) -> Result<BTreeSet<(Kind, String)>, String> {
    let mut names = BTreeSet::new();
    let (_, source) = library.source(of)?;
    in_source(&source, &mut names);
    for module in modules(&source) {
        let of = Target { lab: of.lab.clone(), experiment: module.into() };
        // A module in a folder, or one that holds no program.
        let Ok((_, source)) = library.source(&of) else { continue };
        in_source(&source, &mut names);
    }
    for counter in &plan.counters {
        let name = counter.split_once(':').map_or(&**counter, |(_, n)| n);
        names.insert((Kind::Counters, name.into()));
    }
    let knobs = plan.perturbations.iter().flat_map(|p| &p.knobs);
    for knob in plan.knobs.iter().chain(knobs) {
        if let Knob::Sysctl { key, .. } = knob {
            names.insert((Kind::Sysctls, key.clone()));
        }
    }
    let (_, snapshot) = library.find(of)?.snapshot(None)?;
    for (_, line) in &snapshot.lines {
        if let Line::Counter { name, .. } = line {
            names.insert((Kind::Counters, name.clone()));
        }
    }
    let said = plan.claims.iter().map(String::as_str);
    for text in said.chain([snapshot.text.as_str()]) {
        let errnos = words(text).filter(|w| is_errno(w));
        names.extend(errnos.map(|w| (Kind::Errnos, w.into())));
    }
    Ok(names)
}

/// The lab's own modules that a source uses.
fn modules(source: &str) -> BTreeSet<&str> {
    let uses = source.split("crate::").skip(1);
    let name = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    uses.filter_map(|rest| rest.split(name).next()).collect()
}

/// What a program names: its comments aside.
fn in_source(source: &str, names: &mut BTreeSet<(Kind, String)>) {
    let code = source.lines().filter(|l| !l.trim_start().starts_with("//"));
    for line in code {
        for word in words(line) {
            let found = match word {
                w if is_option(w) => Some((Kind::Options, w)),
                w if is_counter(w) => Some((Kind::Counters, w)),
                w if is_sysctl(w) => Some((Kind::Sysctls, w)),
                w => called(w).map(|name| (Kind::Options, name)),
            };
            names.extend(found.map(|(kind, name)| (kind, name.into())));
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    text.split(move |c| !part(c)).map(|w| w.trim_matches('.'))
}

fn is_errno(word: &str) -> bool {
    let not = ["EOF", "ESTAB", "ESTABLISHED", "EPOLL", "EXIT", "END"];
    word.len() > 3
        && word.starts_with('E')
        && !word.starts_with("EPOLL")
        && !not.contains(&word)
        && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

fn is_option(word: &str) -> bool {
    let upper =
        |c: char| c.is_ascii_uppercase() || matches!(c, '_' | '0'..='9');
    let known = ["SO_", "TCP_", "IP_", "IPV6_", "UDP_", "MSG_"];
    let is_flag = ["EPOLLET", "EPOLLEXCLUSIVE", "EPOLLONESHOT", "EPOLLRDHUP"];
    word.chars().all(upper) && known.iter().any(|k| word.starts_with(k))
        || is_flag.contains(&word)
}

fn is_counter(word: &str) -> bool {
    let groups = ["TcpExt", "Tcp", "Udp", "IpExt", "Ip", "Icmp"];
    let rest = groups.iter().find_map(|g| word.strip_prefix(g));
    let tails = ["Errors", "Errs", "Segs", "Rsts", "Fails", "Datagrams"];
    rest.is_some_and(|rest| {
        let plain = rest.chars().all(|c| c.is_ascii_alphanumeric());
        let known = word.starts_with("TcpExt") && rest.len() > 3
            || tails.iter().any(|t| rest.ends_with(t))
            || ["InDelivers", "OutEchoReps"].contains(&rest);
        plain && known && rest.starts_with(|c: char| c.is_ascii_uppercase())
    })
}

fn is_sysctl(word: &str) -> bool {
    let lower =
        |c: char| c.is_ascii_lowercase() || matches!(c, '_' | '.' | '4');
    word.starts_with("net.")
        && word.matches('.').count() > 1
        && word.chars().all(|c| lower(c) || c.is_ascii_digit())
        && !word.ends_with(['.', '_'])
}

/// The option that a crate's function or type sets.
fn called(word: &str) -> Option<&'static str> {
    let name = word.rsplit('.').next()?;
    Some(match name {
        "set_nodelay" | "set_tcp_nodelay" => "TCP_NODELAY",
        "set_tcp_quickack" => "TCP_QUICKACK",
        "set_tcp_cork" => "TCP_CORK",
        "set_linger" => "SO_LINGER",
        "set_recv_buffer_size" => "SO_RCVBUF",
        "set_send_buffer_size" => "SO_SNDBUF",
        "set_reuse_address" => "SO_REUSEADDR",
        "set_reuse_port" => "SO_REUSEPORT",
        "set_keepalive" => "SO_KEEPALIVE",
        "set_write_timeout" => "SO_SNDTIMEO",
        "set_multicast_if_v4" => "IP_MULTICAST_IF",
        "IpBindAddressNoPort" => "IP_BIND_ADDRESS_NO_PORT",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_names_options_counters_and_sysctls() {
        let source = "// TCP_CORK is not used\n\
            socket.set_nodelay(true)?; EpollFlags::EPOLLET\n\
            set(fd, SO_REUSEPORT); net.counter(\"TcpExtTCPAbortOnData\")\n\
            sysctl(\"net.ipv4.tcp_tw_reuse\", 1); \"net.core.{limit}\"\n\
            TcpStream::connect(IpAddr, TcpListener)\n";
        let mut names = BTreeSet::new();
        in_source(source, &mut names);
        let found: Vec<_> = names.iter().map(|(_, n)| n.as_str()).collect();
        assert_eq!(
            found,
            [
                "TcpExtTCPAbortOnData",
                "net.ipv4.tcp_tw_reuse",
                "EPOLLET",
                "SO_REUSEPORT",
                "TCP_NODELAY",
            ]
        );
    }

    #[test]
    fn a_source_uses_modules_of_its_lab() {
        let source = "use crate::pair::{greet, pair};\ncrate::steer::steer()";
        let found: Vec<_> = modules(source).into_iter().collect();
        assert_eq!(found, ["pair", "steer"]);
    }

    #[test]
    fn an_errno_is_no_state_and_no_event() {
        let text = "client: connect -> ECONNREFUSED; ESTAB, EPOLLIN (EOF) E2E";
        let found: Vec<_> = words(text).filter(|w| is_errno(w)).collect();
        assert_eq!(found, ["ECONNREFUSED"]);
    }
}
