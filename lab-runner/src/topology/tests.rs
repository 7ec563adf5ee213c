//! Each kind of link, built and used. Needs root, or a machine that grants
//! user namespaces: then every test starts itself again inside one.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use lab_kit::{
    Experiment, Knob, Link, Socket, cable, link_knob, loopback, sysctl, wire,
};

use nix::sys::socket::{self, SockFlag, SockaddrIn};

use super::ethtool::Ethtool;
use super::*;
use crate::kernel::{SocketDiag, counters, growth, interface_packets};

const PORT: u16 = 7000;

const INSIDE: &str = "LAB_TEST_INSIDE";

/// Runs a test where it may make namespaces: in this thread as root, else in
/// this test alone in a user namespace of its own.
fn privileged(name: &str, test: fn() -> Result<()>) -> Result<()> {
    let rootless = std::env::var_os("LAB_TEST_ROOTLESS").is_some();
    let inside = std::env::var_os(INSIDE).is_some();
    if inside || (nix::unistd::Uid::effective().is_root() && !rootless) {
        return Namespace::fresh(|_| test()).map(drop);
    }
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net"])
        .arg(std::env::current_exe()?)
        .args([name, "--exact"])
        .env(INSIDE, "1")
        .output()
        .context("start `unshare` (util-linux)")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success() && text.contains("1 passed"),
        "this test needs root, or user namespaces (on Ubuntu: sysctl \
         kernel.apparmor_restrict_unprivileged_userns=0)\n{text}{errors}"
    );
    Ok(())
}

fn sockets(of: &Namespace) -> Result<Vec<Socket>> {
    SocketDiag::open(of)?.sockets()
}

/// Tests for [`privileged()`].
macro_rules! privileged {
    ($(fn $name:ident() $body:block)*) => {$(
        #[test]
        fn $name() -> Result<()> {
            fn test() -> Result<()> { $body Ok(()) }
            let name = concat!(module_path!(), "::", stringify!($name));
            privileged(name.split_once("::").unwrap_or_default().1, test)
        }
    )*};
}

mod settings;

fn plan(links: impl IntoIterator<Item = Link>) -> Plan {
    let new = Experiment::new("test", "Does it work?");
    let experiment = links.into_iter().fold(new, Experiment::link);
    experiment.plan().clone()
}

fn pair() -> Plan {
    plan([cable("client", "server")])
}

fn listen(host: &Host) -> Result<TcpListener> {
    let at = SocketAddr::from((host.ends[0].address, PORT));
    host.namespace.inside(|| Ok(TcpListener::bind(at)?))
}

fn connect(host: &Host) -> Result<TcpStream> {
    let to = SocketAddr::from((host.ends[0].peer_address, PORT));
    let within = Duration::from_secs(5);
    host.namespace.inside(|| Ok(TcpStream::connect_timeout(&to, within)?))
}

/// A connection from the first host to the second.
struct Pipe {
    client: TcpStream,
    server: TcpStream,
    _listener: TcpListener,
}

fn converse(network: &Network) -> Result<Pipe> {
    let listener = listen(&network.hosts[1])?;
    let mut client = connect(&network.hosts[0])?;
    let (mut server, _) = listener.accept()?;
    client.write_all(b"x")?;
    let mut byte = [0];
    server.read_exact(&mut byte)?;
    assert_eq!(&byte, b"x");
    Ok(Pipe { client, server, _listener: listener })
}

fn states(sockets: &[Socket]) -> Vec<&str> {
    sockets.iter().map(|s| s.state.as_str()).collect()
}

privileged! {
    fn the_first_packet_of_a_new_cable_arrives() {
        let mut slowest = Duration::ZERO;
        for _ in 0..200 {
            let network = build(&pair(), &[])?;
            let start = Instant::now();
            converse(&network)?;
            slowest = slowest.max(start.elapsed());
        }
        assert!(slowest < Duration::from_millis(500), "{slowest:?}");
    }

    fn a_new_network_is_silent() {
        let plan = plan([wire("client", "server"), cable("client", "other")]);
        let network = build(&plan, &[])?;
        // What the kernel would say of itself, it says within a second.
        nix::poll::poll(&mut [], 1200u16)?;
        for host in &network.hosts {
            for end in &host.ends {
                let seen = interface_packets(&host.namespace, &end.device)?;
                assert_eq!(seen, 0, "{} {}", host.name, end.device);
            }
        }
    }

    fn sockets_are_seen_at_both_ends() {
        let network = build(&pair(), &[])?;
        let [client, server] = [0, 1].map(|i| &network.hosts[i].namespace);
        let before = counters(client)?;
        let pipe = converse(&network)?;
        let seen = sockets(server)?;
        assert_eq!(states(&seen), ["LISTEN", "ESTAB"]);
        assert_eq!(seen[0].local_port, PORT);
        assert_eq!(seen[0].remote_port, 0);
        assert_ne!(seen[1].inode, 0);
        let mut diag = SocketDiag::open(client)?;
        assert_eq!(states(&diag.sockets()?), ["ESTAB"]);
        assert!((40_000..50_000).contains(&seen[1].remote_port));
        let grown = growth(&before, &counters(client)?);
        assert_eq!(grown["TcpActiveOpens"], 1);
        assert!(!grown.contains_key("TcpPassiveOpens"));
        drop(pipe.client);
        // The ACK of the FIN may be a delayed one.
        let start = Instant::now();
        while states(&diag.sockets()?) != ["FIN-WAIT-2"] {
            assert!(start.elapsed() < Duration::from_secs(2));
        }
        drop(pipe.server);
        let left = &diag.connections()?[0];
        assert_eq!((&*left.state, &*left.timer), ("TIME-WAIT", "timewait"));
        assert!((55_000..=60_000).contains(&left.timer_ms), "{left:?}");
        assert_eq!(left.inode, 0);
        assert_eq!(growth(&before, &counters(client)?)["sockstatTCPtw"], 1);
    }

    fn a_half_open_connection_is_seen() {
        let network = build(&wired(), &[])?;
        let [client, server] = &network.hosts[..] else { unreachable!() };
        let to = SocketAddr::from((server.ends[0].address, PORT));
        let socket = client.namespace.inside(|| {
            let from = SocketAddr::from((client.ends[0].address, 0));
            lab_kit::connect_later(from, to)
        })?;
        let seen = sockets(&client.namespace)?;
        assert_eq!(states(&seen), ["SYN-SENT"]);
        assert_eq!(seen[0].timer, "on");
        assert!(seen[0].timer_ms > 0, "{seen:?}");
        drop(socket);
    }

    fn a_request_that_nobody_confirms_is_seen() {
        let network = build(&pair(), &[])?;
        let [client, server] = &network.hosts[..] else { unreachable!() };
        let listener = listen(server)?;
        let flags = SockFlag::SOCK_NONBLOCK;
        // From an address that isn't ours: nobody gets the SYN-ACK.
        let socket = client.namespace.inside(|| {
            let new = socket::socket;
            let kind = socket::SockType::Stream;
            let fd = new(socket::AddressFamily::Inet, kind, flags, None)?;
            socket::setsockopt(&fd, socket::sockopt::IpTransparent, &true)?;
            let from = SockaddrIn::new(192, 0, 2, 77, 4000);
            socket::bind(fd.as_raw_fd(), &from)?;
            let to = SockaddrIn::new(192, 0, 2, 2, PORT);
            assert!(socket::connect(fd.as_raw_fd(), &to).is_err());
            Ok(fd)
        })?;
        let seen = sockets(&server.namespace)?;
        assert_eq!(states(&seen), ["LISTEN", "SYN-RECV"]);
        assert_eq!((seen[1].remote_port, &*seen[1].timer), (4000, "on"));
        drop((socket, listener));
    }

    fn a_wire_ends_in_the_middle() {
        let network = build(&wired(), &[])?;
        let middle = network.middle.as_ref().expect("no middle");
        let [wire] = &network.wires[..] else { panic!("not one wire") };
        assert_eq!(wire.ports[0].device, "left0");
        connect_once(&network)?;
        let seen = |side: usize| {
            interface_packets(middle, &wire.ports[side].device)
        };
        // The SYN arrives at the port that faces the client, and no further.
        assert_eq!([seen(0)?, seen(1)?], [1, 0]);
    }

    fn two_hosts_on_lo_are_one_machine() {
        let network = build(&plan([loopback("client", "server")]), &[])?;
        converse(&network)?;
        let [client, server] = &network.hosts[..] else { unreachable!() };
        assert_eq!(client.ends[0].address.to_string(), "127.0.0.1");
        assert_eq!(server.ends[0].address.to_string(), "127.0.0.2");
        assert!(!sockets(&client.namespace)?.is_empty());
        let mut ethtool = Ethtool::open(&client.namespace, &mut None)?;
        let kept = ethtool.offloads_off(&["lo"], &mut None)?;
        let mut kept = kept.iter().flatten();
        assert!(kept.all(|k| k.starts_with("tx-checksum")));
    }

    fn a_network_made_ahead_is_the_one_that_a_plan_gets_built() {
        let knobs = [sysctl("server", "net.ipv4.tcp_sack", 0)];
        let built = build(&pair(), &knobs)?;
        let became = ahead()?.becomes(&pair());
        settle(&became, &pair(), &knobs)?;
        for (built, became) in built.hosts.iter().zip(&became.hosts) {
            assert_eq!(built.name, became.name);
            assert_eq!(built.ends, became.ends);
            assert_eq!(settings::all(built)?, settings::all(became)?);
        }
        converse(&became)?;
    }

    fn a_rate_puts_a_queue_in_front_of_lo() {
        let plan = plan([loopback("client", "server")]);
        let queue = |knobs: &[Knob]| -> Result<String> {
            let network = build(&plan, knobs)?;
            let lo = &network.hosts[0].namespace;
            Ok(lo.routing(|it| it.device("lo"))?.qdisc)
        };
        assert_eq!(queue(&[])?, "noqueue");
        assert_eq!(queue(&[link_knob("rate", "1mbit")])?, "tbf");
        assert!(queue(&[link_knob("delay", "1ms")]).is_err());
    }

    fn a_hook_drops_until_it_is_told_not_to() {
        let network = build(&plan([loopback("client", "server")]), &[])?;
        let machine = &network.hosts[0].namespace;
        let sends = || {
            machine.inside(|| {
                let socket = UdpSocket::bind("127.0.0.1:7000")?;
                Ok(socket.send_to(b"x", "127.0.0.1:7000").is_ok())
            })
        };
        assert!(sends()?);
        netfilter::drop_at(machine, "output")?;
        assert!(!sends()?);
        netfilter::drop_no_more(machine)?;
        assert!(sends()?);
        assert!(netfilter::drop_at(machine, "outptu").is_err());
    }

    fn a_raw_host_answers_nothing() {
        let mut plan = pair();
        plan.raw = vec!["server".into()];
        let network = build(&plan, &[])?;
        connect_once(&network)?;
        let server = &network.hosts[1];
        assert!(server.raw);
        // The SYN came, and no RST, ARP or ICMP left.
        assert_eq!(interface_packets(&server.namespace, "eth0")?, 1);
    }

    fn three_hosts_have_two_cards_between_them() {
        let plan = plan([cable("a", "b"), wire("b", "c")]);
        let network = build(&plan, &[])?;
        let b = &network.hosts[1];
        assert_eq!(b.ends[0].device, "eth0");
        assert_eq!(b.ends[1].device, "eth1");
        assert_eq!(b.ends[1].address.to_string(), "198.51.100.2");
        assert_eq!(b.ends[1].peer_address.to_string(), "198.51.100.3");
        assert_eq!(b.ends[1].mac, [2, 0, 0, 0, 1, 2]);
        assert_eq!(b.ends[1].peer, 2);
        assert_eq!(network.wires[0].link, 1);
    }

    fn sixty_four_hosts_reach_their_neighbours() {
        let name = |n: usize| format!("h{n}");
        let chain = (1..64).map(|n| cable(&name(n), &name(n + 1)));
        let network = build(&plan(chain), &[])?;
        for n in [0, 2, 3, 62] {
            let [left, right] = [n, n + 1].map(|n| &network.hosts[n]);
            let listener = listen(right)?;
            let to = left.ends.last().expect("a link").peer_address;
            left.namespace.inside(|| Ok(TcpStream::connect((to, PORT))?))?;
            let (_, from) = listener.accept()?;
            assert_eq!(from.ip(), right.ends[0].peer_address);
        }
    }

    fn a_refusal_says_what_was_refused() {
        let namespace = Namespace::fresh(|_| Ok(()))?;
        let lo = || netlink::up(layout::LO, true);
        let nowhere = || netlink::address(77, [192, 0, 2, 1].into(), 24);
        let changes = vec![lo(), nowhere(), nowhere(), lo()];
        let refused = namespace.routing(|it| it.change(changes));
        let text = format!("{:#}", refused.expect_err("no such interface"));
        assert!(text.starts_with("give interface 77 192.0.2.1: "), "{text}");
        assert!(text.contains("os error"), "{text}");
        // What it answered to the rest confuses nobody.
        namespace.routing(|it| it.change(vec![lo()]))?;
        let lo = namespace.routing(|it| it.device("lo"))?;
        assert!(lo.up);
    }

    fn offloads_are_off() {
        let network = build(&wired(), &[])?;
        let middle = network.middle.as_ref().expect("no middle");
        let ports = network.wires[0].ports.iter();
        let ports = ports.map(|port| (middle, port.device.as_str()));
        let hosts = network.hosts.iter().map(|h| (&h.namespace, "eth0"));
        for (namespace, device) in ports.chain(hosts) {
            let on = Ethtool::open(namespace, &mut None)?.offloads(device)?;
            assert!(on.is_empty(), "{device}: {on:?}");
        }
    }

    fn a_big_write_leaves_in_small_segments() {
        let network = build(&pair(), &[])?;
        let mut pipe = converse(&network)?;
        let mut bytes = [0; 10_000];
        for _ in 0..10 {
            pipe.client.write_all(&bytes)?;
            pipe.server.read_exact(&mut bytes)?;
        }
        let seen = interface_packets(&network.hosts[0].namespace, "eth0")?;
        assert!(seen >= 100_000 / 1448, "{seen} packets for 100 kB");
    }

    fn many_connections_wait_without_overflow() {
        let network = build(&pair(), &[])?;
        let listener = listen(&network.hosts[1])?;
        for _ in 0..200 {
            let client = connect(&network.hosts[0])?;
            let (server, _) = listener.accept()?;
            drop(client);
            drop(server);
        }
        let client = &network.hosts[0].namespace;
        let seen = SocketDiag::open(client)?.connections()?;
        assert_eq!(seen.len(), 200);
        let all = counters(client)?;
        assert_eq!(all.get("TcpExtTCPTimeWaitOverflow"), Some(0));
    }
}

fn wired() -> Plan {
    plan([wire("client", "server")])
}

/// Sends one SYN from the first host, whoever may answer.
fn connect_once(network: &Network) -> Result<()> {
    let end = &network.hosts[0].ends[0];
    let to = SocketAddr::from((end.peer_address, PORT));
    let from = SocketAddr::from((end.address, 0));
    let namespace = &network.hosts[0].namespace;
    namespace.inside(|| lab_kit::connect_later(from, to)).map(drop)
}

#[test]
fn what_a_device_might_copy_is_never_turned_on_a_network_made_ahead() {
    assert!(is_usual(&pair(), &[]));
    let late = sysctl("client", "net.ipv4.tcp_sack", 1);
    assert!(is_usual(&pair(), &[late]));
    for key in ["net.ipv4.conf.default.arp_notify", "net.core.somaxconn"] {
        assert!(!is_usual(&pair(), &[sysctl("client", key, 1)]), "{key}");
    }
    let raw = Plan { raw: vec!["server".into()], ..pair() };
    let turned =
        Plan { hosts: vec!["server".into(), "client".into()], ..pair() };
    let others = [
        plan([wire("client", "server")]),
        plan([loopback("client", "server")]),
        plan([cable("client", "server"), cable("server", "store")]),
    ];
    for other in [raw, turned].iter().chain(&others) {
        assert!(!is_usual(other, &[]), "{:?} {:?}", other.hosts, other.links);
    }
}
