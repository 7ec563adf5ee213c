//! The hints of this chapter's exercises: three for each rule, from a nudge to
//! all but the answer.

pub(crate) mod pipeline {
    pub(crate) const ALL: [&str; 3] = [
        "How many requests does the client send before it waits? Is it always \
         as many?",
        "The third time it asks only one thing, and then it waits for the \
         answer.",
        "Don't count requests. Answer when no more of them have come.",
    ];
    pub(crate) const QUICK: [&str; 3] = [
        "Look at the ladder: which answer leaves alone, and what comes 40 ms \
         later?",
        "The first answer is small and not acknowledged, so Nagle's algorithm \
         holds the next one. The client has nothing to say before it has all \
         three, so its ACK waits.",
        "It is your program that writes three times. Collect the answers, and \
         write them together.",
    ];
    pub(crate) const TOGETHER: [&str; 3] = [
        "It is quick now. At what price? Count your segments.",
        "When have you got all the requests that came together? When nothing \
         is left of what you read.",
        "Read as much as there is; answer every whole request in it into a \
         buffer; write the buffer. In Rust: a `BufWriter`, flushed when the \
         `BufReader`'s `buffer()` is empty.",
    ];
}

pub(crate) mod late_half {
    pub(crate) const ALL: [&str; 3] = [
        "Read the task again: what does the client send, the first time and \
         then?",
        "An answer is ten bytes, `next: ` and four digits; they come in two \
         halves. The four digits are the next request.",
        "Write `0000`; six times read ten bytes; after each of the first five \
         write the last four of them.",
    ];
    pub(crate) const ONE: [&str; 3] = [
        "It is quick. How many SYNs do you see?",
        "A young connection acknowledges at once for a while. That hides the \
         wait, and each handshake costs a round trip.",
        "Connect once, before the loop.",
    ];
    pub(crate) const QUICK: [&str; 3] = [
        "Look at the ladder: which ACK is late, and whose kernel sends it?",
        "The server's kernel holds the second half until the first is \
         acknowledged, and it is your kernel that isn't in a hurry. Which \
         option of tcp(7) is about that?",
        "`TCP_QUICKACK` isn't permanent: the next request that you send ends \
         it. Set it again in each round, when you have written the request.",
    ];
}

pub(crate) mod four_waits {
    pub(crate) const ONE: [&str; 3] = [
        "Between which two segments does the time pass? What kind of segment \
         is the second?",
        "Data waits for an ACK that is 40 ms late. What holds the data, and \
         what the ACK?",
        "Small data, a pure ACK after 40 ms, and more data right behind it: \
         Nagle's algorithm at one end, the delayed ACK at the other.",
    ];
    pub(crate) const ACK: [&str; 3] = [
        "There are several late ACKs. Which of them does anybody wait for?",
        "Look for data that leaves right behind an ACK of the other side.",
        "It acknowledges the header; the body leaves right behind it. The \
         number stands at the left of the ladder.",
    ];
    pub(crate) const TWO: [&str; 3] = [
        "200 ms: does any byte of question 2 leave twice?",
        "None was lost, and nothing unacknowledged was out for Nagle's \
         algorithm to wait for. But look at the client's queue.",
        "Written, not sent, and nothing in flight, for 200 ms: a cork that \
         nobody pulls, until the kernel does.",
    ];
    pub(crate) const THREE: [&str; 3] = [
        "200 ms again. What is different from question 2?",
        "Here the bytes leave twice; a counter of the client says so, too.",
        "The first copy was lost, and the retransmission timer sent the second \
         after 200 ms.",
    ];
    pub(crate) const FOUR: [&str; 3] = [
        "An ACK comes 40 ms late. Does any data leave right behind it?",
        "Nobody waits for that ACK. When question 4 has been read, all queues \
         are empty.",
        "TCP has nothing left to do: the server's program hasn't answered yet.",
    ];
}

pub(crate) mod five_segments {
    pub(crate) const ACKS: [&str; 3] = [
        "What does RFC 9293, section 3.8.6.3, ask for in a stream of full \
         segments?",
        "An ACK for every second full segment. And for the odd last one?",
        "Two for the first four, and one for the fifth.",
    ];
    pub(crate) const FIRST: [&str; 3] = [
        "Does the first segment get an ACK of its own?",
        "An ACK leaves as soon as more than one full segment is waiting for \
         it.",
        "Two full segments of 1448 bytes.",
    ];
    pub(crate) const TIMER: [&str; 3] = [
        "Which of these ACKs has to wait?",
        "The fifth segment is alone, and the server is in pingpong mode.",
        "Only the ACK of the fifth waits for the timer.",
    ];
}
