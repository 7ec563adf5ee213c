//! Temporary: how long a network takes.
#![allow(dead_code, reason = "the runner is written in another worktree")]

mod kernel;
mod topology;

use std::time::Instant;

use lab_kit::{Experiment, cable};

fn main() -> anyhow::Result<()> {
    let experiment =
        Experiment::new("bench", "How long?").link(cable("client", "server"));
    let mut took = Vec::new();
    for _ in 0..300 {
        let start = Instant::now();
        let network = topology::build(experiment.plan(), &[])?;
        took.push(start.elapsed());
        drop(network);
    }
    took.sort();
    println!(
        "build: min {:?} median {:?} p90 {:?} max {:?}",
        took[0], took[150], took[270], took[299]
    );
    let network = topology::build(experiment.plan(), &[])?;
    let space = &network.hosts[0].namespace;
    let n = 2000;
    let per = |start: Instant| start.elapsed() / n;
    let start = Instant::now();
    for _ in 0..n {
        kernel::sockets::sockets(space)?;
    }
    println!("sockets() {:?}", per(start));
    let mut diag = kernel::sockets::SocketDiag::open(space)?;
    let start = Instant::now();
    for _ in 0..n {
        diag.sockets()?;
    }
    println!("SocketDiag::sockets {:?}", per(start));
    let start = Instant::now();
    for _ in 0..n {
        diag.connections()?;
    }
    println!("SocketDiag::connections {:?}", per(start));
    let start = Instant::now();
    for _ in 0..n {
        kernel::counters::counters(space)?;
    }
    println!("counters {:?}", per(start));
    let start = Instant::now();
    for _ in 0..n {
        kernel::link::interface_packets(space, "eth0")?;
    }
    println!("interface_packets {:?}", per(start));
    Ok(())
}
