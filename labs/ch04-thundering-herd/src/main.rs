//! Chapter 4: the thundering herd. Lists the experiments; each is a file of
//! its own.

mod accept;
mod busy;
mod crew;
mod even;
mod exclusive;
mod guest;
mod hidden;
mod incoming_cpu;
mod last_in;
mod own_epoll;
mod reuseport;
mod shared_epoll;
mod steer;
mod tally;
mod watch;

fn main() -> std::process::ExitCode {
    let lab = lab_kit::Lab::new("ch04", "The thundering herd")
        .experiment(accept::experiment())
        .experiments([own_epoll::level(), own_epoll::edge()])
        .experiments([hidden::own(), hidden::shared()])
        .experiments([shared_epoll::level(), shared_epoll::edge()])
        .experiment(shared_epoll::oneshot())
        .experiment(last_in::experiment())
        .experiments([exclusive::first(), exclusive::rotated()])
        .experiment(reuseport::hashed())
        .experiment(even::experiment())
        .experiments([busy::exclusive(), busy::reuseport()])
        .experiment(reuseport::steered())
        .experiment(incoming_cpu::experiment());
    lab_kit::main(lab)
}
