//! Chapter 7: the loopback path. Lists the experiments; each is a file of its
//! own.

mod at_once;
mod path;

fn main() -> std::process::ExitCode {
    let lab = lab_kit::Lab::new("ch07", "The loopback path")
        .experiment(at_once::experiment())
        .experiments([path::loopback(), path::veth(), path::unix()]);
    lab_kit::main(lab)
}
