//! # The better address
//!
//! **Question.** One listener has the wildcard, another one the address, and
//! both have `SO_REUSEPORT`. Who gets the connections to the address?

use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option};

use crate::flags::listen;

const ALL: &str = "the listener on the address gets all ten";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Wildcard and address both listen: who gets connections?";
    Experiment::new("specific-wins", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "elsewhere", false)
        .claim(ALL, |run| {
            run.observed("server", "wildcard, address").is("0, 10")
        })
        .what_if("elsewhere", option("server", "elsewhere", true), fails([ALL]))
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let address = match net.knob("server:elsewhere") {
        false => net.on("server", || net.here(7000)),
        true => SocketAddr::from((Ipv4Addr::LOCALHOST, 7000)),
    };
    let wildcard = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 7000));
    let listeners = [wildcard, address].map(|at| {
        let one = net.on("server", || listen("port", at))?;
        one.set_nonblocking(true)?; // accept() says who has one
        std::io::Result::Ok(one)
    });
    let [wildcard, address] = listeners;
    let (wildcard, address) = (wildcard?, address?);
    let mut got = [0, 0];
    for _ in 0..10 {
        let to = net.on("client", || net.at("server", 7000));
        net.keep(net.on("client", || TcpStream::connect(to))?);
        net.until("somebody has it", || {
            for (n, one) in [&wildcard, &address].into_iter().enumerate() {
                if let Ok((socket, _)) = one.accept() {
                    net.keep(socket);
                    got[n] += 1;
                    return Ok(true);
                }
            }
            Ok(false)
        })?;
    }
    let got = format!("{}, {}", got[0], got[1]);
    net.on("server", || net.observe("wildcard, address", got))
}
// ANCHOR_END: script
