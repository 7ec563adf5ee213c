//! The server against those who mean it well, and against those who don't.

mod client;

use client::{Answer, Server};
use serde_json::{Value, json};

const ORDER: &str = r#"{"of": "ch05/quick"}"#;

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let mut lines = answer.head.lines();
    let found = lines.find_map(|line| line.strip_prefix(name));
    found.and_then(|rest| rest.strip_prefix(": ")).unwrap_or("none")
}

#[tokio::test]
async fn a_page_goes_out_with_the_token_before_its_own_scripts() {
    let server = Server::start().await;
    let page = server.get("/a.html").await;
    assert_eq!(page.code, 200, "{page:?}");
    let token = format!("<head><script>{{const token = \"{}\"", server.token);
    assert!(page.body.contains(&token), "{page:?}");
    let csp = header(&page, "content-security-policy");
    assert!(csp.starts_with("default-src 'none'"), "{page:?}");
    assert_eq!(header(&page, "x-content-type-options"), "nosniff");
    assert_eq!(header(&page, "access-control-allow-origin"), "none");
    let script = server.get("/a.js").await;
    assert_eq!((script.code, script.body.as_str()), (200, "1"));
}

#[tokio::test]
async fn nothing_but_the_book_is_served() {
    let server = Server::start().await;
    for path in [
        "/b.html",
        "/../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/book/../../secret",
        "//etc/passwd",
        "/-/",
        "/-/runs/../../secret",
        "/-/nothing",
    ] {
        let answer = server.get(path).await;
        assert!([400, 404].contains(&answer.code), "{path}: {answer:?}");
        assert!(!answer.body.contains("secret!"), "{path}: {answer:?}");
    }
    let put = server.ask("PUT", "/a.html", &server.ours(), "x").await;
    assert_eq!(put.code, 405, "{put:?}");
}

#[tokio::test]
async fn another_name_for_this_machine_is_refused() {
    let server = Server::start().await;
    for host in ["evil.example:{port}", "localhost:1", "localhost", ""] {
        let host = host.replace("{port}", &server.port.to_string());
        let with = [("Host", host.as_str())];
        let answer = server.ask("GET", "/a.html", &with, "").await;
        assert_eq!(answer.code, 421, "{host}: {answer:?}");
        assert!(!answer.body.contains(&server.token));
    }
}

/// Everything that an order needs, but for one thing.
#[tokio::test]
async fn only_our_own_pages_start_and_see_runs() {
    let server = Server::start().await;
    let good = server.ours();
    let other = format!("http://localhost:{}", server.port + 1);
    let without = |name: &str| -> Vec<(&str, &str)> {
        good.iter().copied().filter(|(n, _)| *n != name).collect()
    };
    let but = |name: &'static str, value| {
        [without(name), vec![(name, value)]].concat()
    };
    let wrong = "0".repeat(server.token.len());
    for (what, with) in [
        ("no token", without("X-Lab-Token")),
        ("another token", but("X-Lab-Token", &wrong)),
        ("half a token", but("X-Lab-Token", &server.token[..8])),
        ("no origin", without("Origin")),
        ("another site", but("Origin", "http://evil.example")),
        ("another port", but("Origin", &other)),
        ("a sandboxed frame", but("Origin", "null")),
        ("a link elsewhere", but("Sec-Fetch-Site", "cross-site")),
        ("another port of ours", but("Sec-Fetch-Site", "same-site")),
    ] {
        let answer = server.ask("POST", "/-/runs", &with, ORDER).await;
        assert_eq!(answer.code, 403, "{what}: {answer:?}");
        if what == "no origin" {
            continue; // a GET of a page has none
        }
        for path in ["/-/experiments", "/-/changes", "/-/runs/x-1/events"] {
            let answer = server.ask("GET", path, &with, "").await;
            assert_eq!(answer.code, 403, "{what}: {path}: {answer:?}");
        }
    }
    let good = server.ask("POST", "/-/runs", &good, ORDER).await;
    assert_eq!(good.code, 201, "{good:?}");
}

#[tokio::test]
async fn what_can_be_run_is_listed() {
    let server = Server::start().await;
    let all = server.json("GET", "/-/experiments", "").await;
    let first = &all["experiments"]["ch05/quick"];
    assert_eq!(all["runs"], true);
    assert_eq!(first["hosts"], json!(["client", "server"]));
    assert_eq!(first["what_ifs"][0]["name"], "off");
    assert_eq!(first["what_ifs"][0]["fails"], json!(["it waits"]));
    assert_eq!(first["knobs"][0]["name"], "client:nodelay");
    assert_eq!(first["knobs"][0]["takes"]["kind"], "switch");
}

#[tokio::test]
async fn what_is_not_listed_is_not_run() {
    let server = Server::start().await;
    for order in [
        json!({"of": "ch05/none"}),
        json!({"of": "ch05/quick --pcap /tmp"}),
        json!({"of": "--help"}),
        json!({"of": "ch05"}),
        json!({"of": "ch05/quick", "what_if": "on"}),
        json!({"of": "ch05/quick", "what_if": ""}),
        json!({"of": "ch05/quick", "set": ["client:nodelay"]}),
        json!({"of": "ch05/quick", "set": ["client:nodelay=2"]}),
        json!({"of": "ch05/quick", "set": ["client:nodelay=1;id"]}),
        json!({"of": "ch05/quick", "set": ["server:nodelay=1"]}),
        json!({"of": "ch05/quick", "set": ["client:net.ipv4.tcp_sack=0"]}),
        json!({"of": "ch05/quick", "set": ["client:nodelay=1", "client:nodelay=0"]}),
        json!({"of": "ch05/quick", "path": "/"}),
        json!({"of": ["ch05/quick"]}),
        json!(null),
    ] {
        let answer = server.order(&order).await;
        assert_eq!(answer.code, 400, "{order}: {answer:?}");
    }
    for body in ["", "{", "\u{0}", &"[".repeat(9_000)] {
        let answer = server.ask("POST", "/-/runs", &server.ours(), body).await;
        assert_eq!(answer.code, 400, "{answer:?}");
    }
    let huge = format!("{{\"of\": \"{}\"}}", "x".repeat(1 << 20));
    let answer = server.ask("POST", "/-/runs", &server.ours(), &huge).await;
    assert_eq!(answer.code, 413, "{answer:?}");
}

#[tokio::test]
async fn a_run_is_told_to_whoever_asks_from_wherever_they_were() {
    let server = Server::start().await;
    let order = json!({
        "of": "ch05/quick", "what_if": "off", "set": ["client:nodelay=1"],
    });
    let id = server.started(&order).await;
    let all = server.events(&id, None).await;
    let names: Vec<_> = all.iter().map(|(_, e)| &e["event"]).collect();
    assert_eq!(names, ["queued", "phase", "begin", "end"][4 - names.len()..]);
    let (_, begin) = &all[all.len() - 2];
    let arguments = "ch05 quick --events --what-if=off --set=client:nodelay=1";
    assert_eq!(begin["arguments"], arguments);
    let (last, end) = &all[all.len() - 1];
    assert_eq!(end["why"], json!(["in labs"]), "no path of this machine");
    assert_eq!(server.events(&id, None).await, all);
    let rest = server.events(&id, Some(last - 1)).await;
    assert_eq!(rest, all[all.len() - 1..]);
    assert_eq!(server.events(&id, Some(*last)).await, []);
    for id in ["none-1", &id.replace('-', "-9"), "-", &format!("{id}x")] {
        let path = format!("/-/runs/{id}/events");
        let answer = server.ask("GET", &path, &server.ours(), "").await;
        assert_eq!(answer.code, 404, "{answer:?}");
    }
}

fn verdict(events: &[(usize, Value)]) -> (&str, &str) {
    let end = events.last().map_or(&Value::Null, |(_, event)| event);
    let word = |value: &'static str, end: &Value| {
        assert_eq!(end["event"], "end", "{value}: {end}");
    };
    word("the last event", end);
    let why = end["why"][0].as_str().unwrap_or_default();
    (end["verdict"].as_str().unwrap_or_default(), why)
}

#[tokio::test]
async fn a_runner_that_ends_without_a_verdict_is_an_end_too() {
    let server = Server::start().await;
    for (experiment, words) in
        [("ch05/dies", "signal: 9"), ("ch05/silent", "exit status: 3")]
    {
        let id = server.started(&json!({"of": experiment})).await;
        let events = server.events(&id, None).await;
        let (verdict, why) = verdict(&events);
        assert_eq!(verdict, "killed");
        assert!(why.contains(words), "{why}");
    }
}

#[tokio::test]
async fn few_run_at_once_some_wait_in_a_line_and_more_are_refused() {
    let server = Server::start().await;
    let slow = json!({"of": "ch05/slow"});
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(server.started(&slow).await);
        // In the order in which they came.
        server.heard(ids.last().unwrap(), 1).await;
    }
    let (_, first) = &server.heard(&ids[1], 1).await[0];
    assert_ne!(first["event"], "end");
    for (n, id) in ids[2..].iter().enumerate() {
        let (_, told) = &server.heard(id, 1).await[0];
        assert_eq!(*told, json!({"event": "queued", "position": n + 1}));
    }
    let one_more = server.order(&slow).await;
    assert_eq!(one_more.code, 429, "{one_more:?}");
    // The first of the line gives up; the second moves up.
    server.cancel(&ids[2]).await;
    let events = server.events(&ids[2], None).await;
    assert_eq!(verdict(&events).0, "cancelled");
    let moved = &server.heard(&ids[3], 2).await[1].1;
    assert_eq!(*moved, json!({"event": "queued", "position": 1}));
    // One that runs is stopped; the first of the line takes its place.
    server.cancel(&ids[0]).await;
    assert_eq!(verdict(&server.events(&ids[0], None).await).0, "cancelled");
    let runs = &server.heard(&ids[3], 3).await[2].1;
    assert_eq!(runs["event"], "phase");
}

#[tokio::test]
async fn where_no_runner_is_the_pages_say_so() {
    let server = Server::without_a_runner().await;
    let all = server.json("GET", "/-/experiments", "").await;
    assert_eq!(
        (&all["runs"], &all["why"]),
        (&json!(false), &json!("no runner"))
    );
    let answer = server.ask("POST", "/-/runs", &server.ours(), ORDER).await;
    assert_eq!(answer.code, 503, "{answer:?}");
}
