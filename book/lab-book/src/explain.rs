//! A capture that a page was given -> `lab-runner explain - --json`, as a
//! process with a time limit. No shell; no file keeps the capture: the runner
//! holds it in one without a name.

use std::process::Stdio;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_stream::StreamExt;

/// Longest capture.
pub(crate) const LIMIT: u64 = 1 << 30;
/// The next bytes of a capture come within this.
const PATIENCE: Duration = Duration::from_secs(30);
/// What the runner may take once it has it all.
const WITHIN: Duration = Duration::from_secs(180);
/// Its memory, ten times of what a gigabyte takes, and its seconds on a core.
const MEMORY: u64 = 2 << 30;
const SECONDS: u64 = 240;
/// Longest answer, and what is kept of the runner's complaint.
const LONGEST: u64 = 128 << 20;
const WORDS: u64 = 8 << 10;

/// As many at once; each takes a core.
static DESKS: Semaphore = Semaphore::const_new(2);

/// Answers with the runner's JSON, or with `{"error": ..}` and a status that
/// tells which kind of error it is. `?connection=N` asks for that one's ladder.
pub(crate) async fn explain(
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|l| l.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > LIMIT) {
        return too_big();
    }
    let Ok(_desk) = DESKS.try_acquire() else {
        let why = "Two captures are being explained already. Try again when \
                   one of them is done.";
        return refused(StatusCode::SERVICE_UNAVAILABLE, why);
    };
    let connection = uri.query().and_then(|q| q.strip_prefix("connection="));
    let connection = connection.and_then(|n| n.parse().ok());
    let child = match start(connection) {
        Ok(child) => child,
        Err(why) => return refused(StatusCode::NOT_IMPLEMENTED, &why),
    };
    conduct(child, body).await.unwrap_or_else(|response| response)
}

fn start(connection: Option<u32>) -> Result<Child, String> {
    let mut command = Command::new(crate::serve::runner()?);
    command
        .args(["explain", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(connection) = connection {
        command.arg("--connection").arg(connection.to_string());
    }
    limit(&mut command);
    command.spawn().map_err(|why| format!("lab-runner can't start: {why}."))
}

/// It ends with this process, and takes no more than it may.
fn limit(command: &mut Command) {
    let set = || {
        setrlimit(Resource::RLIMIT_AS, MEMORY, MEMORY)?;
        setrlimit(Resource::RLIMIT_CPU, SECONDS, SECONDS)?;
        set_pdeathsig(Signal::SIGKILL).map_err(Into::into)
    };
    // SAFETY: between fork and exec only setrlimit and prctl are called, which
    // allocate nothing and take no lock.
    unsafe { command.pre_exec(set) };
}

/// Feeds it and listens to it, both at once.
async fn conduct(mut child: Child, body: Body) -> Result<Response, Response> {
    let parts = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(stdin), Some(stdout), Some(stderr)) = parts else {
        return Err(failed("the runner has no pipes"));
    };
    let answer = tokio::spawn(read(stdout, LONGEST));
    let words = tokio::spawn(read(stderr, WORDS));
    feed(stdin, body).await?;
    let ended = timeout(WITHIN, child.wait()).await;
    let Ok(Ok(status)) = ended else {
        return Err(late());
    };
    let answer = answer.await.unwrap_or_default();
    let words = words.await.unwrap_or_default();
    if !status.success() {
        let words = String::from_utf8_lossy(&words);
        let why = words.trim().trim_start_matches("error: ");
        let why = if why.is_empty() { "the runner broke off" } else { why };
        return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, why));
    }
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok((kind, answer).into_response())
}

/// To the last byte, even when the runner has seen enough: a browser that is
/// answered in the middle of its request tells nobody the answer.
async fn feed(
    stdin: tokio::process::ChildStdin,
    body: Body,
) -> Result<(), Response> {
    let mut stdin = Some(stdin);
    let mut stream = body.into_data_stream();
    let mut total = 0u64;
    loop {
        let next = timeout(PATIENCE, stream.next()).await;
        let Ok(next) = next else {
            let why = "The capture stopped coming.";
            return Err(refused(StatusCode::REQUEST_TIMEOUT, why));
        };
        let chunk = match next {
            None => return Ok(()),
            Some(Ok(chunk)) => chunk,
            Some(Err(_)) => return Err(failed("the capture broke off")),
        };
        total += chunk.len() as u64;
        if total > LIMIT {
            return Err(too_big());
        }
        if let Some(pipe) = &mut stdin {
            match timeout(WITHIN, pipe.write_all(&chunk)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => stdin = None,
                Err(_) => return Err(late()),
            }
        }
    }
}

async fn read(from: impl tokio::io::AsyncRead + Unpin, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = from.take(most).read_to_end(&mut bytes).await;
    bytes
}

fn late() -> Response {
    let why = format!("No answer after {} s.", WITHIN.as_secs());
    refused(StatusCode::GATEWAY_TIMEOUT, &why)
}

fn too_big() -> Response {
    let why = "The capture is larger than 1 GB. In a terminal there is no \
               limit: lab-runner explain FILE.";
    refused(StatusCode::PAYLOAD_TOO_LARGE, why)
}

fn failed(why: &str) -> Response {
    refused(StatusCode::INTERNAL_SERVER_ERROR, why)
}

fn refused(status: StatusCode, why: &str) -> Response {
    let body = serde_json::json!({ "error": why }).to_string();
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_runner_is_limited() {
        let mut command = Command::new("sh");
        limit(command.args(["-c", "ulimit -v; ulimit -t"]));
        let output = command.output().await.unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said, format!("{}\n{SECONDS}\n", MEMORY >> 10));
    }
}
