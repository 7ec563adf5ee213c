//! Each question, on a small trace of our own; and what is no question.

use lab_kit::figure::{Drawn, Figure};
use lab_kit::ladder::model::{Claim, Model, ModelPacket, ModelRow};
use lab_kit::{Experiment, Lab, Plan, cable};

use super::packet::place;
use super::{Ground, Place, check, question};

fn packet(n: usize, from: &str, label: &str, relative: (i64, i64)) -> ModelRow {
    let to = if from == "client" { "server" } else { "client" };
    ModelRow::Packet(Box::new(ModelPacket {
        n,
        at: n as i64 * 1_000_000,
        arrived: Some(n as i64 * 1_000_000 + 1000),
        flow: 1,
        from: from.into(),
        to: to.into(),
        label: label.into(),
        relative: Some((relative.0, Some(relative.1))),
        ..ModelPacket::default()
    }))
}

fn note(at: Option<i64>, host: &str, text: &str) -> ModelRow {
    ModelRow::Note { at, host: host.into(), text: text.into() }
}

fn model() -> Model {
    let mut rows = vec![
        packet(1, "client", "SYN", (0, 0)),
        packet(2, "server", "SYN ACK", (0, 1)),
        packet(3, "client", "ACK 1", (1, 1)),
        packet(4, "client", "PSH ACK 1:6 win 512 \"ping!\"", (1, 1)),
        packet(5, "server", "ACK 6", (1, 6)),
        packet(6, "server", "PSH ACK 1:6 \"pong!\" again", (1, 6)),
        ModelRow::Gap { claim: 0, lasted: "42.9 ms".into(), holds: true },
        packet(7, "server", "RST ACK", (6, 6)),
        ModelRow::States {
            label: "it is \"over\"".into(),
            states: vec![("client".into(), "CLOSE-WAIT".into())],
        },
        note(Some(1), "client", "write -> ok"),
        note(Some(2), "client", "write -> ECONNRESET"),
        note(Some(3), "client", "bytes -> 12"),
        note(None, "server", "TcpExtDelayedACKs +2"),
        note(None, "client", "TcpActiveOpens +1"),
    ];
    if let ModelRow::Packet(p) = &mut rows[5] {
        p.again = true;
    }
    if let ModelRow::Packet(p) = &mut rows[7] {
        p.arrived = None;
    }
    let claim = |says: &str, holds| Claim {
        says: says.into(),
        holds,
        saw: "42.9 ms".into(),
    };
    Model {
        of: "ch05/first-ack".into(),
        hosts: vec!["client".into(), "server".into()],
        claims: vec![claim("it waits", true), claim("it ends", false)],
        rows,
        ..Model::default()
    }
}

fn plan() -> Plan {
    let none = |_: &lab_kit::Evidence| lab_kit::Finding::new(true, "", "");
    let experiment = Experiment::new("first-ack", "?")
        .link(cable("client", "server"))
        .program("server", |_| Ok(()))
        .claim("it waits", none)
        .claim("it ends", none);
    let lab = Lab::new("ch05", "?").experiment(experiment);
    lab.describe().experiments.remove(0)
}

fn figures() -> Vec<Drawn> {
    let table = Figure::table(["who", "how many"])
        .row(["stayed".to_string(), "9".to_string()]);
    let bars = Figure::bars("datagrams").bar("read", 3);
    let drawn = |title: &str, figure| Drawn { title: title.into(), figure };
    vec![drawn("moved", Figure::from(table)), drawn("lost", Figure::from(bars))]
}

fn on<T>(ask: impl Fn(&Ground) -> T) -> T {
    let (plan, model, figures) = (plan(), model(), figures());
    ask(&Ground { plan: &plan, model: &model, figures: &figures })
}

fn holds(text: &str) -> Result<bool, String> {
    on(|ground| check(text)?.holds(ground))
}

#[test]
fn what_is_so_in_the_trace_holds() {
    for text in [
        "packet 4 from = client",
        "packet 4 to = server",
        "packet 7 flags = \"RST ACK\"",
        "packet 7 flags has RST",
        "packet 4 bytes = 5",
        "packet 5 ack = 6",
        "packet 4 seq = 1",
        "packet 4 window = 512",
        "packet 7 fate = lost",
        "packet 6 label has pong",
        "count = 7",
        "count from server with RST = 1",
        "count from client packets data = 1",
        "count flags \"ACK\" = 2",
        "count again = 1",
        "count lost to client = 1",
        "count saying ping connection 1 = 1",
        "gap 4 to 5 between 1ms and 1ms",
        "gap \"it waits\" > 35ms",
        "gap \"it waits\" <= 0.0429s",
        "claim \"it waits\" holds",
        "claim \"it ends\" fails",
        "state client at \"it is \\\"over\\\"\" = CLOSE-WAIT",
        "state server at \"it is \\\"over\\\"\" = -",
        "value client \"write\" = ok",
        "value client \"write\" 2 = ECONNRESET",
        "value client \"write\" 2 != ok",
        "value client \"bytes\" >= 12",
        "counter server TcpExtDelayedACKs = 2",
        "counter client TcpExtDelayedACKs = 0",
        "figure \"moved\" \"stayed\" \"how many\" = 9",
        "figure \"lost\" \"read\" \"datagrams\" < 4",
    ] {
        assert_eq!(holds(text), Ok(true), "{text}");
    }
}

#[test]
fn what_is_not_so_does_not_hold() {
    for text in [
        "packet 4 from = server",
        "packet 7 flags = RST",
        "count from client with RST > 0",
        "gap \"it waits\" < 30ms",
        "gap \"it waits\" between 1ms and 2ms",
        "claim \"it waits\" fails",
        "value client \"write\" = 7",
        "value client \"write\" 2 = ok",
        "counter server TcpExtDelayedACKs != 2",
        "counter server TcpActiveOpens > 0",
    ] {
        assert_eq!(holds(text), Ok(false), "{text}");
    }
}

#[test]
fn what_can_not_be_asked_is_a_sentence() {
    for (text, wanted) in [
        ("", "nothing is asked"),
        ("paket 4 from = x", "did you mean packet?"),
        ("packet x from = x", "`x` is not a packet's number"),
        ("packet 4 flag = x", "did you mean flags?"),
        ("packet 4", "lacks a field"),
        ("packet 99 ack = 1", "there is no packet 99"),
        ("packet 1 window = 1", "packet 1 has no window"),
        ("packet 4 from is client", "none of"),
        ("packet 4 from = a b", "followed by one of"),
        ("count from sever = 1", "no host is called `sever`"),
        ("count with RTS = 1", "`RTS` is no flag"),
        ("gap 4 5 > 1ms", "gap 4 to 5"),
        ("gap \"it ends\" > 1ms", "about no time"),
        ("gap \"it weights\" > 1ms", "doesn't claim"),
        ("gap \"it waits\" > 35", "can't be compared"),
        ("claim \"it wait\" holds", "did you mean it waits?"),
        ("state client \"over\" = x", "state HOST at"),
        ("state client at \"ovr\" = x", "no state was recorded"),
        ("value client \"wirte\" = ok", "did you mean write?"),
        ("value client \"write\" 3 = ok", "kept no value 3"),
        ("counter server TcpExtDelayedACK = 2", "TcpExtDelayedACKs"),
        ("counter nobody TcpExtDelayedACKs = 2", "no host is called"),
        ("figure \"x\" \"y\" \"z\" = 1", "no figure is called"),
        ("figure \"moved\" \"y\" \"how many\" = 1", "has no \"y\""),
        ("claim \"open", "never closed"),
    ] {
        let why = holds(text).unwrap_err();
        assert!(why.contains(wanted), "{text}: {why}");
    }
    assert!(question("packet 4 ack = 6").unwrap_err().contains("too much"));
}

#[test]
fn an_ack_that_may_be_folded_has_no_place_in_another_run() {
    on(|ground| {
        // The third segment of a handshake stays.
        assert_eq!(place(ground.model, 3), Ok((1, 2)));
        assert_eq!(place(ground.model, 4), Ok((1, 3)));
        let why = place(ground.model, 5).unwrap_err();
        assert!(why.contains("another run"), "{why}");
        assert_eq!(place(ground.model, 6), Ok((1, 4)));
    });
}

#[test]
fn packets_values_and_steps_have_a_place() {
    let row = |text: &str| on(|ground| Place::read(text)?.row(ground));
    assert_eq!(row("packet 7"), Ok(7));
    assert_eq!(row("value client \"write\" 2"), Ok(10));
    assert_eq!(row("step \"it is \\\"over\\\"\""), Ok(8));
    assert!(row("packet 70").unwrap_err().contains("no packet 70"));
    assert!(row("value client \"x\"").unwrap_err().contains("has no"));
    assert!(row("claim \"it waits\"").unwrap_err().contains("no place"));
}
