//! `lab-bench`: see the library's documentation.

fn main() -> std::process::ExitCode {
    lab_bench::main()
}
