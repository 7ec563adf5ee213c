//! # A copy for each
//!
//! **Question.** Two UDP sockets have one port. When does each get a copy?

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use anyhow::Result;
use lab_kit::figure::{Figure, Table};
use lab_kit::{Evidence, Experiment, Net, Truth, cable, fails, option};
use socket2::SockRef;

use crate::udp::{member, ten};

const GROUP: Ipv4Addr = Ipv4Addr::new(233, 252, 0, 1); // RFC 6676
const KINDS: [&str; 3] = ["multicast", "broadcast", "unicast"];
const MULTICAST: &str = "multicast: both get all ten";
const BROADCAST: &str = "broadcast: both get all ten";
const UNICAST: &str = "unicast: one gets ten, the other none";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Two UDP sockets on one port: when does each get a copy?";
    Experiment::new("multicast", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "joins", true)
        .option("server", "second-stays", true)
        .claim(MULTICAST, |run| {
            run.observed("server", "multicast").is("10 and 10")
        })
        .claim(BROADCAST, |run| {
            run.observed("server", "broadcast").is("10 and 10")
        })
        .claim(UNICAST, |run| run.observed("server", "unicast").is("0 and 10"))
        .figure("ten datagrams of each kind", table)
        .folklore(
            Truth::True,
            "A multicast datagram goes to every socket on the port, a \
             unicast one to one of them",
            MULTICAST,
        )
        .what_if(
            "nobody-joins",
            option("server", "joins", false),
            fails([MULTICAST]),
        )
        .what_if(
            "one-socket",
            option("server", "second-stays", false),
            fails([MULTICAST, BROADCAST, UNICAST]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

fn table(run: &Evidence) -> Table {
    let head =
        Figure::table(["ten datagrams", "first socket", "second socket"]);
    KINDS.iter().fold(head, |table, kind| {
        let mut seen = run.observations.iter().filter(|o| o.key == *kind);
        let value = seen.next().map_or("", |o| o.value.as_str());
        let (first, second) = value.split_once(" and ").unwrap_or_default();
        table.row([kind, first, second])
    })
}

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 7000));
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 7000));
    let there = net.on("client", || net.at("server", 7000));
    let all = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 255), 7000));
    let mut sockets = Vec::new();
    for _ in 0..2 {
        let socket = net.on("server", || member("addr", any))?;
        if net.knob("server:joins") {
            // On lo: on the cable the kernel would announce it, by IGMP.
            socket.join_multicast_v4(&GROUP, &Ipv4Addr::LOCALHOST)?;
        }
        sockets.push(socket);
    }
    if !net.knob("server:second-stays") {
        sockets.pop();
    }
    let near = net.on("server", || UdpSocket::bind("127.0.0.1:5000"))?;
    SockRef::from(&near).set_multicast_if_v4(&Ipv4Addr::LOCALHOST)?;
    let far = net.on("client", || UdpSocket::bind(net.here(5000)))?;
    far.set_broadcast(true)?;
    let group = SocketAddr::from((GROUP, 7000));
    let [multicast, broadcast, unicast] = [
        ten(net, &near, group, local, &sockets)?,
        ten(net, &far, all, there, &sockets)?,
        ten(net, &far, there, there, &sockets)?,
    ];
    net.on("server", || {
        net.observe("multicast", multicast)?;
        net.observe("broadcast", broadcast)?;
        net.observe("unicast", unicast)
    })
}
// ANCHOR_END: script
