//! # What /proc/net/tcp prints
//!
//! **Question.** A server listens on 127.0.0.1:8080. How does /proc/net/tcp
//! write that down?

use std::fs::read_to_string;
use std::net::{IpAddr, Ipv4Addr, TcpListener};

use anyhow::{Context, Result};
use lab_kit::claim::hex;
use lab_kit::figure::Table;
use lab_kit::{
    Evidence, Experiment, Figure, Finding, Net, Truth, fails, loopback, option,
};

const PORT: &str = "the port is written as people read it: 1F90 is 8080";
const ADDRESS: &str = "the address is written as this machine's number";
const BACK: &str = "put back into this machine's memory, it is 127.0.0.1";
const SIX: &str = "an IPv6 address is four such numbers";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "How does /proc/net/tcp write 127.0.0.1:8080?";
    Experiment::new("proc-net-tcp", question)
        .link(loopback("server", "client"))
        .option("server", "address", "127.0.0.1")
        .option("server", "port", 8080)
        .script(script)
        .claim(PORT, |run| run.observed("server", "port").is("1F90"))
        .claim(ADDRESS, |run| written(run, "address", ""))
        .claim(BACK, |run| run.observed("server", "in memory").is("127.0.0.1"))
        .claim(SIX, |run| written(run, "IPv6", "0000000000000000"))
        .figure("from memory to the file", from_memory)
        .folklore(
            Truth::Partly,
            "/proc/net/tcp prints in hex what is on the wire",
            ADDRESS,
        )
        .folklore_note("Ports, yes; addresses only on a big-endian machine")
        // From either end the same, and this machine's address, too.
        .what_if(
            "palindrome",
            option("server", "address", "127.0.0.127"),
            fails([ADDRESS, BACK, SIX]),
        )
        .what_if("36895", option("server", "port", 36895), fails([PORT]))
        .ends_with_script()
}

/// A big-endian machine writes another text; the snapshot is little-endian.
fn written(run: &Evidence, key: &str, before: &str) -> Finding {
    let little = run.observed("server", "little-endian").is("true").holds;
    let address = if little { "0100007F" } else { "7F000001" };
    let mapped = if little { "FFFF0000" } else { "0000FFFF" };
    let mapped = if before.is_empty() { "" } else { mapped };
    run.observed("server", key).is(&format!("{before}{mapped}{address}"))
}

fn from_memory(run: &Evidence) -> Table {
    let address = run.observed("server", "address");
    let port = run.observed("server", "port");
    let ip: Result<Ipv4Addr, _> =
        run.observed("server", "in memory").text().parse();
    let ip = ip.map_or(String::new(), |ip| hex(&ip.octets()));
    let number = u16::from_str_radix(port.text(), 16).unwrap_or(0);
    let bytes = hex(&number.to_be_bytes());
    Figure::table(["what", "in memory", "taken as", "printed"])
        .row(["address", &ip, "this machine's u32", address.text()])
        .row(["port", &bytes, "big-endian u16: ntohs()", port.text()])
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    net.on("server", || -> Result<()> {
        let ip: Ipv4Addr = net.value("address").context("option")?.parse()?;
        let port = net.number("port")? as u16;
        let listener = TcpListener::bind((ip, port))?;
        let (address, port) = first_line("/proc/thread-self/net/tcp")?;
        net.observe("address", &address)?;
        net.observe("port", port)?;

        let number = u32::from_str_radix(&address, 16)?;
        net.observe("in memory", Ipv4Addr::from(number.to_ne_bytes()))?;
        net.observe("little-endian", cfg!(target_endian = "little"))?;

        // The same address in an IPv6 socket: ::ffff:127.0.0.1.
        drop(listener);
        let mapped = IpAddr::V6(ip.to_ipv6_mapped());
        let listener = TcpListener::bind((mapped, 8081))?;
        net.observe("IPv6", first_line("/proc/thread-self/net/tcp6")?.0)?;
        net.keep(listener);
        Ok(())
    })
}

/// Local address and port of the first socket.
fn first_line(file: &str) -> Result<(String, String)> {
    let text = read_to_string(file)?;
    let line = text.lines().nth(1).context("no socket")?;
    let local = line.split_whitespace().nth(1).context("no address")?;
    let (address, port) = local.split_once(':').context("no port")?;
    Ok((address.into(), port.into()))
}
// ANCHOR_END: script
