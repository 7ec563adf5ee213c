//! A request -> whether it may come in: a page of another site must neither
//! ask for anything under a name of its own that leads to this machine, nor
//! start anything here.

use std::io::Read;

use anyhow::{Context, Result};
use axum::extract::{Request, State};
use axum::http::header;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What requests to `/-/` carry.
pub(super) const TOKEN: HeaderName = HeaderName::from_static("x-lab-token");

const SITE: &str = "sec-fetch-site";

/// Whom the door knows.
#[derive(Clone)]
pub(super) struct Door {
    port: u16,
    /// Made anew at each start; only our own pages have it.
    pub(super) token: String,
}

impl Door {
    pub(super) fn new(port: u16) -> Result<Door> {
        let mut bytes = [0; 24];
        let read = std::fs::File::open("/dev/urandom")
            .and_then(|mut random| random.read_exact(&mut bytes));
        read.context("make a token of /dev/urandom")?;
        let token = bytes.iter().map(|b| format!("{b:02x}")).collect();
        Ok(Door { port, token })
    }

    fn names(&self) -> [String; 2] {
        ["localhost", "127.0.0.1"].map(|n| format!("{n}:{}", self.port))
    }

    /// An answer in words for whoever may not ask for it.
    fn refuses(&self, method: &Method, headers: &HeaderMap) -> Option<String> {
        let word = |name: &str| headers.get(name).map(|v| v.to_str());
        let host = word("host").and_then(Result::ok).unwrap_or_default();
        let own = format!("http://{host}");
        match word("origin") {
            Some(Ok(origin)) if origin == own => {}
            None if method == Method::GET => {}
            _ => return Some(format!("Only a page of {own}/ may ask this.")),
        }
        if word(SITE).is_some_and(|site| site.ok() != Some("same-origin")) {
            return Some("Only a page of this book may ask this.".into());
        }
        let token = headers.get(TOKEN).map_or(&b""[..], |t| t.as_bytes());
        if !alike(token, self.token.as_bytes()) {
            let why = "X-Lab-Token is not the one of this start: reload.";
            return Some(why.into());
        }
        None
    }
}

/// Takes as long whatever is different.
fn alike(a: &[u8], b: &[u8]) -> bool {
    let differs = a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b));
    a.len() == b.len() && differs == 0
}

/// For every request.
pub(super) async fn only_here(
    State(door): State<Door>,
    request: Request,
    next: Next,
) -> Response {
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|h| h.to_str().ok()).unwrap_or_default();
    let ours = door.names();
    if !ours.iter().any(|name| name == host) {
        let why = format!("This book is at http://{}/ only.\n", ours[0]);
        return (StatusCode::MISDIRECTED_REQUEST, why).into_response();
    }
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// For requests to `/-/`.
pub(super) async fn only_our_pages(
    State(door): State<Door>,
    request: Request,
    next: Next,
) -> Response {
    match door.refuses(request.method(), request.headers()) {
        Some(why) => (StatusCode::FORBIDDEN, why + "\n").into_response(),
        None => next.run(request).await,
    }
}

/// mdBook's pages hold scripts and styles of their own: `unsafe-inline`.
const HEADERS: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src \
         'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; frame-src 'self'; frame-ancestors 'self'; \
         base-uri 'none'; form-action 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
];
