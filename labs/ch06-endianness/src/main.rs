//! Chapter 6: endianness. Lists the experiments; each is a file of its own.

mod address_without_htonl;
mod one_number;
mod pair;
mod port_without_htons;
mod sockaddr;

fn main() -> std::process::ExitCode {
    let lab = lab_kit::Lab::new("ch06", "Endianness")
        .experiment(one_number::experiment())
        .experiment(port_without_htons::experiment())
        .experiment(address_without_htonl::experiment());
    lab_kit::main(lab)
}
