//! # The CPU that the packet came in on
//!
//! **Question.** Two listeners on one port; each has told the kernel a CPU
//! (`SO_INCOMING_CPU`). Does a connection go by the CPU that handles its SYN?
//!
//! Between two network namespaces that is the CPU on which the client runs.

use anyhow::{Result, bail};
use lab_kit::{Experiment, Net, cable, fails, option};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use socket2::SockRef;

use crate::guest::{group, knock, queue};
use crate::tally::Tally;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Can a listener ask for the connections of one CPU?";
    let [first, second] = [
        "from the first CPU, all go to listener 0",
        "from the second CPU, all go to listener 1",
    ];
    Experiment::new("incoming-cpu", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "swapped", false)
        .option("client", "moves", true)
        .claim(first, |run| {
            run.observed("server", "from the first CPU").is("0 0 0 0")
        })
        .claim(second, |run| {
            run.observed("server", "from the second CPU").is("1 1 1 1")
        })
        .what_if(
            "swapped",
            option("server", "swapped", true),
            fails([first, second]),
        )
        .what_if("stays", option("client", "moves", false), fails([second]))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let allowed = sched_getaffinity(Pid::this())?;
    let mut cpus = (0..CpuSet::count())
        .filter(|&cpu| allowed.is_set(cpu).unwrap_or(false));
    let (Some(a), Some(b)) = (cpus.next(), cpus.next()) else {
        bail!("this needs two CPUs, and may use only one")
    };
    let listeners = group(net, 2)?;
    let asks = if net.knob("server:swapped") { [b, a] } else { [a, b] };
    for (listener, cpu) in listeners.iter().zip(asks) {
        SockRef::from(listener).set_cpu_affinity(cpu)?; // SO_INCOMING_CPU
    }
    let mut tally = Tally::default();
    let second = if net.knob("client:moves") { b } else { a };
    for (which, cpu) in [("first", a), ("second", second)] {
        let mut only = CpuSet::new();
        only.set(cpu)?;
        sched_setaffinity(Pid::this(), &only)?;
        for _ in 0..4 {
            let _guest = knock(net)?;
            for (n, listener) in listeners.iter().enumerate() {
                if queue(listener)? > 0 {
                    tally.add("server", &format!("from the {which} CPU"), n);
                    net.keep(listener.accept()?.0);
                }
            }
        }
    }
    tally.observe(net)
}
// ANCHOR_END: script
