//! Chapter 4: the thundering herd. Lists the experiments; each is a file of
//! its own.

mod accept;
mod crew;
mod exclusive;
mod guest;
mod last_in;
mod own_epoll;
mod shared_epoll;
mod tally;

fn main() -> std::process::ExitCode {
    let lab = lab_kit::Lab::new("ch04", "The thundering herd")
        .experiment(accept::experiment())
        .experiments([own_epoll::level(), own_epoll::edge()])
        .experiments([shared_epoll::level(), shared_epoll::edge()])
        .experiment(shared_epoll::oneshot())
        .experiment(last_in::experiment())
        .experiments([exclusive::first(), exclusive::rotated()]);
    lab_kit::main(lab)
}
