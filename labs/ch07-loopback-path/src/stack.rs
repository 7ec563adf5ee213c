//! What the experiments with the kernel's own stack share: where the kernel is
//! asked to report, and how a stack becomes a picture.

use lab_kit::figure::Path;
use lab_kit::{Evidence, Figure, Finding, Passage};

/// Why root: the tracepoints say what everybody on the machine does.
pub(crate) const WHY: &str = "only root may ask the kernel for its stack";

/// Where the kernel reports, on the way of one segment.
pub(crate) const POINTS: [&str; 9] = [
    "syscalls:sys_enter_sendto",
    "net:net_dev_queue",
    "net:net_dev_start_xmit",
    "net:netif_rx",
    "net:net_dev_xmit",
    "irq:softirq_entry",
    "net:netif_receive_skb",
    "sock:sk_data_ready",
    "syscalls:sys_exit_sendto",
];

/// The other socket has the data, and whoever waits for it is woken.
pub(crate) const READY: &str = "sock:sk_data_ready";

/// Functions whose names begin so belong to this layer; any other function
/// to the layer of the one that called it.
const LAYERS: [(&str, &[&str]); 8] = [
    ("system call", &["entry_", "do_syscall", "__x64_", "x64_sys"]),
    ("socket", &["__sys_", "sock_"]),
    ("UNIX socket", &["unix_"]),
    ("file", &["ksys_", "vfs_", "anon_pipe_", "pipe_"]),
    ("TCP", &["tcp_", "__tcp_"]),
    ("IP", &["ip_", "__ip_", "nf_"]),
    ("device", &["dev_", "__dev_", "__netif_receive", "netif_receive"]),
    ("driver", &["loopback_xmit", "veth_xmit"]),
];
const SOFTIRQ: [&str; 7] = [
    "__local_bh_enable_ip",
    "do_softirq",
    "__do_softirq",
    "handle_softirqs",
    "net_rx_action",
    "__napi_poll",
    "process_backlog",
];

/// The first passage through a tracepoint below these functions.
pub(crate) fn passage(
    run: &Evidence,
    point: &str,
    calls: &[&str],
) -> Option<Passage> {
    let all = run.passages("client").into_iter();
    all.filter(|p| p.point == point).find(|p| p.has(calls))
}

/// Nothing of the network was passed.
pub(crate) fn no_network(run: &Evidence) -> Finding {
    let mut all = run.passages("client");
    all.retain(|p| p.point.starts_with("net:") || p.about == "NET_RX");
    let met: Vec<String> = all.iter().map(Passage::short).collect();
    let saw = if met.is_empty() { "none".into() } else { met.join(", ") };
    Finding::new(met.is_empty(), "no device, no softirq", saw)
}

/// The stack at a passage, layer by layer, up to the point where the data
/// turns round and from there. Where a packet has turned round, the driver has
/// returned; what it had called is put in from the stack at `netif_rx`.
pub(crate) fn drawn(run: &Evidence, passage: Option<Passage>) -> Path {
    let calls = passage.map_or(Vec::new(), |p| p.calls);
    let position = |names: &[&str]| {
        calls.iter().position(|call| names.contains(&call.as_str()))
    };
    let all = run.passages("client");
    let sent = all.iter().find(|p| p.point == "net:netif_rx");
    let (down, up, there) = match (position(&SOFTIRQ[..1]), sent) {
        (Some(turn), Some(sent)) => {
            (&sent.calls[..], &calls[turn..], "a softirq, on the same stack")
        }
        _ => {
            let turn = position(&["sock_def_readable", "__wake_up_sync_key"]);
            let (down, up) = calls.split_at(turn.unwrap_or(calls.len()));
            (down, up, "the other end, in the same call")
        }
    };
    let (mut path, mut layer) = (Figure::path(), "system call");
    for call in down {
        layer = layer_of(call, layer);
        path = path.step_in("the client, in its system call", layer, call);
    }
    for call in up {
        layer = layer_of(call, layer);
        path = path.step_in(there, layer, call);
    }
    path
}

fn layer_of(call: &str, caller: &'static str) -> &'static str {
    if SOFTIRQ.contains(&call) {
        return "softirq";
    }
    let starts = |(_, names): &&(&str, &[&str])| {
        names.iter().any(|name| call.starts_with(name))
    };
    LAYERS.iter().find(starts).map_or(caller, |(layer, _)| *layer)
}
