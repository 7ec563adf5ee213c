//! # Exercise: what must be unplugged?
//!
//! The reader foretells what `cable-out` will see.

use lab_kit::{Evidence, Exercise, Finding, one_of};

use crate::cable_out;

const CARD: &str = "what a pulled cable and a card that is off change";
const ADDRESS: &str = "what it changes that the address is gone";
const SENT: &str = "what send() says when lo is off";
const RECEIVED: &str = "what comes of that datagram";

pub(crate) fn exercise() -> Exercise {
    let experiment = cable_out::experiment().named("predict-cable");
    let connects =
        || one_of(["ok", "ECONNREFUSED", "ENETUNREACH", "ETIMEDOUT"]);
    let cable = "The cable of eth0 is out. The machine connects to its own \
                 address on eth0, where a program listens. What does \
                 connect() say?";
    let off = "eth1 is switched off: `ip link set eth1 down`. The machine \
               connects to its own address on eth1.";
    let address = "That address is taken from eth1, too: `ip address flush`.";
    let lo = "Now lo is switched off. The machine sends a datagram to \
              127.0.0.1. What does send() say?";
    let read =
        "And recv(), without waiting, at the socket that it was sent to?";
    Exercise::predict("What must be unplugged?", experiment)
        .asks("cable_out", cable, connects())
        .asks("card_off", off, connects())
        .asks("address_gone", address, connects())
        .asks("lo_off", lo, one_of(["ok", "ENETDOWN", "ENETUNREACH", "EPERM"]))
        .asks("received", read, one_of(["ok", "EAGAIN", "ECONNREFUSED"]))
        .rule(4, CARD, HARDWARE, |run| {
            let cable = is_seen(run, "cable_out", "eth0 without carrier");
            cable.and(is_seen(run, "card_off", "eth1 off"))
        })
        .rule(3, ADDRESS, ROUTE, |run| {
            is_seen(run, "address_gone", "eth1 without address")
        })
        .rule(2, SENT, LO, |run| is_seen(run, "lo_off", "lo off, send"))
        .rule(1, RECEIVED, NOTHING, |run| is_seen(run, "received", "recv"))
        .wrong("by-the-card", CARD)
        .wrong("refused", ADDRESS)
        .wrong("send-knows", SENT)
}

/// What was said is what the reader's own run has seen.
fn is_seen(run: &Evidence, key: &str, seen: &str) -> Finding {
    run.said(key).is(run.observed("machine", seen).text())
}

const HARDWARE: [&str; 3] = [
    "Which interface carries a packet from this machine to this machine?",
    "`ip route get 192.0.2.1`, on the machine that has 192.0.2.1, says `dev lo`.",
    "No packet goes near the cable or the card. Who would miss them?",
];
const ROUTE: [&str; 3] = [
    "What made the address this machine?",
    "A route of type local, that came and goes with the address. What is left?",
    "Without any route there is nobody to ask and nothing to wait for: the \
     kernel says so at once.",
];
const LO: [&str; 3] = [
    "127.0.0.1 still has its route: connect() would have said otherwise.",
    "send() hands a datagram to the device's queue. Who reports what the queue \
     does with it?",
    "UDP doesn't wait for its fate, and a full queue is no error to it.",
];
const NOTHING: [&str; 3] = [
    "Who would have brought it?",
    "Nobody tells the receiver about what never came.",
    "A read that doesn't wait has a word for an empty queue.",
];
