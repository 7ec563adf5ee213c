//! What `./run bench` has lab-runner run: an exchange in which nothing waits,
//! as the peers in `benches/peers` make it too, a flood, and chains of hosts.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use lab_kit::{Experiment, Finding, Lab, Net, cable, fails, option};

/// How many hosts; `benches/src/lines/growth.rs` has the same.
const CHAINS: [usize; 4] = [2, 8, 32, 64];

fn main() -> ExitCode {
    let lab = Lab::new("ch80", "What is measured");
    let lab = lab.experiment(exchange()).experiment(flood());
    lab_kit::main(CHAINS.iter().fold(lab, |lab, n| lab.experiment(chain(*n))))
}

/// Two processes, a handshake, a byte each way, a close: what `floor.c` does.
fn exchange() -> Experiment {
    Experiment::new("exchange", "How long does it take to see a connection?")
        .link(cable("client", "server"))
        .program("server", server)
        .program("client", client)
        .option("client", "asks", true)
        .claim("the answer comes back", |run| run.data("!").carries(1))
        .what_if(
            "nobody-asks",
            option("client", "asks", false),
            fails(["the answer comes back"]),
        )
}

fn server(net: &Net) -> Result<()> {
    let listener = TcpListener::bind(net.here(7000))?;
    net.mark("listening")?;
    let (mut client, _) = listener.accept()?;
    if client.read(&mut [0])? == 1 {
        client.write_all(b"!")?;
    }
    client.read_to_end(&mut Vec::new())?;
    Ok(())
}

fn client(net: &Net) -> Result<()> {
    net.wait_for("listening")?;
    let mut server = TcpStream::connect(net.at("server", 7000))?;
    if net.knob("asks") {
        server.write_all(b"?")?;
        server.read_exact(&mut [0])?;
    }
    Ok(())
}

/// As many small datagrams as told, as fast as one process sends them.
fn flood() -> Experiment {
    Experiment::new("flood", "Is every datagram of a flood captured?")
        .link(cable("client", "server"))
        .program("server", sink)
        .program("client", sender)
        .option("client", "count", 10)
        .packets_vary("that many are told to be sent")
        .within(Duration::from_secs(100))
        .claim("what was sent is in the trace", |run| {
            let sent = run.observations.iter().find(|o| o.key == "sent");
            let sent = sent.map(|o| o.value.clone()).unwrap_or_default();
            let seen = run.trace.segments.len().to_string();
            Finding::new(seen == sent, format!("{sent} datagrams"), seen)
        })
        .what_if(
            "says-another-number",
            option("client", "claims", 7),
            fails(["what was sent is in the trace"]),
        )
}

fn sink(net: &Net) -> Result<()> {
    let socket = UdpSocket::bind(net.here(7001))?;
    net.mark("bound")?;
    net.wait_for("sent all")?;
    drop(socket);
    Ok(())
}

fn sender(net: &Net) -> Result<()> {
    net.wait_for("bound")?;
    let socket = UdpSocket::bind(net.here(7001))?;
    socket.connect(net.at("server", 7001))?;
    let count = net.number("count")?;
    for _ in 0..count {
        socket.send(&[7; 64])?;
    }
    net.observe("sent", net.value("claims").unwrap_or(count.to_string()))?;
    net.mark("sent all")
}

/// A byte that goes from host to host, over a cable and a connection each.
fn chain(hosts: usize) -> Experiment {
    let question = format!("How long do {hosts} hosts take?");
    let mut it = Experiment::new(&format!("chain-{hosts}"), &question);
    for n in 1..hosts {
        it = it.link(cable(&host(n), &host(n + 1)));
    }
    for n in 1..=hosts {
        it = it.program(&host(n), move |net| pass_on(net, n, hosts));
    }
    it.option(&host(1), "asks", true)
        .within(Duration::from_secs(30))
        .claim("the byte reaches the last host", move |run| {
            run.observed(&host(hosts), "bytes").is("1")
        })
        .what_if(
            "nobody-asks",
            option("h1", "asks", false),
            fails(["the byte reaches the last host"]),
        )
}

fn host(n: usize) -> String {
    format!("h{n}")
}

fn pass_on(net: &Net, n: usize, hosts: usize) -> Result<()> {
    let mut bytes = Vec::new();
    if n > 1 {
        let listener = TcpListener::bind(net.here(7000))?;
        net.mark(&format!("h{n} listens"))?;
        listener.accept()?.0.read_to_end(&mut bytes)?;
        net.observe("bytes", bytes.len())?;
    } else if net.knob("asks") {
        bytes.push(b'!');
    }
    if n < hosts {
        let next = host(n + 1);
        net.wait_for(&format!("{next} listens"))?;
        TcpStream::connect(net.at(&next, 7000))?.write_all(&bytes)?;
    }
    Ok(())
}
