//! Orders -> runs: a few at once, the others in a line; each with a log of its
//! events, which any page may read from any place on, as often as it likes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::{Notify, watch};

use super::catalogue::Ordered;
use super::process::{Runner, conduct};

/// Runs at once: more would change each other's times.
const AT_ONCE: usize = 2;
/// And in the line behind them.
const WAITING: usize = 8;
/// Logs that are kept of runs that have ended.
const KEPT: usize = 16;
/// Of one run, in bytes.
const LONGEST_LOG: usize = 32 << 20;

/// A run and what has been heard of it.
pub(super) struct Run {
    log: Mutex<Log>,
    grown: watch::Sender<()>,
    stopped: Notify,
}

#[derive(Default)]
struct Log {
    events: Vec<Arc<str>>,
    bytes: usize,
    over: bool,
}

impl Run {
    fn new() -> Run {
        Run {
            log: Mutex::default(),
            grown: watch::channel(()).0,
            stopped: Notify::new(),
        }
    }

    /// Notes an event; whether there is room for more. The first end holds.
    pub(super) fn note(&self, event: &str, end: bool) -> bool {
        let mut log = locked(&self.log);
        if log.over {
            return false;
        }
        log.bytes += event.len();
        log.events.push(event.into());
        log.over = end;
        let room = log.bytes < LONGEST_LOG;
        drop(log);
        self.grown.send_replace(());
        room
    }

    /// Notes how it ended, where the runner has not said it.
    pub(super) fn end(&self, verdict: &str, why: &str) {
        let end = json!({"event": "end", "verdict": verdict, "why": [why]});
        self.note(&end.to_string(), true);
    }

    /// The events from this one on, and whether they are the last.
    pub(super) fn from(&self, first: usize) -> (Vec<Arc<str>>, bool) {
        let log = locked(&self.log);
        let events = log.events.get(first..).unwrap_or_default();
        (events.to_vec(), log.over)
    }

    pub(super) fn is_over(&self) -> bool {
        locked(&self.log).over
    }

    /// Hears when there is more.
    pub(super) fn growth(&self) -> watch::Receiver<()> {
        self.grown.subscribe()
    }

    pub(super) fn stop(&self) {
        self.stopped.notify_one();
    }

    /// Returns when somebody wants it to end.
    pub(super) async fn stopped(&self) {
        self.stopped.notified().await;
    }
}

/// All runs of this start of the server.
pub(super) struct Runs {
    desk: Mutex<Desk>,
    moved: watch::Sender<()>,
}

#[derive(Default)]
struct Desk {
    runs: BTreeMap<u64, Arc<Run>>,
    next: u64,
    waiting: VecDeque<u64>,
    running: usize,
}

impl Runs {
    pub(super) fn new() -> Arc<Runs> {
        let moved = watch::channel(()).0;
        Arc::new(Runs { desk: Mutex::default(), moved })
    }

    pub(super) fn get(&self, id: u64) -> Option<Arc<Run>> {
        locked(&self.desk).runs.get(&id).cloned()
    }

    /// Takes an order; its number, or why not.
    pub(super) fn take(
        self: &Arc<Runs>,
        ordered: Ordered,
        runner: Runner,
    ) -> Result<u64, String> {
        let mut desk = locked(&self.desk);
        if desk.waiting.len() >= WAITING {
            return Err(format!("{WAITING} runs are waiting already."));
        }
        desk.next += 1;
        let id = desk.next;
        let run = Arc::new(Run::new());
        desk.runs.insert(id, run.clone());
        desk.waiting.push_back(id);
        let over = desk.runs.iter().filter(|(_, run)| run.is_over());
        let mut over: Vec<u64> = over.map(|(&id, _)| id).collect();
        over.truncate(over.len().saturating_sub(KEPT));
        over.iter().for_each(|id| drop(desk.runs.remove(id)));
        drop(desk);
        let runs = self.clone();
        tokio::spawn(async move {
            if let Some(_place) = runs.line_up(id, &run).await {
                conduct(&run, ordered, runner).await;
            }
        });
        Ok(id)
    }

    /// Waits for a place; none if the run was stopped before.
    async fn line_up(self: &Arc<Runs>, id: u64, run: &Run) -> Option<Place> {
        let mut moved = self.moved.subscribe();
        let mut told = None;
        loop {
            let position = match self.position(id) {
                None => return Some(Place(self.clone())),
                Some(position) => position,
            };
            if told != Some(position) {
                told = Some(position);
                let event = json!({"event": "queued", "position": position});
                run.note(&event.to_string(), false);
            }
            tokio::select! {
                _ = moved.changed() => {}
                () = run.stopped() => {
                    locked(&self.desk).waiting.retain(|&other| other != id);
                    self.moved.send_replace(());
                    run.end("cancelled", "It was cancelled before it began.");
                    return None;
                }
            }
        }
    }

    /// Its place in the line, from 1; none: it has left the line, and runs.
    fn position(&self, id: u64) -> Option<usize> {
        let mut desk = locked(&self.desk);
        if desk.running < AT_ONCE && desk.waiting.front() == Some(&id) {
            desk.waiting.pop_front();
            desk.running += 1;
            drop(desk);
            self.moved.send_replace(());
            return None;
        }
        let place = desk.waiting.iter().position(|&other| other == id);
        Some(place.map_or(1, |n| n + 1))
    }

    /// How many run, and how many wait.
    pub(super) fn busy(&self) -> Value {
        let desk = locked(&self.desk);
        json!({
            "running": desk.running, "waiting": desk.waiting.len(),
            "at_once": AT_ONCE,
        })
    }
}

/// One of the places; free again when dropped.
struct Place(Arc<Runs>);

impl Drop for Place {
    fn drop(&mut self) {
        locked(&self.0.desk).running -= 1;
        self.0.moved.send_replace(());
    }
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
