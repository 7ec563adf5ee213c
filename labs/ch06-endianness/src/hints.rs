//! The hints of this chapter's exercises: three for each rule, from a nudge to
//! all but the answer.

pub(crate) mod seven_bytes {
    pub(crate) const SEVEN: [&str; 3] = [
        "Count: one byte, four, two. How many do you send?",
        "A C struct has holes: its four bytes begin at a multiple of four. \
         Text is no number.",
        "Send the fields one after the other: `[kind]`, then four bytes, then \
         two.",
    ];
    pub(crate) const KIND: [&str; 3] = [
        "Which byte leaves first?",
        "The kind is a number of one byte: it has no order.",
        "The first argument after the address, as a `u8`, is the first byte.",
    ];
    pub(crate) const STATION: [&str; 3] = [
        "Read the bytes of the segment: which end of the station comes first?",
        "Network order is big-endian. 70000 is 0x00011170.",
        "`u32::to_be_bytes()` gives the four bytes as they should leave, on \
         any machine. Nothing needs to be swapped before or after.",
    ];
    pub(crate) const DEGREES: [&str; 3] = [
        "It may freeze. What does -5 look like in two bytes?",
        "Two's complement has an order too: -5 is ff fb.",
        "`i16::to_be_bytes()`.",
    ];
}

pub(crate) mod gateway {
    pub(crate) const WHOLE: [&str; 3] = [
        "Read the task again: how long is a length on either side, and which \
         end is first?",
        "In: four bytes, big end first. Out: two bytes, little end first.",
        "`u32::from_be_bytes` of the first four; then the length, as a `u16`, \
         `to_le_bytes`, and the text.",
    ];
    pub(crate) const PIECES: [&str; 3] = [
        "Look at the ladder: how many bytes has the segment after the first \
         message?",
        "`read` returns what is there: it may be half a length.",
        "`read_exact`, for the length and for the text.",
    ];
    pub(crate) const TOGETHER: [&str; 3] = [
        "Two messages came in one segment. What became of the second?",
        "What you have read beyond the end of a message is the beginning of \
         the next.",
        "Read no more than you need (`read_exact`), or keep the rest for \
         later.",
    ];
    pub(crate) const LONG: [&str; 3] = [
        "The last length doesn't fit into two bytes. What do you do with it?",
        "Nobody can pass it on, and to wait for 16 MB helps nobody either.",
        "Refuse it before you read on: if `u16::try_from(length)` fails, end.",
    ];
}

pub(crate) mod right_sum {
    pub(crate) const FORM: [&str; 3] = [
        "Read the task again: what stands in front of a text?",
        "Four bytes: 08, 00 and the two of the checksum.",
        "One datagram for each text, in their order: `send` once for each.",
    ];
    pub(crate) const EVEN: [&str; 3] = [
        "RFC 1071: what is added up, and what becomes of what overflows?",
        "Everything is added up, header and text, two bytes at a time, with 0 \
         where the checksum will be. What overflows at the top is added at the \
         bottom, and the sum is inverted.",
        "Add up into a `u32`; add its upper half to its lower half; invert. \
         Store the sum in the order in which you read the words.",
    ];
    pub(crate) const ODD: [&str; 3] = [
        "Nine bytes are four words and a half. Which half?",
        "An odd byte at the end is the first of a pair whose second is 0.",
        "`u16::from_be_bytes([byte, 0])`, not `[0, byte]`. `chunks(2)` gives a \
         last chunk of one byte, `chunks_exact(2)` leaves it out.",
    ];
    pub(crate) const TWICE: [&str; 3] = [
        "This text's sum overflows when you add what had overflowed.",
        "ffff + 1 is 10000 again.",
        "`while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16); }`",
    ];
}

pub(crate) mod silent_server {
    pub(crate) const CAUSE: [&str; 3] = [
        "Is any kernel waiting for anything? Look at the queues.",
        "Nothing is queued, nothing is in flight, no window is zero: both \
         programs are waiting. Read the first bytes of both messages.",
        "The first message is 00 00 00 00, the same from either end. The \
         second isn't.",
    ];
    pub(crate) const SEGMENT: [&str; 3] = [
        "A length stands in front of each message. Which one can be misread?",
        "Zero is zero from both ends.",
        "The client's second segment with data; its number stands at the left \
         of the ladder.",
    ];
    pub(crate) const BYTES: [&str; 3] = [
        "Which four bytes are the length? What are they, from the other end?",
        "00 00 01 02 is 258. The byte that was meant to count least counts \
         most.",
        "02 01 00 00, as one number: 0x02010000, in decimal.",
    ];
}

pub(crate) mod other_end {
    pub(crate) const LISTENS: [&str; 3] = [
        "Write 7000 in hexadecimal. Which of its two bytes is the first in \
         memory?",
        "7000 is 0x1b58. In memory it is 58 1b, and the kernel reads that as \
         network order.",
        "0x581b, in decimal.",
    ];
    pub(crate) const REFUSED: [&str; 3] = [
        "Who listens on port 7000?",
        "Nobody does, and the machine is there: its kernel answers the SYN.",
        "A reset in answer to a SYN is `ECONNREFUSED`.",
    ];
    pub(crate) const BYTES: [&str; 3] = [
        "The client writes `1000u32.to_le_bytes()`. What is 1000 in \
         hexadecimal?",
        "1000 is 0x000003e8. The little end leaves first.",
        "e8, 03, and two zeros.",
    ];
    pub(crate) const READ: [&str; 3] = [
        "The server reads the four bytes with `u32::from_be_bytes`.",
        "The byte that came first counts most.",
        "0xe8030000, in decimal.",
    ];
}
