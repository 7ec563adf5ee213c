//! Chapter 3: the options `SO_REUSEADDR` and `SO_REUSEPORT`. Lists the
//! experiments; each is a file of its own.

mod bind_connect;
mod bind_then_listen;
mod busy_server;
mod flags;
mod hash;
mod last_binder;
mod leave;
mod matrix;
mod restart;
mod steer;
mod udp;
mod wildcard;

fn main() -> std::process::ExitCode {
    let lab = lab_kit::Lab::new("ch03", "Reuse options")
        .experiment(restart::experiment())
        .experiments(matrix::family())
        .experiment(busy_server::experiment())
        .experiment(bind_then_listen::experiment())
        .experiment(wildcard::experiment())
        .experiment(bind_connect::experiment())
        .experiment(hash::experiment())
        .experiment(last_binder::experiment());
    lab_kit::main(lab)
}
