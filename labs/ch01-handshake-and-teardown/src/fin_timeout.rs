//! # What tcp_fin_timeout ends, and what not
//!
//! **Question.** `tcp_fin_timeout` is set to one second and the peer never
//! closes. Which sockets does that free?

use std::io::Write;
use std::net::Shutdown;

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, ms, option, secs, sysctl};

use crate::close_wait::left;
use crate::pair::greet;

// ANCHOR: experiment
pub(crate) fn orphan() -> Experiment {
    let [gone, second, reset, left_alone] = [
        "the kernel forgets the connection",
        "after tcp_fin_timeout, one second",
        "what arrives after that is answered by RST",
        "the server's CLOSE-WAIT is still there",
    ];
    family("fin-timeout", "close(), and the peer stays. What ends FIN-WAIT-2?")
        .option("client", "keeps", false)
        .claim(gone, |run| run.states_left("client").is("-"))
        .claim(second, |run| {
            let fin = run.segments().from("client").with_flag('F').first();
            run.data("late").after(fin).within(secs(1)..=secs(8))
        })
        .claim(reset, |run| {
            run.segments().after(run.data("late")).are(&["client R"])
        })
        .claim(left_alone, |run| {
            let given_up = "the client's kernel has given up";
            run.states_at(given_up, &["-", "CLOSE-WAIT"])
        })
        .what_if(
            "shutdown-only",
            option("client", "keeps", true),
            fails([gone, second, reset, left_alone]),
        )
}

pub(crate) fn held() -> Experiment {
    let [stays, no_timer] =
        ["the connection is still there", "no timer would end it"];
    family("fin-timeout-held", "shutdown(), and the peer stays. What ends it?")
        .option("client", "keeps", true)
        .claim(stays, |run| run.states_left("client").is("FIN-WAIT-2"))
        .claim(no_timer, |run| left(run, "client", "FIN-WAIT-2", 0..=0))
        .what_if(
            "close",
            option("client", "keeps", false),
            fails([stays, no_timer]),
        )
}

fn family(name: &str, question: &str) -> Experiment {
    Experiment::new(name, question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("client", "net.ipv4.tcp_fin_timeout", 1))
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = greet(net)?;
    pair.client.shutdown(Shutdown::Write)?;
    net.until_state("client", "FIN-WAIT-2")?;
    if net.knob("client:keeps") {
        net.keep(pair.client);
        net.quiet(ms(1500), "longer than tcp_fin_timeout")?;
        net.keep(pair.server);
        return net.step("a second and a half later");
    }
    drop(pair.client);
    net.until("the client's kernel gives up", || {
        Ok(net.sockets("client")?.is_empty())
    })?;
    net.step("the client's kernel has given up")?;
    pair.server.write_all(b"late")?;
    net.until("RST", || Ok(lab_kit::tcp_state(&pair.server)? == "CLOSED"))
}
// ANCHOR_END: script
