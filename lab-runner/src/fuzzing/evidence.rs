//! Arbitrary bytes -> evidence. Hosts, keys and labels are a lab's, so they are
//! words; what programs and packets say is anything.

use lab_kit::{
    Counters, Evidence, Filled, Flags, MarkSeen, Observation, Opt, Proto,
    QuietSeen, Segment, Socket, Step, Trace,
};

use super::source::Source;

const HOSTS: [&str; 4] = ["client", "server", "third", "192.0.2.9"];
const STATES: [&str; 4] = ["ESTAB", "FIN-WAIT-1", "LISTEN", "UNKNOWN"];

pub(super) fn of(from: &mut Source) -> Evidence {
    let count = usize::from(from.byte()) % HOSTS.len() + 1;
    let hosts: Vec<String> =
        HOSTS[..count].iter().map(|host| host.to_string()).collect();
    Evidence {
        trace: Trace { hosts, segments: from.list(24, segment) },
        marks: from.list(4, mark),
        observations: from.list(8, observation),
        steps: from.list(6, step),
        quiets: from.list(3, quiet),
        counters: from.list(3, counters).into_iter().collect(),
        left: from
            .list(3, |from| (host(from), from.list(4, socket)))
            .into_iter()
            .collect(),
        options: from
            .list(3, |from| ("client:count".into(), from.text()))
            .into_iter()
            .collect(),
        said: from.list(4, said).into_iter().collect(),
    }
}

/// A program and a packet that say this.
pub(super) fn says(run: &mut Evidence, text: &str) {
    run.observations.push(Observation {
        host: "client".into(),
        key: "read".into(),
        value: text.into(),
        at: 1,
        measured: false,
    });
    let mut from = Source::new(&[]);
    let latin1 = text.bytes().take(64).map(char::from).collect();
    let len = text.len() as u32;
    run.trace.segments.push(Segment {
        len,
        payload: latin1,
        bytes: text.into(),
        ..segment(&mut from)
    });
}

fn said(from: &mut Source) -> (String, Filled) {
    let key = from.pick(&["cause", "segment", "order"]).to_string();
    let filled = match from.byte() % 3 {
        0 => Filled::Number(from.number()),
        1 => Filled::Word(from.text()),
        _ => Filled::Words(from.list(3, Source::text)),
    };
    (key, filled)
}

fn host(from: &mut Source) -> String {
    from.pick(&HOSTS).into()
}

fn segment(from: &mut Source) -> Segment {
    let bits = from.short();
    let len = from.number() as u32;
    let payload = from.text();
    Segment {
        at: from.number(),
        arrived: from.coin().then(|| from.number()),
        from: host(from),
        to: host(from),
        flow: from.byte().into(),
        proto: proto(from),
        flags: Flags::from_bits(bits & 0xff),
        seq: from.number(),
        ack: (bits & 0x100 != 0).then(|| from.number()),
        len: if bits & 0x200 == 0 { len } else { payload.len() as u32 },
        window: from.number() as u32,
        options: from.list(4, option),
        payload,
        retransmission: bits & 0x400 != 0,
        bad_checksum: bits & 0x800 != 0,
        damaged: bits & 0x1000 != 0,
        raw: (from.number() as u32, from.number() as u32),
        bytes: {
            let len = from.byte();
            from.take(len.into()).into()
        },
    }
}

fn proto(from: &mut Source) -> Proto {
    match from.byte() {
        0 => Proto::Udp,
        1 => Proto::Icmp(from.byte(), from.byte()),
        2 => Proto::Other(format!("ip {}", from.byte())),
        3 => Proto::Other("arp".into()),
        _ => Proto::Tcp,
    }
}

fn option(from: &mut Source) -> Opt {
    match from.byte() % 7 {
        0 => Opt::Mss(from.short()),
        1 => Opt::SackOk,
        2 => Opt::Ts,
        3 => Opt::Wscale(from.byte()),
        4 => Opt::Sack(from.list(4, |from| (from.number(), from.number()))),
        5 => Opt::FastOpen(from.byte()),
        _ => Opt::Other(from.byte()),
    }
}

fn mark(from: &mut Source) -> MarkSeen {
    MarkSeen { role: host(from), name: from.text(), at: from.number() }
}

fn observation(from: &mut Source) -> Observation {
    Observation {
        host: host(from),
        key: from.pick(&["read", "errno", "bytes read"]).into(),
        value: from.text(),
        at: from.number(),
        measured: from.coin(),
    }
}

fn step(from: &mut Source) -> Step {
    let state = |from: &mut Source| from.pick(&STATES).to_string();
    Step {
        label: from.pick(&["one", "FIN arrives", "then: two"]).into(),
        at: from.number(),
        states: from
            .list(3, |from| (host(from), from.list(3, state)))
            .into_iter()
            .collect(),
        sockets: from
            .list(3, |from| (host(from), from.list(3, socket)))
            .into_iter()
            .collect(),
    }
}

fn quiet(from: &mut Source) -> QuietSeen {
    QuietSeen {
        role: host(from),
        reason: from.text(),
        ns: from.number() as u64,
        at: from.number(),
    }
}

fn counters(from: &mut Source) -> (String, Counters) {
    let grown = |from: &mut Source| (from.text(), from.number());
    (host(from), from.list(4, grown).into_iter().collect())
}

fn socket(from: &mut Source) -> Socket {
    Socket {
        state: from.pick(&STATES).into(),
        local_port: from.short(),
        remote_port: from.short(),
        recv_q: from.number() as u32,
        send_q: from.number() as u32,
        timer: from.pick(&["", "on", "timewait"]).into(),
        timer_ms: from.number() as u32,
        unacked: from.coin().then(|| from.number() as u32),
        not_sent: from.coin().then(|| from.number() as u32),
        window: from.coin().then(|| from.number() as u32),
        inode: from.byte().into(),
    }
}
