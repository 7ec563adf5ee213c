//! Chapter 6: endianness. Lists the experiments; each is a file of its own.

mod address_without_htonl;
mod bad_checksum;
mod byte_order_mark;
mod datagrams;
mod default_route;
mod echo_by_hand;
mod either_order;
mod four_readers;
mod gateway;
mod hints;
mod http_length;
mod icmp;
mod length_prefix;
mod one_number;
mod other_end;
mod padding;
mod pair;
mod peer;
mod pieces;
mod port_without_htons;
mod proc_net_tcp;
mod readers;
mod receive;
mod right_sum;
mod sequence_wraps;
mod seven_bytes;
mod silent_server;
mod sockaddr;
mod swapped_words;
mod udp_checksum;

fn main() -> std::process::ExitCode {
    let lab = lab_kit::Lab::new("ch06", "Endianness")
        .experiment(one_number::experiment())
        .experiment(port_without_htons::experiment())
        .experiment(address_without_htonl::experiment())
        .experiment(default_route::experiment())
        .experiment(proc_net_tcp::experiment())
        .experiment(length_prefix::experiment())
        .experiment(http_length::experiment())
        .experiment(padding::experiment())
        .experiment(four_readers::experiment())
        .experiment(echo_by_hand::experiment())
        .experiment(either_order::experiment())
        .experiment(swapped_words::experiment())
        .experiment(bad_checksum::experiment())
        .experiment(udp_checksum::experiment())
        .experiment(sequence_wraps::experiment())
        .experiment(byte_order_mark::experiment())
        .exercise(seven_bytes::exercise())
        .exercise(gateway::exercise())
        .exercise(right_sum::exercise())
        .exercise(other_end::exercise())
        .exercise(silent_server::exercise());
    lab_kit::main(lab)
}
