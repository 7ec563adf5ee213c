//! Chapter 3: the options `SO_REUSEADDR` and `SO_REUSEPORT`. Lists the
//! experiments; each is a file of its own.

mod ack_too_late;
mod bind_connect;
mod bind_then_listen;
mod bind_zero;
mod both_flags;
mod busy_server;
mod cells;
mod client_holds;
mod close_loses;
mod close_then_open;
mod comes_back;
mod flags;
mod group;
mod hand_over;
mod hash_tcp;
mod hash_udp;
mod last_binder;
mod matrix;
mod multicast;
mod no_port;
mod remap;
mod restart;
mod same_port;
mod server;
mod shares;
mod specific_wins;
mod starts_again;
mod steer;
mod taken;
mod udp;
mod uid;
mod uid_leftover;
mod unasked;
mod which_start;
mod who_has_it;
mod wildcard;

fn main() -> std::process::ExitCode {
    let lab = lab_kit::Lab::new("ch03", "Reuse options")
        .experiment(restart::experiment())
        .experiment(unasked::experiment())
        .experiments(matrix::family())
        .experiment(both_flags::experiment())
        .experiment(busy_server::experiment())
        .experiment(client_holds::experiment())
        .experiment(bind_then_listen::experiment())
        .experiment(wildcard::experiment())
        .experiment(specific_wins::experiment())
        .experiment(bind_connect::experiment())
        .experiment(bind_zero::experiment())
        .experiment(no_port::experiment())
        .experiment(comes_back::experiment())
        .experiment(hash_tcp::experiment())
        .experiment(hash_udp::experiment())
        .experiment(remap::experiment())
        .experiment(close_loses::experiment())
        .experiment(close_then_open::experiment())
        .experiment(ack_too_late::experiment())
        .experiment(last_binder::experiment())
        .experiment(multicast::experiment())
        .experiment(uid::experiment())
        .experiment(uid_leftover::experiment())
        .exercise(which_start::exercise())
        .exercise(starts_again::exercise())
        .exercise(who_has_it::exercise())
        .exercise(same_port::exercise())
        .exercise(hand_over::exercise());
    lab_kit::main(lab)
}
