//! What people say about opening and closing a connection, and which claim of
//! this chapter shows how it is.

use lab_kit::Experiment;
use lab_kit::Truth::{self, False, Outdated, Partly, True};

/// Experiment, verdict, saying, the claim that shows it, what is so instead.
type Row = (&'static str, Truth, &'static str, &'static str, &'static str);

#[rustfmt::skip] // a row reads as a row of the table that it becomes
const SAYINGS: &[Row] = &[
    ("handshake", True, "Three segments open a connection: SYN, SYN ACK, ACK",
     "SYN, SYN ACK, ACK", ""),
    ("handshake", False, "accept() completes the handshake",
     "both are established, nobody has accepted",
     "The kernel completes it; accept() takes it from a queue."),
    ("walk", True, "Closing takes each end through states of its own",
     "closing the other leaves one TIME-WAIT", ""),
    ("third-ack-lost", False, "If the handshake's last ACK is lost, the request is too",
     "the first data opens the server", "Every later segment carries the same ACK."),
    ("refused", True, "A SYN to a port where nobody listens is answered by RST",
     "the answer to the SYN is a RST that acknowledges it", ""),
    ("self-connect", False, "connect() succeeds only if somebody listens",
     "connect() says ok, and there is no listener",
     "A socket that gets the destination's port as its own is its own peer."),
    ("lost-syn", True, "One lost SYN costs a second",
     "a second has passed before that", ""),
    ("lost-syn-ack", False, "If the SYN ACK is lost, the client has to ask again",
     "a second later both ask again, each with what it sent before",
     "The server has a timer of its own."),
    ("syn-unanswered", Outdated, "A SYN is repeated after 1, 2, 4, 8 s",
     "with linear timeouts there are three, a second apart",
     "Since Linux 6.5 the first four timeouts are a second each."),
    ("syn-unanswered", Partly, "tcp_syn_retries is how often a SYN is sent again",
     "with linear timeouts there are three, a second apart",
     "It sets how long connect() waits; linear timeouts put more SYNs into that time."),
    ("syn-ack-unanswered", True, "The SYN ACK is repeated, and each wait is twice as long",
     "then the server waits twice as long, and forgets", ""),
    ("four-segments", Partly, "Closing takes four segments",
     "four segments close the connection",
     "Only if the other program is slower than a delayed ACK."),
    ("three-segments", Partly, "FIN and ACK merge, so closing takes three segments",
     "three segments close the connection",
     "If the other program closes within the delay of an ACK."),
    ("half-close", True, "After shutdown(Write) the answer still arrives",
     "the client reads it, then the end", ""),
    ("shutdown-read", False, "shutdown(Read) stops the sender",
     "no segment tells the client", "No segment says so, and what comes can be read."),
    ("late-answer", False, "Writing to a connection that the peer has closed fails",
     "the first write succeeds, the second is EPIPE", "The second write fails."),
    ("late-answer", Partly, "A RST is ECONNRESET",
     "then read says end of file, not ECONNRESET",
     "In ESTAB it is; in CLOSE-WAIT it is EPIPE, and reads say end of file."),
    ("two-descriptors", Partly, "close() sends a FIN",
     "the FIN comes with the last close()", "The last one does."),
    ("killed", False, "kill -9 leaves the peer hanging",
     "the kernel sends a FIN in the dead process's name", ""),
    ("half-open", Partly, "A server that was restarted resets its clients",
     "the first data is answered by RST", "Those that send something."),
    ("half-open", False, "A client whose server is gone notices it",
     "a read waits, and sends nothing", "Only a segment can find out."),
    ("syn-again", Outdated, "A SYN on an existing connection is answered by RST",
     "the server sends no RST",
     "Since RFC 5961 it is answered by an ACK, and the client resets."),
    ("challenge-lost", True, "A stateful firewall can keep a client out that has rebooted",
     "a second later both ends are where they were",
     "It drops the ACK that would have told the client."),
    ("rst-numbers", Outdated, "A forged RST needs only to fall into the window",
     "inside, but not the next number: a challenge, no reset",
     "It must have exactly the next number."),
    ("simultaneous-open", False, "Somebody has to listen",
     "both go from SYN-SENT through SYN-RECV to ESTAB",
     "Two connect()s that cross will do."),
    ("simultaneous-close", Partly, "Only the end that closes first gets a TIME-WAIT",
     "both go through CLOSING to TIME-WAIT", "Both get one if their FINs cross."),
    ("close-wait", False, "The kernel cleans up CLOSE-WAIT after a while",
     "the server's CLOSE-WAIT has no timer", ""),
    ("close-wait", True, "CLOSE-WAIT piles up because a program doesn't call close()",
     "the server's CLOSE-WAIT has no timer", ""),
    ("fin-timeout", False, "CLOSE-WAIT goes when the peer gives up",
     "the server's CLOSE-WAIT is still there", ""),
    ("fin-timeout-held", Partly, "tcp_fin_timeout ends FIN-WAIT-2",
     "no timer would end it", "Only if no process holds the socket any more."),
    ("linger2", False, "tcp_fin_timeout can only be set for the whole machine",
     "the orphan's timer starts within the second of TCP_LINGER2",
     "TCP_LINGER2 sets it for one socket."),
    ("time-wait", False, "tcp_fin_timeout shortens TIME-WAIT",
     "for 60 s, whatever tcp_fin_timeout says", "60 s, a constant of the kernel."),
    ("time-wait", Partly, "TIME-WAIT lasts two to four minutes",
     "for 60 s, whatever tcp_fin_timeout says", "60 s on Linux."),
    ("tw-buckets", False, "Above tcp_max_tw_buckets the oldest TIME-WAITs are cleared",
     "the first two stay, the later ones are never made", ""),
    ("time-wait-port", Partly, "TIME-WAIT uses up the client's ports",
     "another port of the same server is not", "Towards one destination."),
    ("time-wait-server", Partly, "TIME-WAIT on a server keeps clients out",
     "from the same port to the same port: connected at once", ""),
    ("tw-reuse", Outdated, "Set tcp_tw_recycle",
     "tcp_tw_recycle is gone", "There is no such file."),
    ("tw-reuse", Partly, "tcp_tw_reuse=1 frees the port of a TIME-WAIT",
     "the client connects from the port in TIME-WAIT",
     "For connect(), with timestamps, after tcp_tw_reuse_delay."),
    ("defaults", Outdated, "tcp_tw_reuse is off unless you set it",
     "tcp_tw_reuse is 2", "It is on, for loopback: so the test on one machine passes."),
    ("defaults", False, "tcp_fin_timeout is 30 by default",
     "tcp_fin_timeout is 60, tcp_syn_retries 6, tcp_synack_retries 5", ""),
    ("tw-reuse-matrix", False, "tcp_tw_reuse needs no timestamps",
     "without timestamps nothing frees it", ""),
    ("tw-reuse-matrix", False, "tcp_tw_reuse=1 works at once",
     "before tcp_tw_reuse_delay has passed nothing frees it", "After a second, unless set."),
    ("tw-bound", False, "Without tcp_tw_reuse a port in TIME-WAIT can't connect again",
     "with bind() and SO_REUSEADDR the same connection is made at once", ""),
    ("last-ack-lost", True, "TIME-WAIT is there in case the last ACK is lost",
     "the FIN comes again, and so does its ACK", ""),
    ("last-ack-lost", False, "Without TIME-WAIT nothing is missing",
     "nobody is reset", "The server's FIN is answered by RST: --what-if no-time-wait."),
    ("assassination", True, "A late segment can kill a TIME-WAIT",
     "the RST ends the TIME-WAIT", "Unless tcp_rfc1337 is 1."),
];

/// The experiment, with what people say about it.
pub(crate) fn told(experiment: Experiment) -> Experiment {
    let name = experiment.plan().name.clone();
    let mine = SAYINGS.iter().filter(|(of, ..)| *of == name);
    mine.fold(experiment, |told, (_, truth, saying, claim, note)| {
        let told = told.folklore(*truth, saying, claim);
        if note.is_empty() { told } else { told.folklore_note(note) }
    })
}

#[cfg(test)]
mod tests {
    use super::SAYINGS;

    #[test]
    fn every_saying_belongs_to_an_experiment() {
        let all = crate::experiments();
        for (of, _, saying, ..) in SAYINGS {
            let known = all.iter().any(|e| e.plan().name == *of);
            assert!(known, "{saying:?}: no experiment is named {of:?}");
        }
    }
}
