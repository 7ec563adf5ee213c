//! Chapter 5: delayed ACK. Lists the experiments; each is a file of its own.

mod first_ack;

fn main() -> std::process::ExitCode {
    let lab = lab_kit::Lab::new("ch05", "Delayed ACK")
        .experiment(first_ack::experiment());
    lab_kit::main(lab)
}
