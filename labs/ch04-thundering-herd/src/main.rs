//! Chapter 4: the thundering herd. Lists the experiments; each is a file of
//! its own.

mod accept;
mod blocked;
mod busy;
mod crew;
mod edge_listener;
mod edge_stream;
mod even;
mod exclusive;
mod guest;
mod hidden;
mod incoming_cpu;
mod last_in;
mod limits;
mod merging;
mod oneshot;
mod own_epoll;
mod rearm;
mod reuseport;
mod shared_epoll;
mod steer;
mod switches;
mod tally;
mod two_descriptors;
mod undrained;
mod watch;

fn main() -> std::process::ExitCode {
    let lab = lab_kit::Lab::new("ch04", "The thundering herd")
        .experiments([blocked::experiment(), switches::experiment()])
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
        .experiment(incoming_cpu::experiment())
        .experiments([edge_stream::level(), edge_stream::edge()])
        .experiment(edge_listener::experiment())
        .experiment(undrained::experiment())
        .experiment(merging::experiment())
        .experiment(rearm::experiment())
        .experiment(oneshot::experiment())
        .experiment(limits::experiment())
        .experiment(two_descriptors::experiment());
    lab_kit::main(lab)
}
