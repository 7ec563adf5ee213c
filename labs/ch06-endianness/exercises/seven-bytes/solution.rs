//! Sends one reading, big end first.

use std::io::Write;
use std::net::TcpStream;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, kind, station, degrees] = &arguments[..] else {
        anyhow::bail!("wants: SERVER KIND STATION DEGREES")
    };
    let (kind, station): (u8, u32) = (kind.parse()?, station.parse()?);
    let degrees: i16 = degrees.parse()?;

    let mut server = TcpStream::connect(server)?;
    let mut reading = vec![kind];
    reading.extend(station.to_be_bytes());
    reading.extend(degrees.to_be_bytes());
    server.write_all(&reading)?;
    Ok(())
}
