//! Wrong: whoever asks two servers in case one dies, pays for both.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let ask = |server: String| -> std::io::Result<String> {
        let mut server = TcpStream::connect(server)?;
        server.write_all(b"add 2 3\n")?;
        let mut result = String::new();
        server.read_to_string(&mut result)?;
        Ok(result)
    };
    for _ in 0..2 {
        let server = server.clone();
        thread::spawn(move || {
            let Ok(result) = ask(server) else { return };
            println!("{result}");
            std::process::exit(0);
        });
    }
    loop {
        thread::park();
    }
}
