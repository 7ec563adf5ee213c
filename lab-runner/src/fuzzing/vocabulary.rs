//! One experiment that says every word of claims and draws every figure.

use lab_kit::claim::{DELAYED_ACK, all};
use lab_kit::figure::{Bars, Bytes, Path, Table};
use lab_kit::{Evidence, Experiment, Figure, Finding, cable, ms, option, secs};

/// Judged whatever the evidence is.
pub(super) fn experiment() -> Experiment {
    let named = Experiment::new("every-word", "Does any word panic?")
        .link(cable("client", "server"))
        .option("client", "count", 1)
        .script(|_| Ok(()))
        .shows_counter("server", "A")
        .shows_windows()
        .keeps_bytes();
    let judged = named
        .claim("of one segment", one)
        .claim("of the time between two", between)
        .claim("of several", several)
        .claim("of bytes", bytes)
        .claim("of values", values);
    let drawn = judged
        .figure("panel", Evidence::panel)
        .figure("packet", packet)
        .figure("after ip", after_ip)
        .figure("bars", bars)
        .figure("table", table)
        .figure("path", path);
    let off = option("client", "count", 0);
    drawn.what_if("off", off, vec!["of several".into()])
}

fn one(run: &Evidence) -> Finding {
    all([
        run.data("A").is_there(),
        run.ack_of("A").acks(2),
        run.data("B").carries(1),
        run.data("B").has_flags("P."),
        run.segments().first().has_options(&["mss 1460", "TS"]),
        run.data("A").leaves_after(run.data("B")),
        run.data("A").leaves_before(run.ack_of("B")),
        run.segments().nth(2).is_there(),
        run.segments().nth(0).is_there(),
        run.segments().last().is_there(),
    ])
}

fn between(run: &Evidence) -> Finding {
    let gap = || run.segments().last().after(run.segments().first());
    all([
        gap().at_least(DELAYED_ACK),
        gap().at_most(secs(1)),
        gap().within(ms(0)..=ms(9)),
        run.ack_of("A").after(run.data("A")).at_least(ms(1)),
        run.segments().first().after(run.segments().last()).at_most(ms(1)),
        run.segments().with_data().each_acknowledged_after(ms(1)),
    ])
}

fn several(run: &Evidence) -> Finding {
    let client = || run.segments().from("client");
    all([
        client().count_is(2),
        client().of_connection(1).at_least(1),
        client().pure_acks().none(),
        client().with_flag('S').are(&["client S", "client S(1)"]),
        client().retransmissions().none(),
        client().saying("A").before(run.data("B")).none(),
        client().after(run.ack_of("A")).at_least(1),
    ])
}

fn bytes(run: &Evidence) -> Finding {
    all([
        run.data("A").data_is(b"A"),
        run.segments().first().header_has(0..2, &[0, 80]),
        run.segments().last().header_has(19..20, &[0]),
        run.segments().last().header_has(0..0, &[]),
    ])
}

fn values(run: &Evidence) -> Finding {
    all([
        run.counter("server", "A").is(1),
        run.counter("client", "B").at_least(1),
        run.observed("client", "read").is("0"),
        run.observed("client", "read").is_not("1"),
        run.observed("client", "read").contains("2"),
        run.observed_nth("client", "read", 2).number().within(0..=9),
        run.observed_nth("client", "read", 0).is("0"),
        run.states_at("one", &["ESTAB", "-"]),
        run.states_left("server").is("LISTEN"),
        Finding::new(run.option("client", "count"), "an option", "none"),
    ])
}

fn packet(run: &Evidence) -> Bytes {
    run.segments().first().packet()
}

fn after_ip(run: &Evidence) -> Bytes {
    run.segments().last().after_ip()
}

fn bars(run: &Evidence) -> Bars {
    let all = run.counters.values().flatten();
    all.fold(Figure::bars("counts"), |bars, (name, n)| bars.bar(name, *n))
}

fn table(run: &Evidence) -> Table {
    let head = Figure::table(["host", "key", "value"]);
    run.observations.iter().fold(head, |table, seen| {
        table.row([&seen.host, &seen.key, &seen.value])
    })
}

fn path(run: &Evidence) -> Path {
    run.observations.iter().fold(Figure::path(), |path, seen| {
        path.step_in(&seen.host, &seen.key, &seen.value)
    })
}
