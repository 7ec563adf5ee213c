//! # The cable is out
//!
//! **Question.** A machine talks to itself while its cable is pulled, its
//! interface is switched off, its address is taken away, lo is switched off.
//! What stops it?

use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Finding, Net, Truth, cable, fails, option, outcome,
    secs,
};

use crate::device::{switch, take_address};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "What must go before a machine can't reach itself?";
    let [cable_out, off, gone, lo] = [
        "without a cable it reaches the address of that interface",
        "with the interface switched off it does, too",
        "without the address it doesn't: ENETUNREACH",
        "with lo switched off send() says ok, and nothing arrives",
    ];
    Experiment::new("cable-out", question)
        .link(cable("machine", "wall"))
        .link(cable("peer", "machine"))
        .option("machine", "to-itself", true)
        .option("machine", "loses-address", true)
        .option("machine", "loses-lo", true)
        .script(script)
        .claim(cable_out, |run| says(run, "eth0 without carrier", "ok"))
        .claim(off, |run| says(run, "eth1 off", "ok"))
        .claim(gone, |run| says(run, "eth1 without address", "ENETUNREACH"))
        .claim(lo, |run| {
            says(run, "lo off, send", "ok").and(says(run, "recv", "EAGAIN"))
        })
        .what_if(
            "to-the-others",
            option("machine", "to-itself", false),
            fails([cable_out, off]),
        )
        .what_if(
            "address-stays",
            option("machine", "loses-address", false),
            fails([gone]),
        )
        .what_if("lo-stays", option("machine", "loses-lo", false), fails([lo]))
        .folklore(
            Truth::True,
            "127.0.0.1 works with the network cable pulled",
            cable_out,
        )
        .folklore_note("and so does the address of the card it is pulled from")
        .ends_with_script()
}

fn says(run: &Evidence, when: &str, wanted: &str) -> Finding {
    run.observed("machine", when).is(wanted)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let _listeners = ["machine", "wall", "peer"]
        .map(|host| net.on(host, || TcpListener::bind("0.0.0.0:7000")));
    // The machine's two addresses, or what is at the other end of its cables.
    let [eth0, eth1] = ["wall", "peer"].map(|other| {
        let itself = net.knob("machine:to-itself");
        net.on(other, || net.at(if itself { "machine" } else { other }, 7000))
    });
    let reach = |when: &str, at: SocketAddr| {
        net.on("machine", || {
            let reached = TcpStream::connect_timeout(&at, secs(1));
            net.observe(when, outcome(reached))
        })
    };

    net.on("wall", || switch("eth0", false))?; // the cable's other end
    net.until("eth0 has lost its carrier", || {
        Ok(!net.device("machine", "eth0")?.carrier)
    })?;
    reach("eth0 without carrier", eth0)?;
    net.on("machine", || switch("eth1", false))?;
    reach("eth1 off", eth1)?;
    if net.knob("machine:loses-address") {
        net.on("machine", || take_address("eth1"))?;
    }
    reach("eth1 without address", eth1)?;
    net.on("machine", || -> Result<()> {
        let inbox = UdpSocket::bind("127.0.0.1:7000")?;
        inbox.set_nonblocking(true)?;
        switch("lo", !net.knob("loses-lo"))?;
        let sent = inbox.send_to(b"hello", inbox.local_addr()?);
        net.observe("lo off, send", outcome(sent))?;
        net.observe("recv", outcome(inbox.recv(&mut [0; 5])))
    })?;
    // As it was: the capture ends with a frame through each cable.
    net.on("machine", || switch("lo", true))?;
    net.on("machine", || switch("eth1", true))?;
    net.on("wall", || switch("eth0", true))?;
    let ends = [("machine", "eth0"), ("machine", "eth1"), ("peer", "eth0")];
    net.until("both cables carry", || {
        let carries = |&(host, device)| Ok(net.device(host, device)?.carrier);
        let all: Result<Vec<bool>> = ends.iter().map(carries).collect();
        Ok(all?.iter().all(|carries| *carries))
    })
}
// ANCHOR_END: script
