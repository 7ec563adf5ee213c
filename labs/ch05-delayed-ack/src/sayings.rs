//! What people say about delayed ACKs, and which claim of this chapter shows
//! how it is.

use lab_kit::SayingRow;
use lab_kit::Truth::{False, Partly, True};

#[rustfmt::skip] // a row reads as a row of the table that it becomes
pub(crate) const SAYINGS: &[SayingRow] = &[
    ("first-ack", Partly, "Every segment of data is acknowledged at once",
     "the first ACK waits", "In quick-ACK mode, or for the second full segment."),
    ("pingpong", True, "Pingpong mode delays ACKs",
     "after one answer the next ACK waits", "One answer within 40 ms enters it, one timer leaves it."),
    ("pingpong-threshold", Partly, "One answer makes a connection interactive",
     "after the first and the second answer it is no conversation",
     "One by default; tcp_pingpong_thresh sets how many."),
    ("quick-acks", False, "Quick ACKs are only for sockets that asked with TCP_QUICKACK",
     "the ACK of the last one waits", "Every connection starts with them, 16 at most."),
    ("quick-acks-window", Partly, "The number of quick ACKs is the window divided by two segments",
     "a medium one has sixteen, and a large one no more", "But never more than 16."),
    ("quick-acks-small-buffer", Partly, "Without pingpong mode and without quick ACKs, every ACK waits",
     "the ACK of the last one waits", "If nobody reads; reading sends it: --what-if reading."),
    ("two-segments", True, "There is an ACK for every second full segment",
     "the ACK of two does not: no timer sent it", "Even while ACKs are delayed."),
    ("write-write-read-3", True, "With three small writes, from the second round on the third read takes 40 ms",
     "the third echo waits for that ACK", ""),
    ("write-write-read-2", True, "With two small writes there is no stall", "no read stalls", ""),
    ("cure-quickack-rearmed", True, "TCP_QUICKACK has to be set again after every read", "no read stalls", ""),
    ("cure-quickack-once", False, "TCP_QUICKACK, set once, turns delayed ACKs off", "round 2 stalls all the same",
     "It is gone with the next answer."),
    ("cure-nodelay-server", Partly, "TCP_NODELAY ends it", "no read stalls", "On the side that holds the second write back."),
    ("cure-nodelay-client", False, "TCP_NODELAY on the slow side ends it", "now the ACK of the first echo is late",
     "On the other side the stall moves."),
    ("cure-quickack-route", False, "Delayed ACKs can't be turned off on Linux", "no read stalls",
     "They can, route by route."),
    ("slow-client", Partly, "Attach strace and it goes away", "each message travels alone",
     "If answers come in between the writes; then certainly."),
    ("header-body", True, "Keep-alive can be slower than new connections", "the ACK of the header is late", ""),
    ("cork-cap", False, "With TCP_CORK, small segments are never sent",
     "the kernel pulls the cork after 200 ms", ""),
    ("delack-tuned", False, "The 40 ms are fixed",
     "told later, it acknowledges first", "A route's rto_min at the receiver lowers them."),
    ("delack-socket", False, "No program can change its own delayed ACK",
     "told later, it acknowledges first", "TCP_DELACK_MAX_US, since Linux 6.15."),
    ("delack-sysctl", False, "/proc/sys/net/ipv4/tcpdelackmin tunes it",
     "there is no sysctl tcpdelackmin", "tcp_rto_min_us does, since Linux 6.11."),
];
