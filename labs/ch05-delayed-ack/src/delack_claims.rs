//! What is claimed of a server that was tuned and one that wasn't, and the
//! four ways to tune it.

use std::time::Duration;

use lab_kit::claim::{DELAYED_ACK, say};
use lab_kit::figure::Table;
use lab_kit::{Evidence, Experiment, Figure, fails, option, route, sysctl};

use crate::delack_tuned::base;
use crate::echo::DELAYED;

const FIRST: &str = "told later, it acknowledges first";
const PLAIN: &str = "the other takes its 40 ms";
const TIMER: &str = "both ACKs come from the timer";
const NO_FILE: &str = "there is no sysctl tcpdelackmin";

const RTO_MIN: &str = "net.ipv4.tcp_rto_min_us";

pub(crate) fn family() -> [Experiment; 4] {
    let swapped = || fails([FIRST, PLAIN]);
    let route_too = |host, ms| route(host, "rto_min", ms);
    let by_route = base("delack-tuned", "the route")
        .since((6, 7), "bbf80d713fe7", "delayed ACKs that follow rto_min")
        .knob(route_too("tuned", "20ms"))
        .what_if(
            "the-other-way-round",
            [route_too("tuned", "200ms"), route_too("plain", "20ms")],
            swapped(),
        );
    let by_sysctl = base("delack-sysctl", "tcp_rto_min_us")
        .since((6, 11), "f086edef71be", "tcp_rto_min_us")
        .knob(sysctl("tuned", RTO_MIN, 20_000))
        .claim(NO_FILE, |run| {
            run.observed("tuned", "tcpdelackmin").is("ENOENT")
        })
        .what_if(
            "a-file-that-exists",
            option("tuned", "file", "tcp_rto_min_us"),
            fails([NO_FILE]),
        )
        .what_if(
            "the-other-way-round",
            [
                sysctl("tuned", RTO_MIN, 200_000),
                sysctl("plain", RTO_MIN, 20_000),
            ],
            swapped(),
        );
    let by_option = |name, key| {
        base(name, "a socket option")
            .since(
                (6, 15),
                "9552f90835ef",
                "TCP_DELACK_MAX_US and TCP_RTO_MIN_US",
            )
            .what_if(
                "the-other-way-round",
                [option("tuned", key, 0), option("plain", key, 20_000)],
                swapped(),
            )
            .option("tuned", key, 20_000)
            .option("plain", key, 0)
    };
    [
        by_route,
        by_sysctl,
        by_option("delack-socket", "delack-max-us"),
        by_option("delack-socket-rto", "rto-min-us"),
    ]
}

pub(crate) fn with_claims(experiment: Experiment) -> Experiment {
    experiment
        .claim(FIRST, |run| {
            let told_later =
                run.data("to tuned").leaves_after(run.data("to plain"));
            told_later.and(
                run.ack_of("to tuned").leaves_before(run.ack_of("to plain")),
            )
        })
        .claim(PLAIN, |run| {
            let sent = run.data("to plain");
            run.ack_of("to plain").after(sent).at_least(DELAYED_ACK)
        })
        .claim(TIMER, |run| {
            let delayed = |host| run.observed(host, DELAYED);
            delayed("plain").is("1").and(delayed("tuned").is("1"))
        })
        .what_if(
            "not-interactive",
            option("client", "interactive", false),
            fails([FIRST, PLAIN, TIMER]),
        )
        .figure("How long each ACK waited", waited)
}

/// In the accepted run.
fn waited(run: &Evidence) -> Table {
    ["plain", "tuned"].iter().fold(
        Figure::table(["host", "waited"]),
        |t, host| {
            let data = run.data(&format!("to {host}"));
            let ack = data.clone().acknowledged();
            let took = match (data.segment(), ack.segment()) {
                (Some(data), Some(ack)) => {
                    say(Duration::from_nanos(ack.at.abs_diff(data.at)))
                }
                _ => "?".into(),
            };
            t.row([host.to_string(), took])
        },
    )
}
