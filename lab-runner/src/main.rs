//! `lab-runner`: see the library's documentation.

fn main() -> std::process::ExitCode {
    lab_runner::main(option_env!("LAB_COMMIT"))
}
