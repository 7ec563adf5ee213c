//! The hints of this chapter's exercises: three for each rule, from a nudge to
//! all but the answer.

pub(crate) mod pipeline {
    pub(crate) const ALL: [&str; 3] = [
        "How many requests does the client send before it waits? Is it always as \
     many?",
        "The third time it asks only one thing, and then it waits for the answer.",
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
        "When have you got all the requests that came together? When nothing is \
     left of what you read.",
        "Read as much as there is; answer every whole request in it into a buffer; \
     write the buffer. In Rust: a `BufWriter`, flushed when the \
     `BufReader`'s `buffer()` is empty.",
    ];
}

pub(crate) mod late_half {
    pub(crate) const ALL: [&str; 3] = [
        "Read the task again: what does the client send, the first time and then?",
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
     acknowledged, and it is your kernel that isn't in a hurry. Which option \
     of tcp(7) is about that?",
        "`TCP_QUICKACK` isn't permanent: the next request that you send ends it. \
     Set it again in each round, when you have written the request.",
    ];
}
