//! Wrong: the order is right, and the struct has holes.

use std::io::Write;
use std::mem::{offset_of, size_of};
use std::net::TcpStream;

#[allow(dead_code)]
#[repr(C)]
struct Reading {
    kind: u8,
    station: u32,
    degrees: i16,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, kind, station, degrees] = &arguments[..] else {
        anyhow::bail!("wants: SERVER KIND STATION DEGREES")
    };
    let (station, degrees): (u32, i16) = (station.parse()?, degrees.parse()?);
    let mut reading = [0; size_of::<Reading>()];
    reading[0] = kind.parse()?;
    reading[offset_of!(Reading, station)..][..4]
        .copy_from_slice(&station.to_be_bytes());
    reading[offset_of!(Reading, degrees)..][..2]
        .copy_from_slice(&degrees.to_be_bytes());
    TcpStream::connect(server)?.write_all(&reading)?;
    Ok(())
}
