//! The built book -> pages on loopback, built again whenever a source changes.

use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::WatchStream;
use tower_http::services::ServeDir;

use crate::Workshop;
use crate::build::{Built, build};

/// Added to each page on its way out; the files stay as they were built.
const RELOAD: &str = "<script>new EventSource('/-/changes').onmessage = \
    () => location.reload();</script>";

/// Longest page that is given the script.
const LONGEST_PAGE: usize = 64 << 20;

/// Serves until Ctrl-C. Prints where once the first build is there.
pub async fn serve(
    root: PathBuf,
    dest: PathBuf,
    port: u16,
    workshop: Workshop,
) -> Result<()> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.with_context(
            || format!("cannot listen on 127.0.0.1:{port}; try --port 0"),
        )?;
    let port = listener.local_addr()?.port();
    let (changed, changes) = watch::channel(0);
    again(&root, &dest, workshop).await;
    println!("The book is at http://localhost:{port}/ (Ctrl-C ends it)");
    let pages = axum::serve(listener, router(&dest, port, changes));
    // Pages keep their stream of changes open, so nobody waits for them.
    tokio::select! {
        end = pages.into_future() => end?,
        end = watch_sources(&root, &dest, workshop, &changed) => end,
        end = tokio::signal::ctrl_c() => end?,
    }
    Ok(())
}

fn router(dest: &Path, port: u16, changes: watch::Receiver<u64>) -> Router {
    Router::new()
        .route("/-/changes", get(stream))
        .with_state(changes)
        .fallback_service(ServeDir::new(dest))
        .layer(map_response(with_reload))
        .layer(from_fn_with_state(port, only_here))
}

/// Refuses what a page of another site could ask for under a name of its own
/// that leads to this machine.
async fn only_here(
    State(port): State<u16>,
    request: Request,
    next: Next,
) -> Response {
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|h| h.to_str().ok()).unwrap_or_default();
    let ours = ["localhost", "127.0.0.1"].map(|n| format!("{n}:{port}"));
    if !ours.iter().any(|name| name == host) {
        let why = format!("This book is at http://{}/ only.\n", ours[0]);
        return (StatusCode::MISDIRECTED_REQUEST, why).into_response();
    }
    next.run(request).await
}

async fn stream(
    State(changes): State<watch::Receiver<u64>>,
) -> impl IntoResponse {
    let events = WatchStream::from_changes(changes)
        .map(|n| Ok::<_, Infallible>(Event::default().data(n.to_string())));
    Sse::new(events).keep_alive(KeepAlive::default())
}

async fn with_reload(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    head.headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    let kind = head.headers.get(header::CONTENT_TYPE);
    let page = kind.is_some_and(|k| k.as_bytes().starts_with(b"text/html"));
    if !page || head.status != StatusCode::OK {
        return Response::from_parts(head, body);
    }
    match to_bytes(body, LONGEST_PAGE).await {
        Ok(bytes) => {
            head.headers.remove(header::CONTENT_LENGTH);
            let page = [&bytes, RELOAD.as_bytes()].concat();
            Response::from_parts(head, Body::from(page))
        }
        Err(why) => {
            let why = format!("cannot read the page: {why}\n");
            (StatusCode::INTERNAL_SERVER_ERROR, why).into_response()
        }
    }
}

/// Looks at the sources once a second; never ends.
async fn watch_sources(
    root: &Path,
    dest: &Path,
    workshop: Workshop,
    changed: &watch::Sender<u64>,
) {
    let mut known = fingerprint(root);
    loop {
        // pause: how often files are looked at
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = fingerprint(root);
        if now != known {
            known = now;
            if again(root, dest, workshop).await {
                changed.send_modify(|n| *n += 1);
            }
        }
    }
}

/// Builds and says what is wrong; whether there is a new book.
async fn again(root: &Path, dest: &Path, workshop: Workshop) -> bool {
    let (root, dest) = (root.to_path_buf(), dest.to_path_buf());
    let work = move || build(&root, &dest, workshop);
    let built = match tokio::task::spawn_blocking(work).await {
        Ok(built) => built,
        Err(why) => Err(why.into()),
    };
    match built {
        Ok(Built { problems, .. }) => {
            problems.iter().for_each(|p| eprintln!("{p}"));
            eprintln!("built");
            true
        }
        Err(why) => {
            eprintln!("{why:#}\nthe pages stay as they were");
            false
        }
    }
}

/// Changes when a source of the book does.
fn fingerprint(root: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    for part in ["book/book.toml", "book/src", "book/theme", "labs"] {
        look(&root.join(part), &mut hasher);
    }
    hasher.finish()
}

fn look(path: &Path, hasher: &mut DefaultHasher) {
    let Ok(about) = std::fs::metadata(path) else { return };
    if about.is_dir() {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        let mut paths: Vec<_> = entries.map(|e| e.path()).collect();
        paths.sort();
        paths.iter().for_each(|p| look(p, hasher));
    } else {
        (path, about.len(), about.modified().ok()).hash(hasher);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    /// Asks a server of one page for `path` under a name; `{port}` is its own.
    async fn ask(host: &str, path: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.html"), "<p>page").unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = listener.await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (_keep, changes) = watch::channel(0);
        let pages = router(folder.path(), port, changes);
        tokio::spawn(axum::serve(listener, pages).into_future());
        let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let host = host.replace("{port}", &port.to_string());
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        );
        server.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        server.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_page_goes_out_with_the_script_that_reloads_it() {
        let answer = ask("localhost:{port}", "/a.html").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("<p>page<script>new EventSource"), "{answer}");
        let missing = ask("127.0.0.1:{port}", "/b.html").await;
        assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
        let outside = ask("127.0.0.1:{port}", "/../../etc/passwd").await;
        assert!(outside.starts_with("HTTP/1.1 404"), "{outside}");
    }

    #[tokio::test]
    async fn another_name_for_this_machine_is_refused() {
        for host in ["evil.example:{port}", "localhost:1", "localhost", ""] {
            let answer = ask(host, "/a.html").await;
            assert!(answer.starts_with("HTTP/1.1 421"), "{host}: {answer}");
        }
    }
}
