//! The sysctls that every host's namespace starts with: all that a trace
//! depends on. Most are the kernel's defaults, written down because they
//! follow the machine (its RAM, its sysctl.conf) or the kernel's version.
//!
//! What devices and routes copy comes before them; the rest can wait until the
//! kernel is making a capture ready.

use anyhow::{Result, bail};

use super::sysctl;

/// One pinned sysctl.
pub(super) struct Pin {
    pub(super) key: &'static str,
    pub(super) value: &'static str,
    /// May be missing: the kernel has it since this version, or only if it
    /// was configured so.
    pub(super) optional: Option<&'static str>,
}

const fn pin(key: &'static str, value: &'static str) -> Pin {
    Pin { key, value, optional: None }
}

impl Pin {
    const fn since(self, version: &'static str) -> Pin {
        Pin { optional: Some(version), ..self }
    }
}

/// Sets them in the namespace that this thread is in.
pub(super) fn apply(pins: &[Pin]) -> Result<()> {
    for pin in pins {
        let found = sysctl::pin_if_there(pin.key, pin.value)?;
        if !found && pin.optional.is_none() {
            bail!(
                "this kernel has no sysctl {}, on which every trace depends; \
                 `lab-runner doctor` lists the supported kernels",
                pin.key
            );
        }
    }
    Ok(())
}

/// For every namespace, also the wires'. IPv6 would send neighbour and
/// multicast reports into every trace.
pub(super) const SILENCE: &[Pin] = &[
    pin("net.ipv6.conf.all.disable_ipv6", "1").since("CONFIG_IPV6"),
    pin("net.ipv6.conf.default.disable_ipv6", "1").since("CONFIG_IPV6"),
];

/// For every host, before it has a device.
pub(super) const COPIED: &[Pin] = &[
    // --- Inherited from the machine (a new namespace copies its value) ---
    // A machine that runs containers forwards; a host of ours doesn't.
    // First: writing it resets others.
    pin("net.ipv4.ip_forward", "0"),
    // Distributions filter by reverse path (1 or 2), which drops packets of
    // labs about routing and says nothing.
    pin("net.ipv4.conf.all.rp_filter", "0"),
    pin("net.ipv4.conf.default.rp_filter", "0"),
    // Gratuitous ARP when an interface goes up would be in the trace.
    pin("net.ipv4.conf.all.arp_notify", "0"),
    pin("net.ipv4.conf.default.arp_notify", "0"),
];

/// For every host, before its programs begin.
pub(super) const OTHERS: &[Pin] = &[
    // --- Inherited from the machine, too ---
    // Machines use cubic or bbr, and bbr paces. A namespace of a user may
    // set only reno: the other algorithms aren't marked for everybody.
    pin("net.ipv4.tcp_congestion_control", "reno"),
    // Windows and the window scale (7) follow from the third number, which
    // follows from the machine's RAM.
    pin("net.ipv4.tcp_rmem", "4096 131072 6291456"),
    pin("net.ipv4.tcp_wmem", "4096 16384 4194304"),
    // --- Follow the size of the namespace's connection table ---
    // Ours is small (see `build`), so the kernel would allow 32 TIME-WAITs
    // and 128 half-open connections. These belong to a table of 262144.
    pin("net.ipv4.tcp_max_tw_buckets", "131072"),
    pin("net.ipv4.tcp_max_syn_backlog", "2048"),
    // The upper bound of every listen(); 128 before 5.4. A namespace starts
    // with this value; Linux 6.1 hides net.core from those of a user.
    pin("net.core.somaxconn", "4096").since("5.4, or root"),
    // --- What a SYN offers ---
    pin("net.ipv4.tcp_timestamps", "1"),
    pin("net.ipv4.tcp_sack", "1"),
    pin("net.ipv4.tcp_dsack", "1"),
    pin("net.ipv4.tcp_window_scaling", "1"),
    // Accept ECN from who asks, don't ask: no ECE and CWR in our SYNs.
    pin("net.ipv4.tcp_ecn", "2"),
    // Client side only: a listener must be enabled by the lab.
    pin("net.ipv4.tcp_fastopen", "1"),
    // Before 5.14 one failure switched it off for an hour.
    pin("net.ipv4.tcp_fastopen_blackhole_timeout_sec", "0"),
    // SYN cookies when the backlog overflows, never before.
    pin("net.ipv4.tcp_syncookies", "1"),
    // Room for a lab's own ports below, and a width that labs can count on.
    pin("net.ipv4.ip_local_port_range", "40000 49999"),
    // --- Retransmission ---
    // A SYN is repeated after 1 s four times, then after twice as long.
    pin("net.ipv4.tcp_syn_retries", "6"),
    pin("net.ipv4.tcp_syn_linear_timeouts", "4").since("6.5"),
    pin("net.ipv4.tcp_synack_retries", "5"),
    // Gives up after about 15 minutes (RFC 1122 asks for 100 s or more).
    pin("net.ipv4.tcp_retries1", "3"),
    pin("net.ipv4.tcp_retries2", "15"),
    pin("net.ipv4.tcp_orphan_retries", "0"),
    // Tail loss probe and RACK are on.
    pin("net.ipv4.tcp_early_retrans", "3"),
    pin("net.ipv4.tcp_recovery", "1"),
    // 200 ms to 120 s.
    pin("net.ipv4.tcp_rto_min_us", "200000").since("6.11"),
    pin("net.ipv4.tcp_rto_max_ms", "120000").since("6.15"),
    // No connection learns from an earlier one.
    pin("net.ipv4.tcp_no_metrics_save", "1"),
    // An idle connection starts again with a small window.
    pin("net.ipv4.tcp_slow_start_after_idle", "1"),
    // No search for a smaller MTU.
    pin("net.ipv4.tcp_mtu_probing", "0"),
    pin("net.ipv4.ip_no_pmtu_disc", "0"),
    // --- When data and ACKs are sent ---
    // Small writes wait while an earlier packet sits below TCP.
    pin("net.ipv4.tcp_autocorking", "1"),
    // 1 MB before 6.18.
    pin("net.ipv4.tcp_limit_output_bytes", "4194304"),
    // How many answers make a connection interactive (it was 3 once).
    pin("net.ipv4.tcp_pingpong_thresh", "1").since("6.7"),
    // The receive buffer grows with the reader.
    pin("net.ipv4.tcp_moderate_rcvbuf", "1"),
    // At most one ACK per 500 ms to segments that don't belong.
    pin("net.ipv4.tcp_invalid_ratelimit", "500"),
    // --- The end of a connection ---
    pin("net.ipv4.tcp_fin_timeout", "60"),
    // A RST ends TIME-WAIT, as RFC 1337 warns.
    pin("net.ipv4.tcp_rfc1337", "0"),
    // TIME-WAIT ports are used again only on loopback, after a second.
    pin("net.ipv4.tcp_tw_reuse", "2"),
    pin("net.ipv4.tcp_tw_reuse_delay", "1000").since("6.14"),
    pin("net.ipv4.tcp_abort_on_overflow", "0"),
    // --- Keepalive: silent for two hours, then 9 probes, 75 s apart ---
    pin("net.ipv4.tcp_keepalive_time", "7200"),
    pin("net.ipv4.tcp_keepalive_intvl", "75"),
    pin("net.ipv4.tcp_keepalive_probes", "9"),
    // --- ICMP: six unreachables to one destination, then one a second ---
    pin("net.ipv4.icmp_ratelimit", "1000"),
    pin("net.ipv4.icmp_ratemask", "6168"),
    // --- What every packet carries ---
    pin("net.ipv4.ip_default_ttl", "64"),
];
