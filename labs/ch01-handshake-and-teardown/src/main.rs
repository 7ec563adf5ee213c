//! Chapter 1: handshake and teardown. Lists the experiments; each is a file
//! of its own.

mod walk;

fn main() -> std::process::ExitCode {
    let lab = lab_kit::Lab::new("ch01", "Handshake and teardown")
        .experiment(walk::experiment());
    lab_kit::main(lab)
}
