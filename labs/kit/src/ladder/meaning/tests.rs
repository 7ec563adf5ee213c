//! Conversations, a packet a line, and what each packet is told to be for.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

use super::meanings;
use crate::ladder::states::states;
use crate::{Evidence, Flags, Opt, Proto, Segment, Trace};

const MS: i64 = 1_000_000;

/// `a>b P. 1:6 ack 1 win 0` at so many ms; `lost`, `damaged`, `again`; it
/// arrives 1 ms later.
fn segment(at: i64, text: &str) -> Segment {
    let mut words = text.split(' ');
    let mut word = || words.next().unwrap_or_default();
    let (from, to) = word().split_once('>').unwrap();
    let flags = word();
    let (seq, end) = word().split_once(':').unwrap();
    let number = |text: &str| text.parse::<i64>().unwrap();
    let mut s = Segment {
        at: at * MS,
        arrived: Some((at + 1) * MS),
        from: from.into(),
        to: to.into(),
        flow: 1,
        flags: Flags(flags.into()),
        seq: number(seq),
        len: (number(end) - number(seq)) as u32,
        window: 1000,
        ..Segment::default()
    };
    loop {
        match word() {
            "" => return s,
            "ack" => s.ack = Some(number(word())),
            "win" => s.window = number(word()) as u32,
            "sack" => {
                let (from, to) = word().split_once(':').unwrap();
                let range = (number(from), number(to));
                s.options.push(Opt::Sack(vec![range]));
            }
            "lost" => s.arrived = None,
            "damaged" => s.damaged = true,
            "again" => s.retransmission = true,
            other => panic!("{other}"),
        }
    }
}

fn run(lines: &[(i64, &str)]) -> Evidence {
    let segments = lines.iter().map(|(at, text)| segment(*at, text));
    let hosts = vec!["a".into(), "b".into()];
    let trace = Trace { hosts, segments: segments.collect() };
    Evidence { trace, ..Evidence::default() }
}

/// Each line, with what is to be said of it.
fn check(lines: &[(i64, &str, &str)]) {
    let texts: Vec<_> = lines.iter().map(|l| (l.0, l.1)).collect();
    let said = meanings(&run(&texts));
    let wanted: Vec<_> = lines.iter().map(|l| l.2).collect();
    assert_eq!(said, wanted);
}

/// Each line, with the states of a and b after it.
fn walk(lines: &[(i64, &str, &str)]) {
    let texts: Vec<_> = lines.iter().map(|l| (l.0, l.1)).collect();
    let states = states(&run(&texts));
    let of = |states: &crate::ladder::states::States| {
        let state = |host| states.get(host).map_or("?", String::as_str);
        format!("{} {}", state("a"), state("b"))
    };
    let states: Vec<_> = states.iter().map(of).collect();
    let wanted: Vec<_> = lines.iter().map(|l| l.2).collect();
    assert_eq!(states, wanted);
}

#[test]
fn a_whole_conversation() {
    check(&[
        (0, "a>b S 0:0", "asks for a connection"),
        (
            2,
            "b>a S. 0:0 ack 1",
            "accepts: acknowledges the SYN and sends its own",
        ),
        (
            4,
            "a>b . 1:1 ack 1",
            "acknowledges the SYN: the handshake is complete",
        ),
        (5, "a>b P. 1:6 ack 1", "carries bytes 1-5"),
        (
            46,
            "b>a . 1:1 ack 6",
            "acknowledges bytes 1-5, 40.0 ms after they arrived",
        ),
        (48, "b>a P. 1:2 ack 6", "carries byte 1"),
        (
            49,
            "a>b F. 6:6 ack 2",
            "ends this direction; acknowledges byte 1, under 0.01 ms after it arrived",
        ),
        (
            60,
            "b>a FP. 2:4 ack 7",
            "carries bytes 2-3 and ends this direction; acknowledges the FIN, 10.0 ms after it arrived",
        ),
        (
            61,
            "a>b . 7:7 ack 5",
            "acknowledges bytes 2-3 and the FIN, under 0.01 ms after they arrived",
        ),
    ]);
}

#[test]
fn what_is_sent_again_says_what_became_of_the_copy() {
    check(&[
        (0, "a>b S 0:0 lost", "asks for a connection; it is lost"),
        (1000, "a>b S 0:0 again", "asks again, 1.00 s later: the SYN was lost"),
        (
            1002,
            "b>a S. 0:0 ack 1",
            "accepts: acknowledges the SYN and sends its own",
        ),
        (
            1004,
            "a>b . 1:1 ack 1",
            "acknowledges the SYN: the handshake is complete",
        ),
        (1005, "a>b P. 1:6 ack 1 lost", "carries bytes 1-5; it is lost"),
        (
            1205,
            "a>b P. 1:6 ack 1 again damaged",
            "bytes 1-5 again, 200.0 ms later: the copy before was lost; it arrives damaged and is not taken",
        ),
        (
            1605,
            "a>b P. 1:6 ack 1 again",
            "bytes 1-5 again, 400.0 ms later: the copy before was damaged",
        ),
        (
            1615,
            "a>b P. 1:6 ack 1 again",
            "bytes 1-5 again, 10.0 ms later: the copy before had arrived",
        ),
        (
            1616,
            "b>a . 1:1 ack 6",
            "acknowledges bytes 1-5, 10.0 ms after they arrived",
        ),
        (
            1617,
            "b>a . 1:1 ack 6 sack 1:6",
            "selective ACK: bytes 1-5 came twice",
        ),
        (
            1620,
            "a>b P. 1:6 ack 1 again",
            "bytes 1-5 again, 5.00 ms later, although acknowledged",
        ),
    ]);
}

#[test]
fn a_hole_is_named_and_filled() {
    let open = [
        (0, "a>b S 0:0"),
        (2, "b>a S. 0:0 ack 1"),
        (4, "a>b . 1:1 ack 1"),
        (5, "a>b . 1:11 ack 1 lost"),
        (5, "a>b . 11:21 ack 1"),
        (7, "b>a . 1:1 ack 1 sack 11:21"),
        (8, "b>a . 1:1 ack 1 sack 11:21"),
        (9, "b>a . 1:1 ack 1"),
        (12, "a>b . 1:11 ack 1 again"),
        (14, "b>a . 1:1 ack 21"),
    ];
    let said = meanings(&run(&open));
    assert_eq!(
        said[5],
        "selective ACK: a hole at bytes 1-10; bytes 11-20 came"
    );
    assert_eq!(said[7], "duplicate ACK: waits for byte 1");
    assert!(said[8].ends_with(": the copy before was lost"), "{}", said[8]);
    assert_eq!(said[9], "acknowledges bytes 1-20, 1.00 ms after they arrived");
}

#[test]
fn a_window_closes_is_probed_and_opens() {
    let lines = [
        (0, "a>b S 0:0"),
        (2, "b>a S. 0:0 ack 1"),
        (4, "a>b . 1:1 ack 1"),
        (5, "a>b . 1:11 ack 1"),
        (7, "b>a . 1:1 ack 11 win 0"),
        (200, "a>b . 10:10 ack 1"),
        (202, "b>a . 1:1 ack 11 win 0"),
        (300, "b>a . 1:1 ack 11 win 500"),
        (302, "b>a . 1:1 ack 11 win 900"),
        (400, "a>b . 10:10 ack 1"),
        (402, "b>a . 1:1 ack 11 win 900"),
    ];
    let said = meanings(&run(&lines));
    assert_eq!(
        said[4],
        "acknowledges bytes 1-10, 1.00 ms after they arrived; the window is \
         closed: 0 bytes"
    );
    assert_eq!(said[5], "probes the closed window");
    let still = "answers the probe; the window is still closed: 0 bytes";
    assert_eq!(said[6], still);
    assert_eq!(said[7], "opens the window: 500 bytes");
    assert_eq!(said[8], "window update: 900 bytes");
    let keepalive = "keepalive probe: asks whether the other end is there";
    assert_eq!(said[9], keepalive);
    assert_eq!(said[10], "answers the probe");
}

#[test]
fn resets_are_told_by_their_form() {
    check(&[
        (0, "a>b S 0:0", "asks for a connection"),
        (2, "b>a R. 0:0 ack 1", "refuses the connection"),
    ]);
    let lines = [
        (0, "a>b S 0:0"),
        (2, "b>a S. 0:0 ack 1"),
        (4, "a>b . 1:1 ack 1"),
        (5, "b>a R. 9:9 ack 1"),
        (7, "a>b . 1:1 ack 1"),
        (9, "b>a R 1:1"),
    ];
    let said = meanings(&run(&lines));
    assert_eq!(said[3], "resets the connection: ends both directions at once");
    assert_eq!(said[4], "challenge ACK: the RST's number is not exact");
    assert!(said[5].contains("without ACK"), "{}", said[5]);
}

#[test]
fn what_is_not_tcp_is_named() {
    let packet = |proto| Segment {
        proto,
        arrived: Some(0),
        len: 1,
        ..Segment::default()
    };
    let protocols = [
        Proto::Udp,
        Proto::Icmp(3, 3),
        Proto::Icmp(200, 1),
        Proto::Other("arp".into()),
    ];
    let mut run = run(&[]);
    run.trace.segments = protocols.map(packet).into();
    let wanted = [
        "a datagram of 1 byte",
        "ICMP: port unreachable",
        "ICMP type 200, code 1",
        "ARP: which MAC address has an IPv4 address",
    ];
    assert_eq!(meanings(&run), wanted);
    assert!(states(&run).iter().all(|states| states.is_empty()));
}

#[test]
fn both_open_and_both_close_at_once() {
    walk(&[
        (0, "a>b S 0:0", "SYN-SENT SYN-RECV"),
        (0, "b>a S 0:0", "SYN-RECV SYN-RECV"),
        (2, "a>b S. 0:0 ack 1", "SYN-RECV ESTAB"),
        (2, "b>a S. 0:0 ack 1", "ESTAB ESTAB"),
        (5, "a>b F. 1:1 ack 1", "FIN-WAIT-1 CLOSING"),
        (5, "b>a F. 1:1 ack 1", "CLOSING CLOSING"),
        (7, "a>b . 2:2 ack 2", "CLOSING TIME-WAIT"),
        (7, "b>a . 2:2 ack 2", "TIME-WAIT TIME-WAIT"),
    ]);
}

#[test]
fn what_is_lost_or_damaged_changes_only_its_sender() {
    walk(&[
        (0, "a>b S 0:0 lost", "SYN-SENT LISTEN"),
        (9, "a>b S 0:0", "SYN-SENT LISTEN"),
        (11, "b>a S. 0:0 ack 1", "ESTAB SYN-RECV"),
        (13, "a>b . 1:1 ack 1 lost", "ESTAB SYN-RECV"),
        (14, "a>b F. 1:1 ack 1 damaged", "FIN-WAIT-1 SYN-RECV"),
        (20, "b>a S. 0:0 ack 1 again", "FIN-WAIT-1 SYN-RECV"),
        (22, "a>b F. 1:1 ack 1 again", "FIN-WAIT-1 CLOSE-WAIT"),
        (24, "b>a . 1:1 ack 2", "FIN-WAIT-2 CLOSE-WAIT"),
        (26, "b>a R. 2:2 ack 2", "FIN-WAIT-2 -"),
        (28, "b>a R. 1:1 ack 2", "- -"),
    ]);
}

#[test]
fn a_fin_waits_for_what_is_before_it() {
    walk(&[
        (0, "a>b S 0:0", "SYN-SENT LISTEN"),
        (2, "b>a S. 0:0 ack 1", "ESTAB SYN-RECV"),
        (4, "a>b . 1:1 ack 1", "ESTAB ESTAB"),
        (6, "a>b . 1:6 ack 1 lost", "ESTAB ESTAB"),
        (7, "a>b F. 6:6 ack 1", "FIN-WAIT-1 ESTAB"),
        (9, "a>b . 1:6 ack 1 again", "FIN-WAIT-1 CLOSE-WAIT"),
    ]);
}

#[test]
fn what_the_capture_lacks_but_the_peer_acknowledges_has_come() {
    walk(&[
        (0, "a>b S 0:0", "SYN-SENT LISTEN"),
        (2, "b>a S. 0:0 ack 1", "ESTAB SYN-RECV"),
        (4, "a>b . 1:1 ack 1", "ESTAB ESTAB"),
        (7, "a>b F. 6:6 ack 1", "FIN-WAIT-1 ESTAB"),
        (9, "b>a . 1:1 ack 7", "FIN-WAIT-2 CLOSE-WAIT"),
    ]);
}

#[test]
fn a_capture_from_the_middle_says_only_what_follows_from_it() {
    walk(&[
        (0, "a>b P. 1:6 ack 1", "? ?"),
        (2, "b>a . 1:1 ack 6", "? ?"),
        (4, "b>a P. 1:6 ack 6", "ESTAB ESTAB"),
        (6, "a>b F. 6:6 ack 6", "FIN-WAIT-1 CLOSE-WAIT"),
    ]);
    walk(&[
        (0, "a>b P. 1:6 ack 1", "? ?"),
        (2, "a>b F. 6:6 ack 1", "? ?"),
        (4, "b>a F. 1:1 ack 7", "? LAST-ACK"),
    ]);
}

#[test]
fn a_syn_cookie_is_no_socket() {
    let lines = [
        (0, "a>b S 0:0"),
        (2, "b>a S. 0:0 ack 1"),
        (4, "a>b . 1:1 ack 1"),
        (6, "b>a P. 1:2 ack 1"),
    ];
    let mut run = run(&lines);
    let sent = [("TcpExtSyncookiesSent".to_string(), 1)];
    run.counters.insert("b".into(), sent.into());
    let states = states(&run);
    let b: Vec<_> = states.iter().map(|s| s.get("b").cloned()).collect();
    assert_eq!(b, [Some("LISTEN".into()), None, None, Some("ESTAB".into())]);
}

#[test]
fn thousands_of_packets_take_milliseconds() {
    let mut lines = vec![
        segment(0, "a>b S 0:0"),
        segment(2, "b>a S. 0:0 ack 1"),
        segment(4, "a>b . 1:1 ack 1"),
    ];
    // All of the data is early: what is missing never comes.
    for n in 1..2500 {
        lines.push(segment(4 + n, &format!("a>b . {n}1:{n}9 ack 1")));
        lines.push(segment(6 + n, &format!("b>a . 1:1 ack 1 sack 11:{n}9")));
    }
    let mut run = run(&[]);
    run.trace.segments = lines;
    let about_all = crate::Finding {
        segments: (0..5000).collect(),
        ..crate::Finding::new(true, "", "")
    };
    let findings = vec![about_all; 10];
    let claims = vec![String::new(); 10];
    // The thread's own time: what else the machine does is not counted.
    let now = || clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap();
    let start = now();
    let model = crate::ladder::model::Model::of_evidence(
        "x",
        "",
        &run,
        &claims,
        &findings,
        crate::ladder::Detail::default(),
    );
    let took = Duration::from(now() - start);
    assert_eq!(model.rows.len(), 5001);
    // 50 ms in a debug build; anything quadratic takes seconds.
    assert!(took < Duration::from_millis(400), "{took:?}");
    println!("{took:?}");
}
