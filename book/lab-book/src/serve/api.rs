//! What pages ask under `/-/`, and what they are told.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock};

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::catalogue::{Catalogue, Order};
use super::process::Runner;
use super::runs::{Run, Runs};

/// What can be run, and by what; or why nothing can.
pub(super) type Shop = Result<(Catalogue, Runner), String>;

/// What all answers come from.
#[derive(Clone)]
pub(super) struct Counter {
    pub(super) shop: Arc<RwLock<Shop>>,
    pub(super) runs: Arc<Runs>,
    /// Numbers of runs begin with it: they are of this start.
    pub(super) start: Arc<str>,
}

impl Counter {
    pub(super) fn new(shop: Shop, token: &str) -> Counter {
        Counter {
            shop: Arc::new(RwLock::new(shop)),
            runs: Runs::new(),
            // Tells nothing of the rest of it.
            start: token[..8].into(),
        }
    }

    pub(super) fn stock(&self, shop: Shop) {
        *self.shop.write().unwrap_or_else(PoisonError::into_inner) = shop;
    }

    fn run(&self, id: &str) -> Option<Arc<Run>> {
        let (start, number) = id.split_once('-')?;
        let number = number.parse().ok().filter(|_| *start == *self.start)?;
        self.runs.get(number)
    }
}

fn answer(code: StatusCode, value: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (code, kind, Body::from(value.to_string())).into_response()
}

fn refusal(code: StatusCode, why: &str) -> Response {
    answer(code, &json!({"error": why}))
}

fn unknown() -> Response {
    refusal(StatusCode::NOT_FOUND, "There is no such run, or no longer.")
}

/// GET `/-/experiments`
pub(super) async fn experiments(State(counter): State<Counter>) -> Response {
    let shop = counter.shop.read().unwrap_or_else(PoisonError::into_inner);
    let busy = counter.runs.busy();
    let value = match &*shop {
        Ok((all, _)) => json!({
            "runs": true, "busy": busy, "experiments": all.listed(),
        }),
        Err(why) => json!({"runs": false, "why": why, "experiments": {}}),
    };
    answer(StatusCode::OK, &value)
}

/// POST `/-/runs`
pub(super) async fn order(
    State(counter): State<Counter>,
    body: Bytes,
) -> Response {
    let order: Order = match serde_json::from_slice(&body) {
        Ok(order) => order,
        Err(why) => {
            return refusal(
                StatusCode::BAD_REQUEST,
                &format!("That is no order: {why}."),
            );
        }
    };
    let shop = counter.shop.read().unwrap_or_else(PoisonError::into_inner);
    let (ordered, runner) = match &*shop {
        Err(why) => return refusal(StatusCode::SERVICE_UNAVAILABLE, why),
        Ok((all, runner)) => match all.order(&order) {
            Ok(ordered) => (ordered, runner.clone()),
            Err(why) => return refusal(StatusCode::BAD_REQUEST, &why),
        },
    };
    drop(shop);
    match counter.runs.take(ordered, runner) {
        Ok(number) => {
            let id = format!("{}-{number}", counter.start);
            answer(StatusCode::CREATED, &json!({"id": id, "of": order.of}))
        }
        Err(why) => refusal(StatusCode::TOO_MANY_REQUESTS, &why),
    }
}

/// DELETE `/-/runs/{id}`
pub(super) async fn cancel(
    State(counter): State<Counter>,
    Path(id): Path<String>,
) -> Response {
    let Some(run) = counter.run(&id) else { return unknown() };
    run.stop();
    StatusCode::NO_CONTENT.into_response()
}

/// GET `/-/runs/{id}/events`: all of them, or those behind `Last-Event-ID`.
pub(super) async fn events(
    State(counter): State<Counter>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(run) = counter.run(&id) else { return unknown() };
    let last = headers.get("last-event-id").and_then(|v| v.to_str().ok());
    let last = last.and_then(|v| v.parse::<usize>().ok());
    let first = last.map_or(0, |n| n.saturating_add(1));
    let (give, given) = mpsc::channel(64);
    tokio::spawn(async move { tell(&run, first, &give).await });
    Sse::new(ReceiverStream::new(given))
        .keep_alive(KeepAlive::default())
        .into_response()
}

type Told = Result<Event, Infallible>;

/// Until the last event, or until nobody listens.
async fn tell(run: &Run, first: usize, give: &mpsc::Sender<Told>) {
    let mut growth = run.growth();
    let mut next = first;
    loop {
        let (events, over) = run.from(next);
        for event in events {
            let event = Event::default().id(next.to_string()).data(&*event);
            next += 1;
            if give.send(Ok(event)).await.is_err() {
                return;
            }
        }
        if over {
            return;
        }
        tokio::select! {
            _ = growth.changed() => {}
            () = give.closed() => return,
        }
    }
}
