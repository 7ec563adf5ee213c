//! Chapter 4: the thundering herd. Lists the experiments; each is a file of
//! its own.

mod accept;
mod blocked;
mod busy;
mod crash;
mod crew;
mod drain;
mod echo;
mod edge_listener;
mod edge_stream;
mod even;
mod exclusive;
mod folklore;
mod guest;
mod hidden;
mod in_turn;
mod incoming_cpu;
mod inherited;
mod last_in;
mod limits;
mod merging;
mod next_edge;
mod one_wakes;
mod oneshot;
mod own_epoll;
mod rearm;
mod reuseport;
mod shared_epoll;
mod some_hang;
mod steer;
mod switches;
mod tally;
mod two_descriptors;
mod undrained;
mod visits;
mod watch;

fn main() -> std::process::ExitCode {
    let all = [
        blocked::experiment(),
        switches::experiment(),
        accept::experiment(),
        own_epoll::level(),
        own_epoll::edge(),
        hidden::own(),
        shared_epoll::level(),
        hidden::shared(),
        shared_epoll::edge(),
        shared_epoll::oneshot(),
        last_in::experiment(),
        exclusive::first(),
        exclusive::rotated(),
        limits::experiment(),
        busy::exclusive(),
        reuseport::hashed(),
        even::experiment(),
        busy::reuseport(),
        inherited::experiment(),
        reuseport::steered(),
        incoming_cpu::experiment(),
        edge_stream::level(),
        edge_stream::edge(),
        edge_listener::experiment(),
        undrained::experiment(),
        merging::experiment(),
        rearm::experiment(),
        oneshot::experiment(),
        two_descriptors::experiment(),
    ];
    let lab = lab_kit::Lab::new("ch04", "The thundering herd");
    let lab = lab.experiments(all).sayings(folklore::SAYINGS);
    let lab = lab
        .exercise(next_edge::exercise())
        .exercise(one_wakes::exercise())
        .exercise(in_turn::exercise())
        .exercise(drain::exercise())
        .exercise(some_hang::exercise());
    lab_kit::main(lab)
}
