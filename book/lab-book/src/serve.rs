//! The built book -> pages on loopback, built again whenever a source changes;
//! and the labs -> runs that these pages ask for.

mod api;
mod catalogue;
mod guard;
mod knobs;
mod page;
mod process;
mod runs;
mod scrub;
mod shop;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::{from_fn_with_state, map_response_with_state};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::{delete, get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::WatchStream;
use tower_http::services::ServeDir;

use crate::Workshop;
use crate::build::{Built, build};
use crate::prebuilt;
use api::{Counter, Shop};
use guard::Door;
pub(crate) use shop::runner;

/// Longest body of a request.
const LONGEST_BODY: usize = 16 << 10;

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
    let door = Door::new(port)?;
    let (changed, changes) = watch::channel(0);
    let came = prebuilt::site(&root);
    match &came {
        Some(site) => eprintln!("as it came: {}", site.display()),
        None => drop(again(&root, &dest, workshop).await),
    }
    let dest = came.clone().unwrap_or(dest);
    let counter = Counter::new(stock(&root).await, &door.token);
    println!("The book is at http://localhost:{port}/ (Ctrl-C ends it)");
    let pages = axum::serve(listener, router(&dest, door, &counter, changes));
    // Pages keep their stream of changes open, so nobody waits for them.
    tokio::select! {
        end = pages.into_future() => end?,
        end = watch_sources(&root, &dest, workshop, &counter, &changed),
            if came.is_none() => end,
        end = tokio::signal::ctrl_c() => end?,
    }
    Ok(())
}

/// Pages for everybody on this machine who asks by its name, and what only
/// these pages may ask.
fn router(
    dest: &Path,
    door: Door,
    counter: &Counter,
    changes: watch::Receiver<u64>,
) -> Router {
    let runs = Router::new()
        .route("/-/experiments", get(api::experiments))
        .route("/-/runs", post(api::order))
        .route("/-/runs/{id}", delete(api::cancel))
        .route("/-/runs/{id}/events", get(api::events))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(counter.clone());
    let ours = Router::new()
        .route("/-/changes", get(stream))
        .with_state(changes)
        .merge(runs)
        .route("/-/explain", post(crate::explain::explain))
        .layer(from_fn_with_state(door.clone(), guard::only_our_pages));
    Router::new()
        .merge(ours)
        .fallback_service(ServeDir::new(dest))
        .layer(map_response_with_state(door.clone(), page::with_script))
        .layer(from_fn_with_state(door, guard::only_here))
}

/// What can be run now, with what was built.
async fn stock(root: &Path) -> Shop {
    let root = root.to_path_buf();
    let work = move || shop::open(&root);
    match tokio::task::spawn_blocking(work).await {
        Ok(shop) => shop,
        Err(why) => Err(format!("The labs can't be asked: {why}.")),
    }
}

async fn stream(
    State(changes): State<watch::Receiver<u64>>,
) -> impl IntoResponse {
    let events = WatchStream::new(changes)
        .map(|n| Ok::<_, Infallible>(Event::default().data(n.to_string())));
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// Looks at the sources once a second; never ends.
async fn watch_sources(
    root: &Path,
    dest: &Path,
    workshop: Workshop,
    counter: &Counter,
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
                counter.stock(stock(root).await);
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
    for part in
        ["book/book.toml", "book/src", "book/theme", "book/widgets", "labs"]
    {
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
