//! Chapter 7: the loopback path. Lists the experiments; each is a file of its
//! own.

mod accept_blocked;
mod at_once;
mod cable_out;
mod close_unread;
mod cost;
mod cpu;
mod device;
mod fresh_lo;
mod ghost;
mod haunt;
mod hooks;
mod listener_closed;
mod mtu;
mod only_here;
mod own_address;
mod pair;
mod path;
mod predict_cable;
mod reset_at_deploy;
mod sleeper;
mod stack;
mod stops_at_once;
mod whose_cpu;
mod woken;

fn main() -> std::process::ExitCode {
    let lab = lab_kit::Lab::new("ch07", "The loopback path")
        .experiment(at_once::experiment())
        .experiments([path::on_loopback(), path::on_cable()])
        .experiment(woken::by_connect())
        .experiments([woken::by_unix(), woken::by_pipe()])
        .experiment(own_address::experiment())
        .experiment(cable_out::experiment())
        .experiment(fresh_lo::experiment())
        .experiment(whose_cpu::experiment())
        .experiment(hooks::experiment())
        .experiment(mtu::experiment())
        .experiments([ghost::heals(), ghost::without_rst()])
        .experiment(cost::experiment())
        .experiment(listener_closed::experiment())
        .experiment(close_unread::experiment())
        .experiments([
            accept_blocked::by_close(),
            accept_blocked::by_shutdown(),
        ]);
    let lab = lab
        .exercise(predict_cable::exercise())
        .exercise(only_here::exercise())
        .exercise(reset_at_deploy::exercise())
        .exercise(stops_at_once::exercise());
    lab_kit::main(lab)
}
