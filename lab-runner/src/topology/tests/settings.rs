//! Pins and knobs: set where they belong, kept, or refused.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lab_kit::{Knob, route, sysctl};

use super::*;

fn refused(plan: &Plan, knobs: &[Knob]) -> String {
    match build(plan, knobs) {
        Ok(_) => panic!("{knobs:?} was taken"),
        Err(error) => format!("{error:#}"),
    }
}

fn read(host: &Host, key: &str) -> Result<String> {
    let path = sysctl::path(key)?;
    let text = host.namespace.inside(|| Ok(std::fs::read_to_string(path)?))?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Every setting that the host's kernel shows under /proc/sys/net/ipv4.
pub(super) fn all(host: &Host) -> Result<BTreeMap<PathBuf, String>> {
    fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                found.insert(path, text);
            }
        }
    }
    host.namespace.inside(|| {
        let mut found = BTreeMap::new();
        walk(Path::new("/proc/sys/net/ipv4"), &mut found);
        ensure!(found.len() > 100, "only {} settings", found.len());
        Ok(found)
    })
}

privileged! {
    fn a_sysctl_is_set_on_one_host() {
        let key = "net.ipv4.tcp_sack";
        let network = build(&pair(), &[sysctl("server", key, 0)])?;
        assert_eq!(read(&network.hosts[0], key)?, "1");
        assert_eq!(read(&network.hosts[1], key)?, "0");
        let key = "net.ipv4.conf.default.arp_ignore";
        let network = build(&pair(), &[sysctl("server", key, 1)])?;
        let copied = "net.ipv4.conf.eth0.arp_ignore";
        assert_eq!(read(&network.hosts[1], copied)?, "1");
        let network = build(&pair(), &[sysctl("server", copied, 2)])?;
        assert_eq!(read(&network.hosts[1], copied)?, "2");
    }

    fn the_last_knob_wins() {
        let key = "net.ipv4.tcp_sack";
        let mut plan = pair();
        plan.knobs = vec![sysctl("client", key, 0)];
        assert_eq!(read(&build(&plan, &[])?.hosts[0], key)?, "0");
        let network = build(&plan, &[sysctl("client", key, 1)])?;
        assert_eq!(read(&network.hosts[0], key)?, "1");
    }

    fn every_pin_holds() {
        let network = build(&pair(), &[])?;
        let all = [pins::SILENCE, pins::COPIED, pins::OTHERS];
        for pin in all.into_iter().flatten() {
            if sysctl::exists(pin.key) {
                assert_eq!(read(&network.hosts[0], pin.key)?, pin.value);
            }
        }
    }

    fn wrong_knobs_are_refused() {
        let wrong = |key: &str| refused(&pair(), &[sysctl("server", key, 1)]);
        let text = wrong("net.ipv4.tcp_nope");
        assert!(
            text.contains(
                "host server has no sysctl net.ipv4.tcp_nope: \
                 /proc/sys/net/ipv4/tcp_nope does not exist"
            ),
            "{text}"
        );
        assert!(wrong("net.ipv4.tcp_sak").contains("tcp_sack"));
        assert!(wrong("kernel.hostname").contains("net."));
        assert!(wrong("net.ipv4/../../kernel.hostname").contains("name"));
        let text = refused(
            &pair(),
            &[sysctl("server", "net.ipv4.tcp_congestion_control", "nope")],
        );
        assert!(text.contains("know this value"), "{text}");
        let text = refused(
            &pair(),
            &[sysctl("server", "net.ipv4.tcp_timestamps", 300)],
        );
        assert!(text.contains("tcp_timestamps"), "{text}");
        let text = refused(&pair(), &[sysctl("router", "net.x", 1)]);
        assert!(text.contains("its hosts are client, server"), "{text}");
        let text = refused(&pair(), &[route("server", "qickack", 1)]);
        assert!(text.contains("quickack"), "{text}");
    }

    fn routes_keep_what_they_are_told() {
        let knobs = [
            route("server", "quickack", 1),
            route("server", "rto_min", "20ms"),
            route("server", "initcwnd", 3),
        ];
        for plan in [pair(), plan([loopback("client", "server")])] {
            let network = build(&plan, &knobs)?;
            let server = &network.hosts[1];
            let ifindex = server.ends[0].ifindex;
            let on_link =
                |it: &mut netlink::Routing| it.on_link_routes(ifindex);
            for route in server.namespace.routing(on_link)? {
                assert_eq!(route.metric(15), Some(1));
                assert_eq!(route.metric(13), Some(20));
                assert_eq!(route.metric(11), Some(3));
            }
            converse(&network)?;
        }
        let network = build(&pair(), &knobs)?;
        let client = &network.hosts[0];
        let ifindex = client.ends[0].ifindex;
        let on_link = |it: &mut netlink::Routing| it.on_link_routes(ifindex);
        let routes = client.namespace.routing(on_link)?;
        assert_eq!(routes.len(), 1);
        assert_eq!(routes[0].metric(15), None);
    }

    fn wrong_plans_are_refused() {
        let many = (0..193).map(|n| cable("a", &format!("b{n}")));
        let text = refused(&plan(many), &[]);
        assert!(text.contains("there are addresses for 192"), "{text}");
        let mut plan = plan([loopback("client", "server")]);
        plan.raw = vec!["server".into()];
        let text = refused(&plan, &[]);
        assert!(text.contains("server is raw"), "{text}");
    }

    fn what_is_the_whole_machines_is_refused() {
        let knob = sysctl("server", "net.core.rmem_max", 4096);
        let text = refused(&pair(), &[knob]);
        assert!(text.contains("server:net.core.rmem_max"), "{text}");
        assert!(text.contains("whole machine"), "{text}");
    }
}
