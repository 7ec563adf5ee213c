//! A page as it was built -> the page as it is served, with what only a served
//! page has. The files stay as they were.

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::guard::Door;

const SCRIPT: &str = include_str!("page.js");

/// Longest page that is given the script.
const LONGEST_PAGE: usize = 64 << 20;

/// Puts the script before all others of a page.
pub(super) async fn with_script(
    State(door): State<Door>,
    response: Response,
) -> Response {
    let (mut head, body) = response.into_parts();
    let kind = head.headers.get(header::CONTENT_TYPE);
    let page = kind.is_some_and(|k| k.as_bytes().starts_with(b"text/html"));
    if !page || head.status != StatusCode::OK {
        return Response::from_parts(head, body);
    }
    let token = &door.token;
    let script =
        format!("<script>{{const token = \"{token}\";\n{SCRIPT}}}</script>");
    match to_bytes(body, LONGEST_PAGE).await {
        Ok(bytes) => {
            head.headers.remove(header::CONTENT_LENGTH);
            let at = place(&bytes);
            let page = [&bytes[..at], script.as_bytes(), &bytes[at..]];
            Response::from_parts(head, Body::from(page.concat()))
        }
        Err(why) => {
            let why = format!("cannot read the page: {why}\n");
            (StatusCode::INTERNAL_SERVER_ERROR, why).into_response()
        }
    }
}

/// Behind `<head>`; behind all of a page that has none.
fn place(page: &[u8]) -> usize {
    const HEAD: &[u8] = b"<head>";
    let found = page.windows(HEAD.len()).position(|part| part == HEAD);
    found.map_or(page.len(), |at| at + HEAD.len())
}
