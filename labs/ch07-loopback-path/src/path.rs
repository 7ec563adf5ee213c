//! # The path
//!
//! **Question.** Which functions of the kernel run between send() and the
//! moment at which the other socket has the data, and on whose stack?

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;

use anyhow::Result;
use lab_kit::{Experiment, Link, Net, cable};

const WHY: &str = "only root may ask the kernel for its stack";

/// Where the kernel is asked to report.
const POINTS: [&str; 9] = [
    "syscalls:sys_enter_sendto",
    "net:net_dev_queue",
    "net:net_dev_start_xmit",
    "net:netif_rx",
    "net:net_dev_xmit",
    "irq:softirq_entry",
    "net:netif_receive_skb",
    "sock:sk_data_ready",
    "syscalls:sys_exit_sendto",
];

const WOKEN: &str = "sock:sk_data_ready";

pub(crate) fn loopback_path() -> Experiment {
    on("path-loopback", lab_kit::loopback("client", "server"))
}

fn on(name: &str, link: Link) -> Experiment {
    Experiment::new(name, "Who runs between send() and the other socket?")
        .link(link)
        .script(script)
        .root_only(WHY)
        .ends_with_script()
        .claim("x", |run| run.passages_are("client", &[]))
}

pub(crate) fn loopback() -> Experiment {
    loopback_path()
}
pub(crate) fn veth() -> Experiment {
    on("path-veth", cable("client", "server"))
}
pub(crate) fn unix() -> Experiment {
    on("path-unix", cable("client", "server")).option("client", "unix", true)
}

fn script(net: &Net) -> Result<()> {
    if net.value("client:unix").is_some() {
        let (mut a, b) = UnixStream::pair()?;
        let _ = a.write_all(b"hello");
        net.on("client", || net.watch_kernel(&POINTS, || nix_send(&a)))??;
        drop(b);
        return Ok(());
    }
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let mut client =
        net.on("client", || TcpStream::connect(net.at("server", 7000)))?;
    let (server, _) = listener.accept()?;
    net.on("client", || {
        net.watch_kernel(&POINTS, || client.write_all(b"hello"))
    })??;
    net.keep(client);
    net.keep(server);
    Ok(())
}
fn nix_send(mut a: &UnixStream) -> Result<()> {
    Ok(a.write_all(b"hello")?)
}
