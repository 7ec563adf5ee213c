//! What people say about the network, and how true it is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What people say, and the claim that shows how it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saying {
    /// As people say it.
    pub saying: String,
    /// How true it is on the kernels that the claim was seen on.
    pub truth: Truth,
    /// The experiment's claim that shows it, word for word.
    pub claim: String,
    /// What is so instead.
    pub note: Option<String>,
}

/// How true a saying is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Truth {
    /// As people say.
    True,
    /// Under a condition that people leave out.
    Partly,
    /// It was so on older kernels.
    Outdated,
    /// Not so.
    False,
}

impl fmt::Display for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Truth::True => "true",
            Truth::Partly => "partly",
            Truth::Outdated => "outdated",
            Truth::False => "false",
        })
    }
}
