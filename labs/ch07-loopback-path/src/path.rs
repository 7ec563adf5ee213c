//! # The path
//!
//! **Question.** Which functions of the kernel run between a client's send()
//! and the moment when the server's socket has the data? On whose stack?

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Finding, Link, Net, Truth, cable, fails, link_knob,
    loopback, sysctl,
};
use socket2::SockRef;

use crate::cpu::stay_on;
use crate::pair::{connect, plug};
use crate::stack::{POINTS, READY, WHY, drawn, passage};

const DATA: &str = "the server's socket has the data before send() returns";
const LAYERS: &str = "device layer, driver and softirq run, in that order";
const ACK: &str = "the server's ACK has come back before send() returns";
const SEEN: &str = "the capture gets its copy just above the driver";

/// How DATA is reached: down on the left, up on the right.
const WAY: [&str; 9] = [
    "__sys_sendto",
    "tcp_sendmsg",
    "__tcp_transmit_skb",
    "__ip_queue_xmit",
    "__dev_queue_xmit",
    "net_rx_action",
    "process_backlog",
    "tcp_v4_rcv",
    "sock_def_readable",
];

// ANCHOR: experiments
pub(crate) fn on_loopback() -> Experiment {
    experiment("path-loopback", loopback("client", "server"), "lo")
        .claim(SEEN, |run| {
            let way = ["dev_hard_start_xmit", "dev_queue_xmit_nit"];
            run.passed("client", READY, &way)
        })
        .what_if(
            "rate",
            link_knob("rate", "240kbit"),
            fails([DATA, LAYERS, ACK, SEEN]),
        )
        .folklore(
            Truth::Partly,
            "Loopback saves the NIC's ring and nothing else: system call, \
             TCP, IP, device layer, even a driver run all the same",
            LAYERS,
        )
}

pub(crate) fn on_cable() -> Experiment {
    // What comes to the server's eth0 is another CPU's work from now on.
    let rps = sysctl("server", "net.core.rps_default_mask", 2);
    experiment("path-veth", cable("client", "server"), "eth0")
        .what_if("rps", rps, fails([DATA, LAYERS, ACK]))
        .what_if_since((6, 3), "605cfa1b1090", "net.core.rps_default_mask")
}

fn experiment(name: &str, link: Link, device: &'static str) -> Experiment {
    Experiment::new(name, "Who runs between send() and the other socket?")
        .link(link)
        .script(script)
        .root_only(WHY)
        .since((6, 3), "40e0b0908142", "the tracepoint sock:sk_data_ready")
        .claim(DATA, |run| run.passed("client", READY, &WAY))
        .claim(LAYERS, |run| in_order(run, device))
        .claim(ACK, |run| {
            let way = ["__sys_sendto", "tcp_v4_rcv", "__dev_queue_xmit"];
            run.passed("client", "net:net_dev_queue", &way)
        })
        .figure("from send() to the other socket", |run| {
            drawn(run, passage(run, READY, &WAY))
        })
        .ends_with_script()
}

fn in_order(run: &Evidence, device: &str) -> Finding {
    let of = |point: &&str| format!("{point} {device}");
    let down = ["net_dev_queue", "net_dev_start_xmit", "netif_rx"];
    let down = down.iter().map(of);
    let turn = ["softirq_entry NET_RX"].map(String::from);
    let up = ["netif_receive_skb"].iter().map(of);
    let there = ["sk_data_ready tcp", "sys_exit_sendto"].map(String::from);
    let all: Vec<_> = down.chain(turn).chain(up).chain(there).collect();
    run.passages_follow("client", &all)
}
// ANCHOR_END: experiments

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    stay_on(0)?;
    let (client, server) = connect(net)?;
    if server.local_addr()?.ip().is_loopback() {
        plug(net)?;
    }
    let hello = || SockRef::from(&client).send(b"hello");
    net.on("client", || net.watch_kernel(&POINTS, hello))??;
    net.keep(client);
    net.keep(server);
    Ok(())
}
// ANCHOR_END: script
