//! A server on a folder of one page, and a client that says what it likes.

use std::path::{Path, PathBuf};

use lab_kit::{Experiment, Lab, cable, fails, option};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::*;
use crate::serve::catalogue::Catalogue;
use crate::serve::process::Runner;
use crate::serve::scrub::Scrub;

pub(super) struct Server {
    pub(super) port: u16,
    pub(super) token: String,
    origin: String,
    host: String,
    _folder: tempfile::TempDir,
    _changed: watch::Sender<u64>,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) code: u16,
    pub(super) head: String,
    pub(super) body: String,
}

fn experiment(name: &str) -> Experiment {
    Experiment::new(name, "?")
        .link(cable("client", "server"))
        .option("client", "nodelay", false)
        .script(|_| Ok(()))
        .claim("it waits", |run| run.data("x").carries(1))
        .what_if("off", option("client", "nodelay", true), fails(["it waits"]))
}

fn catalogue() -> Catalogue {
    let names = ["quick", "slow", "dies", "silent"];
    let lab = names.iter().fold(Lab::new("ch05", "Delays"), |lab, name| {
        lab.experiment(experiment(name))
    });
    Catalogue::of(vec![lab.describe()])
}

fn runner() -> Runner {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Runner {
        program: here.join("tests/fixtures/runner.sh"),
        root: PathBuf::from(here),
        programs: None,
        scrub: Scrub::new(here, None),
    }
}

impl Server {
    pub(super) async fn start() -> Server {
        Server::of(Ok((catalogue(), runner()))).await
    }

    pub(super) async fn without_a_runner() -> Server {
        Server::of(Err("no runner".into())).await
    }

    async fn of(shop: Shop) -> Server {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret"), "secret!").unwrap();
        let book = folder.path().join("book");
        std::fs::create_dir(&book).unwrap();
        let page = "<html><head><script>1</script></head><p>page</html>";
        std::fs::write(book.join("a.html"), page).unwrap();
        std::fs::write(book.join("a.js"), "1").unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = listener.await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (changed, changes) = watch::channel(0);
        let door = Door::new(port).unwrap();
        let token = door.token.clone();
        let counter = Counter::new(shop, &token);
        let pages = router(&book, door, &counter, changes);
        tokio::spawn(axum::serve(listener, pages).into_future());
        Server {
            port,
            token,
            origin: format!("http://localhost:{port}"),
            host: format!("localhost:{port}"),
            _folder: folder,
            _changed: changed,
        }
    }

    /// What a page of ours sends along.
    pub(super) fn ours(&self) -> Vec<(&str, &str)> {
        vec![
            ("Host", &self.host),
            ("Origin", &self.origin),
            ("Sec-Fetch-Site", "same-origin"),
            ("X-Lab-Token", &self.token),
        ]
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        with: &[(&str, &str)],
        body: &str,
    ) -> TcpStream {
        let mut stream =
            TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let headers: String =
            with.iter().map(|(n, v)| format!("{n}: {v}\r\n")).collect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{headers}Content-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        );
        // It may be refused before all of it was read.
        let _ = stream.write_all(request.as_bytes()).await;
        stream
    }

    pub(super) async fn ask(
        &self,
        method: &str,
        path: &str,
        with: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut stream = self.send(method, path, with, body).await;
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        answer(&String::from_utf8_lossy(&bytes))
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[("Host", &self.host)], "").await
    }

    pub(super) async fn json(
        &self,
        method: &str,
        path: &str,
        body: &str,
    ) -> Value {
        let answer = self.ask(method, path, &self.ours(), body).await;
        serde_json::from_str(&answer.body)
            .unwrap_or_else(|why| panic!("{why}: {answer:?}"))
    }

    pub(super) async fn order(&self, order: &Value) -> Answer {
        let body = order.to_string();
        self.ask("POST", "/-/runs", &self.ours(), &body).await
    }

    pub(super) async fn started(&self, order: &Value) -> String {
        let answer = self.order(order).await;
        assert_eq!(answer.code, 201, "{answer:?}");
        let answer: Value = serde_json::from_str(&answer.body).unwrap();
        answer["id"].as_str().unwrap().to_string()
    }

    pub(super) async fn cancel(&self, id: &str) {
        let path = format!("/-/runs/{id}");
        let answer = self.ask("DELETE", &path, &self.ours(), "").await;
        assert_eq!(answer.code, 204, "{answer:?}");
    }

    /// All events of a run that ends.
    pub(super) async fn events(
        &self,
        id: &str,
        behind: Option<usize>,
    ) -> Vec<(usize, Value)> {
        let last = behind.map(|n| n.to_string());
        let mut with = self.ours();
        with.extend(last.iter().map(|n| ("Last-Event-ID", n.as_str())));
        let path = format!("/-/runs/{id}/events");
        events(&self.ask("GET", &path, &with, "").await.body)
    }

    /// At least so many events of a run that goes on.
    pub(super) async fn heard(
        &self,
        id: &str,
        least: usize,
    ) -> Vec<(usize, Value)> {
        let path = format!("/-/runs/{id}/events");
        let mut stream = self.send("GET", &path, &self.ours(), "").await;
        let (mut text, mut buffer) = (String::new(), [0; 4096]);
        while events(&text).len() < least {
            let read = stream.read(&mut buffer).await.unwrap();
            assert!(read > 0, "it ended: {text}");
            text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
        events(&text)
    }
}

/// Those that are whole, however they were cut into chunks.
fn events(body: &str) -> Vec<(usize, Value)> {
    let blocks = body.split("id: ").skip(1);
    let event = |block: &str| {
        let (id, rest) = block.split_once("\ndata: ")?;
        let (data, _) = rest.split_once("\n\n")?;
        Some((id.parse().ok()?, serde_json::from_str(data).ok()?))
    };
    blocks.filter_map(event).collect()
}

fn answer(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let code = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let (head, body) = (head.to_string(), body.to_string());
    Answer { code: code.unwrap_or(0), head, body }
}
