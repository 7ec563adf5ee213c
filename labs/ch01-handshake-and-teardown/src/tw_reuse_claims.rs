//! What is claimed of the 24 cases of `tw_reuse_matrix`.

use lab_kit::claim::all;
use lab_kit::{Evidence, Experiment, Finding, Knob, cable, fails, loopback};
use lab_kit::{option, sysctl};

use super::{NETWORKS, script};

const RANGE: &str = "net.ipv4.ip_local_port_range";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "In which of 24 cases does tcp_tw_reuse free the port?";
    let [one, two, stamps, age, off] = [
        "1 frees it on the network and on loopback",
        "2 frees it on loopback only",
        "without timestamps nothing frees it",
        "before tcp_tw_reuse_delay has passed nothing frees it",
        "0 frees nothing",
    ];
    Experiment::new("tw-reuse-matrix", question)
        .link(cable("client", "server"))
        .link(loopback("lo1", "lo2"))
        .since((6, 14), "tcp_tw_reuse_delay")
        .script(script)
        .knob(sysctl("client", RANGE, "40000 40000"))
        .knob(sysctl("lo1", RANGE, "40000 40000"))
        // What the words of a case mean; what-ifs change it.
        .option("client", "stamps-on", 1)
        .option("client", "stamps-off", 0)
        .option("client", "young", 60_000) // tcp_tw_reuse_delay, ms
        .option("client", "old", 1)
        .option("client", "0", 0) // tcp_tw_reuse
        .option("client", "1", 1)
        .option("client", "2", 2)
        .claim(one, |run| {
            let case = |host| run.observed(host, "1, stamps on, old").is("ok");
            case("client").and(case("lo1"))
        })
        .claim(two, |run| {
            let case = |host| run.observed(host, "2, stamps on, old");
            case("client").is(NO).and(case("lo1").is("ok"))
        })
        .claim(stamps, |run| no_case(run, "stamps off, ", &["0", "1", "2"]))
        .claim(age, |run| no_case(run, "young", &["1", "2"]))
        .claim(off, |run| no_case(run, "", &["0"]))
        .what_if("never-old", means("old", 60_000), fails([one, two]))
        .what_if("never-young", means("young", 1), fails([age]))
        .what_if("one-is-off", means("1", 0), fails([one]))
        .what_if("zero-is-one", means("0", 1), fails([off]))
        .what_if("always-stamps", means("stamps-off", 1), fails([stamps]))
        .ends_with_script()
}

const NO: &str = "EADDRNOTAVAIL";

fn means(word: &str, value: u32) -> Knob {
    option("client", word, value)
}

/// In no case with this in its name did connect() get the port.
fn no_case(run: &Evidence, with: &str, values: &[&str]) -> Finding {
    let hosts = NETWORKS.iter().map(|(client, _)| *client);
    all(hosts
        .flat_map(|host| cases(values).map(move |case| (host, case)))
        .filter(|(_, case)| case.contains(with))
        .map(|(host, case)| run.observed(host, &case).is(NO)))
}

fn cases(values: &[&str]) -> impl Iterator<Item = String> {
    let values = values.iter();
    let stamped = values.flat_map(|v| {
        ["on", "off"].map(|stamps| format!("{v}, stamps {stamps}"))
    });
    let all: Vec<_> = stamped
        .flat_map(|case| ["young", "old"].map(|age| format!("{case}, {age}")))
        .collect();
    all.into_iter()
}
// ANCHOR_END: experiment
