use std::net::TcpStream;

fn main() {
    let server = TcpStream::connect("192.0.2.2:7000")
    server.set_nodelay(true);
}
