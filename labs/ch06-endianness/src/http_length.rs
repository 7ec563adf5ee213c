//! # A length of 1195725856
//!
//! **Question.** A service expects a length and then a message. What length
//! does it read if a browser, a health check or a TLS client calls?

use std::io::{Read, Write};

use anyhow::{Context, Result};
use lab_kit::{Experiment, Net, cable, fails, option};

use crate::pair::pair;

const HTTP: &str = "GET and a blank are a message of 1195725856 bytes";
const LITTLE: &str = "or of 542393671 bytes, read little end first";
const TLS: &str = "a TLS ClientHello is one of 369295616 bytes, or a few more";

/// What begins a TLS connection: a handshake record (22) of TLS 1.0, as its
/// record layer says it, and the high byte of its length (RFC 8446, 5.1).
const HELLO: [u8; 4] = [22, 3, 1, 0];

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Which length does an HTTP client send?";
    Experiment::new("http-length", question)
        .link(cable("client", "server"))
        .option("client", "first_word", "GET ")
        .script(script)
        .keeps_bytes()
}
// ANCHOR_END: experiment
