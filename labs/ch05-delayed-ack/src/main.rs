//! Chapter 5: delayed ACK. Lists the experiments; each is a file of its own,
//! or a family in one.

mod cork_cap;
mod cured;
mod cures;
mod delack_tuned;
mod echo;
mod first_ack;
mod header_body;
mod no_stall;
mod pingpong;
mod quick_acks;
mod write_write_read;

fn main() -> std::process::ExitCode {
    let lab = lab_kit::Lab::new("ch05", "Delayed ACK")
        .experiment(first_ack::experiment())
        .experiment(pingpong::experiment())
        .experiments(quick_acks::family())
        .experiment(header_body::experiment())
        .experiments(write_write_read::family())
        .experiments(cures::family())
        .experiment(cork_cap::experiment())
        .experiment(delack_tuned::experiment())
        .exercise(no_stall::exercise());
    lab_kit::main(lab)
}
