//! What people say about herds, and the claim that shows how it is.

use lab_kit::Truth::{False, Partly, True};
use lab_kit::{Experiment, Truth};

struct Saying {
    experiment: &'static str,
    truth: Truth,
    saying: &'static str,
    claim: &'static str,
    note: &'static str,
}

const fn saying(
    experiment: &'static str,
    truth: Truth,
    saying: &'static str,
    claim: &'static str,
    note: &'static str,
) -> Saying {
    Saying { experiment, truth, saying, claim, note }
}

const SAYINGS: &[Saying] = &[
    saying(
        "blocked",
        True,
        "A blocked process uses no CPU",
        "a process that is blocked runs for 0 ns",
        "",
    ),
    saying(
        "switches",
        Partly,
        "Multiplexing saves context switches",
        "one process, busy while a round comes: 10 times, once for each round",
        "As far as messages come while it works.",
    ),
    saying(
        "accept",
        False,
        "accept() wakes everybody who is blocked in it",
        "each connection wakes one worker",
        "poll() does.",
    ),
    saying(
        "accept",
        True,
        "Processes blocked in accept() are served first in, first out",
        "the workers take turns, in the order in which they came",
        "",
    ),
    saying(
        "own-level",
        False,
        "WQ_FLAG_EXCLUSIVE in ep_poll() has solved epoll's herd",
        "the kernel wakes all four for one connection",
        "It is about those who sleep on one epoll descriptor.",
    ),
    saying(
        "own-edge",
        False,
        "Edge triggering avoids the herd",
        "the kernel wakes all four for one connection",
        "Only on an epoll descriptor that all share: shared-edge.",
    ),
    saying(
        "hidden-own",
        False,
        "No EAGAIN, no herd",
        "all four were woken, and went to sleep again",
        "Who comes too late goes back to sleep inside epoll_wait().",
    ),
    saying(
        "shared-level",
        Partly,
        "The kernel wakes all threads that wait on an epoll",
        "all four are woken",
        "One; level triggered, each wakes the next as it returns.",
    ),
    saying(
        "shared-edge",
        True,
        "On a shared epoll, let only one out of epoll_wait() at a time",
        "one worker is woken",
        "EPOLLET does it, and EPOLLONESHOT.",
    ),
    saying(
        "last-in",
        Partly,
        "epoll_wait() is last in, first out",
        "the last to have called epoll_wait() gets every connection",
        "For those who sleep on one epoll descriptor.",
    ),
    saying(
        "exclusive",
        True,
        "EPOLLEXCLUSIVE ends the herd",
        "each connection wakes one worker",
        "",
    ),
    saying(
        "exclusive",
        False,
        "With EPOLLEXCLUSIVE the process added last gets the connection",
        "the first to have registered gets every connection",
        "The first in the order of EPOLL_CTL_ADD that waits.",
    ),
    saying(
        "exclusive",
        Partly,
        "Under light load a few workers get all connections",
        "that is worker 0",
        "With EPOLLEXCLUSIVE, or one epoll for all; in accept() they take turns.",
    ),
    saying(
        "busy-exclusive",
        True,
        "EPOLLEXCLUSIVE knows which worker is busy",
        "nobody waits",
        "Who is busy isn't in epoll_wait().",
    ),
    saying(
        "reuseport",
        True,
        "SO_REUSEPORT has no herd",
        "each wakes one worker",
        "",
    ),
    saying(
        "reuseport-even",
        Partly,
        "SO_REUSEPORT spreads connections evenly",
        "each gets 400 to 600 of 2,000",
        "Thousands. Of a dozen, as the hash falls.",
    ),
    saying(
        "busy-reuseport",
        True,
        "With SO_REUSEPORT the kernel doesn't see that a worker is busy",
        "four of eight wait",
        "",
    ),
    saying(
        "reuseport-inherited",
        False,
        "When a worker crashes, its connections go to the others",
        "half of the guests wait in a queue that nobody reads",
        "Not while somebody holds a copy of its listener.",
    ),
    saying(
        "level-stream",
        True,
        "Level triggered: reported as long as something is pending",
        "it says so as often as it is asked, while a byte is left",
        "",
    ),
    saying(
        "level-stream",
        Partly,
        "Level triggered events merge, but only while nobody waits",
        "it says so as often as it is asked, while a byte is left",
        "A level is a state. There is nothing to merge.",
    ),
    saying(
        "edge-stream",
        False,
        "Edge triggered: no new event until all data was read",
        "a second byte is reported, though the first was not read",
        "New data is a new edge, read or not.",
    ),
    saying(
        "edge-stream",
        True,
        "Edge triggered: what you leave is not reported until more comes",
        "after a read that leaves something, it says nothing",
        "",
    ),
    saying(
        "edge-listener",
        False,
        "Edge triggered: no new event until the backlog is empty",
        "a second connection is reported, though the first was not accepted",
        "Each connection is a new edge.",
    ),
    saying(
        "edge-undrained",
        Partly,
        "Edge triggering needs a loop until EAGAIN",
        "two of four are served, two wait, and the worker sleeps",
        "That, or EPOLL_CTL_MOD after each event, which reports again.",
    ),
    saying(
        "edge-merging",
        Partly,
        "Edge triggered events of one kind are merged",
        "five bytes for a worker that waits are five events",
        "Those that come while nobody waits.",
    ),
    saying(
        "edge-report",
        False,
        "An edge triggered event tells what has changed",
        "an event reports all that is ready, not only what changed",
        "It tells all that is ready just then.",
    ),
    saying(
        "epoll-refuses",
        Partly,
        "epoll_ctl(ADD) of what is there already returns at once",
        "adding a descriptor twice is EEXIST",
        "With an error.",
    ),
    saying(
        "closed-and-reported",
        Partly,
        "close() takes a descriptor out of epoll",
        "epoll reports a descriptor that was closed",
        "The last close() does.",
    ),
];

/// The experiment with what people say about it.
pub(crate) fn told(experiment: Experiment) -> Experiment {
    let name = experiment.plan().name.clone();
    let ours = SAYINGS.iter().filter(|said| said.experiment == name);
    ours.fold(experiment, |all, said| {
        let all = all.folklore(said.truth, said.saying, said.claim);
        match said.note {
            "" => all,
            note => all.folklore_note(note),
        }
    })
}
