//! Text in, text out: every directive, and everything that can be wrong.

use lab_book::{Expanded, Page, expand};

use crate::workshop;

fn page(text: &str) -> Page {
    Page { file: "src/page.md".into(), text: text.into() }
}

fn expanded(text: &str) -> String {
    drawn(text).text
}

fn drawn(text: &str) -> Expanded {
    let pages = [page(text)];
    expand(&pages, &workshop::root(), &workshop::describe).unwrap().remove(0)
}

fn problems(text: &str) -> Vec<String> {
    let pages = [page(text)];
    let found = expand(&pages, &workshop::root(), &workshop::describe);
    found.unwrap_err().iter().map(ToString::to_string).collect()
}

fn contains(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "no {part:?} in\n{html}");
    }
}

/// Markdown ends a block of HTML at an empty line.
fn one_block(html: &str) {
    assert!(!html.trim_end().contains("\n\n"), "{html}");
}

#[test]
fn a_page_without_directives_is_left_as_it_is() {
    let text = "# Title\n\nText {{x}} `{{#lab ch05}}`.\n\n\
        ```text\n{{#lab ch05}}\n```\n\n\\{{#lab ch05}}\n{{#include a.md}}";
    assert_eq!(expanded(text), text);
}

#[test]
fn a_lab_lists_its_experiments_and_links_those_in_the_page() {
    let html = expanded(
        "# Title\n\n{{#lab ch05}}\n\n## First\n\nText.\n\n\
         {{#claims ch05/first-ack}}\n",
    );
    contains(
        &html,
        &[
            "./run ch05</code>",
            "Delayed ACK &amp; &lt;friends&gt;",
            "<a href=\"#lab-ch05-first-ack\"><code>first-ack</code></a>",
            "How long does the first ACK wait?",
            "<dt><code>walk</code></dt>",
            "Needs root: it loads a module.</em>",
            "<a class=\"lab-place\" id=\"lab-ch05-first-ack\"></a>\n\n## First",
        ],
    );
}

#[test]
fn a_ladder_is_a_drawing_a_caption_and_a_table() {
    let html = expanded("{{#ladder ch05/first-ack}}\n");
    contains(
        &html,
        &[
            "<svg role=\"img\" aria-labelledby=\"ladder-1-title ladder-1-desc\"",
            "<title id=\"ladder-1-title\">Ladder of ch05/first-ack</title>",
            "7 packets between client, server",
            "PSH ACK 1:6 &quot;ping!&quot;</text>",
            "① the first ACK waits</text>",
            "<rect class=\"gap\"",
            "<code>labs/ch05-delayed-ack/snapshots/first-ack.snap</code>, \
             accepted on Linux 6.18.44.",
            "<details>\n<summary>The same as a table</summary>",
            "<td>client to server</td><td>PSH ACK</td>\
             <td>1:6(5), ack 1</td><td><code>ping!</code></td>",
            "<td>① the first ACK waits</td>",
            "<code>TcpExtDelayedACKs</code> +1",
        ],
    );
    let figure = html.split_once("<figure").unwrap().1;
    one_block(figure.rsplit_once("</figure>").unwrap().0);
}

#[test]
fn states_losses_and_connections_are_drawn() {
    let html = expanded("{{#ladder ch05/walk}}\n");
    contains(
        &html,
        &[
            "<text x=\"0\" y=\"15\">SYN-SENT</text>",
            "SYN held</text>",
            "<line class=\"arrow lost\"",
            ">lost</text>",
            "again</text>",
            "connection 2</text>",
            "<td>sent before; ② a lost segment is sent again</td>"
                .trim_start_matches("<td>"),
            "<strong>lost</strong>",
        ],
    );
}

#[test]
fn figures_are_tables_bars_bytes_and_paths() {
    let html = expanded("{{#figure ch05/first-ack}}\n");
    contains(
        &html,
        &[
            "<figcaption>queues</figcaption>",
            "<th scope=\"col\" class=\"number\">Recv-Q</th>",
            "<th scope=\"row\">&lt;sent&gt;</th><td class=\"number\">12</td>",
            "style=\"--share: 25.0%\"></span><span>1</span>",
            "<code>1b 58</code></td><th scope=\"row\">source port</th>\
             <td>7000</td>",
            "<span class=\"context\">client, in sendto()</span>\
             <ol><li><code>tcp_sendmsg</code></li>",
            "snapshots/first-ack.figures.json",
        ],
    );
    let figure = html.split_once("<figure").unwrap().1;
    one_block(figure.rsplit_once("</figure>").unwrap().0);
    let one = expanded("{{#figure ch05/first-ack \"shares\"}}\n");
    assert!(!one.contains("queues"), "{one}");
    let wrong = problems("{{#figure ch05/first-ack \"share\"}}\n");
    assert!(wrong[0].contains("shares"), "{wrong:?}");
}

#[test]
fn folklore_names_the_claim_that_shows_it() {
    let html = expanded("{{#folklore ch05}}\n\n{{#claims ch05/first-ack}}\n");
    contains(
        &html,
        &[
            "<td>An ACK is &lt;always&gt; late</td>",
            "<td class=\"truth false\">false</td>",
            "<span class=\"note\">Only outside of quick-ACK mode.</span>",
            "<a href=\"#lab-ch05-first-ack\"><code>ch05/first-ack</code></a>",
            "<span class=\"kernel\">Linux 6.18</span>",
        ],
    );
    let all = expanded("{{#folklore all}}\n");
    contains(
        &all,
        &[
            "1 sayings, each tested: 0 true, 0 partly, 0 outdated, 1 false.",
            "<a href=\"ch05-delayed-ack.html#lab-ch05-first-ack\">",
        ],
    );
}

#[test]
fn a_part_of_a_ladder_and_a_variant_can_be_drawn() {
    let second = expanded("{{#ladder ch05/walk conn=2}}\n");
    contains(&second, &["2 packets between", ">RST ACK"]);
    let few = expanded("{{#ladder ch05/walk from=4 to=6}}\n");
    contains(&few, &["2 packets between", "<tr><td>4</td>", "<tr><td>6</td>"]);
    assert!(!few.contains("<tr><td>7</td>"));
    let merged = expanded("{{#ladder ch05/first-ack@merged}}\n");
    contains(
        &merged,
        &[
            "first-ack@merged.snap",
            "Variant <code>merged</code>: the answer may carry the ACK",
        ],
    );
}

#[test]
fn three_hosts_scroll_in_their_own_box() {
    let html = expanded("{{#ladder ch05/three}}\n");
    contains(
        &html,
        &[
            "min-width:540px",
            "role=\"region\" tabindex=\"0\"",
            "x=\"50.0000%\"",
        ],
    );
}

#[test]
fn markup_in_a_payload_stays_text_in_every_sink() {
    let html = expanded(
        "{{#ladder ch05/hostile}}\n\n{{#snapshot ch05/hostile}}\n\n\
         {{#lab ch05}}\n",
    );
    contains(
        &html,
        &[
            "&lt;script&gt;alert(1)",
            "&lt;img src=x onerror=alert(1)&gt;",
            "accepted on Linux &lt;b&gt;6.18",
            "What if a payload is &lt;markup&gt;?",
        ],
    );
    for bad in ["<script", "<img", "<b>", "<markup>", "{{#include"] {
        assert!(!html.contains(bad), "{bad} in\n{html}");
    }
}

#[test]
fn claims_name_the_what_if_that_makes_them_fail() {
    let html = expanded("{{#claims ch05/first-ack}}\n");
    contains(
        &html,
        &[
            "<td class=\"claim-number\">①</td><td>the first ACK waits</td>\
             <td><code>--what-if quickack-route</code>",
            "<td class=\"claim-number\">③</td>\
             <td>data &lt; 1448 bytes is one segment</td>",
        ],
    );
}

#[test]
fn a_what_if_names_its_knobs_and_the_claims_that_fail() {
    let html = expanded("{{#what-if ch05/first-ack}}\n");
    contains(
        &html,
        &[
            "<dt><code>quickack-route</code></dt>",
            "<code>--set server:route.quickack=1</code>",
            "<code>--set client:nodelay=1</code>",
            "Fails: ① the first ACK waits",
        ],
    );
}

#[test]
fn kernels_are_columns_and_what_differs_is_told() {
    let told = expanded("{{#kernels all}}\n{{#claims ch05/first-ack}}\n");
    contains(
        &told,
        &["<dt><a href=\"ch05-delayed-ack.html#lab-ch05-first-ack\">"],
    );
    let html = expanded("{{#kernels all}}\n");
    contains(
        &html,
        &[
            "<th scope=\"col\">6.1 <span class=\"kernel\">6.1.0-56-amd64, \
             emulated on 2 cores, 2026-11-22, all in 312 s</span></th>\
             <th scope=\"col\">6.12 ",
            "<a href=\"ch05-delayed-ack.html\"><code>ch05</code></a> \
             Delayed ACK &amp; &lt;friends&gt;</th><td class=\"mixed\">1 pass, \
             1 pass with other packets, 1 skipped, 1 fail, 3 not \
             run yet</td>\
             <td class=\"mixed\">5 pass, 1 pass, nobody knows why with other packets, \
             1 skipped</td>",
            "<dt><a href=\"ch05-delayed-ack.html\"><code>ch05/first-ack",
            "<strong>6.1</strong> fail<br>the first ACK waits: wanted at \
             least 35 ms, saw &lt;26 ms&gt;</div>",
            "passes with other packets: resets since 6.2 (abc &amp; def)",
            "passes, nobody knows why with other packets<details>",
            "-client &gt; server S\n+client &gt; server R</code>",
            "<strong>6.1, 6.12</strong> skipped: since 6.14, commit \
             <code>0123456789ab</code>: &lt;it&gt;</div>",
        ],
    );
    assert!(!html.contains("removed"), "{html}");
    one_block(&html);
    assert_eq!(html, expanded("{{#kernels ch05}}\n"));
}

#[test]
fn code_is_the_labs_source() {
    let html = expanded("{{#code ch05/first-ack}}\n");
    contains(
        &html,
        &[
            "<code>labs/ch05-delayed-ack/src/first_ack.rs</code>",
            "```rust,noplayground\nuse lab_kit::{Experiment, cable};\n",
        ],
    );
    assert!(!html.contains("ANCHOR") && !html.contains("//!"), "{html}");
    let html = expanded("{{#code ch05/first-ack:read}}\n");
    contains(
        &html,
        &["noplayground\nlet (mut client, _) = listener.accept()?;\nclient"],
    );
}

#[test]
fn a_snapshot_is_shown_as_it_stands_in_its_file() {
    let html = expanded("{{#snapshot ch05/first-ack@merged}}\n");
    contains(
        &html,
        &[
            "first-ack@merged.snap</code>, accepted on Linux 6.18.44",
            "client &gt; server  P.   1:6(5)    ack 1   &quot;ping!&quot;\n",
        ],
    );
    assert!(!html.contains("source:"), "{html}");
}

#[test]
fn a_prediction_is_plain_text_until_a_script_adds_a_box() {
    let html = expanded("{{#predict why}}\nHow *long*?\n{{/predict}}\nRest.\n");
    contains(
        &html,
        &[
            "data-predict=\"why\"",
            "id=\"predict-why\">\n\nHow *long*?\n\n</div>",
            "Write down a guess",
            "</div>\n\nRest.",
        ],
    );
}

#[test]
fn exercises_are_a_table_that_links_to_their_pages() {
    let html = expanded("{{#exercises ch05}}\n");
    contains(
        &html,
        &[
            "<td>1</td><td><a href=\"exercises/ch05-three-writes.html\">\
             Three writes &amp; a &lt;wait&gt;</a>",
            "<code>ch05/three-writes</code>",
            "<td>make it so</td><td class=\"number\">5</td>",
        ],
    );
    one_block(&html);
    let all = drawn("{{#exercises all}}\n");
    let heading = "### Delayed ACK &amp; &lt;friends&gt;\n\n\
                   <div class=\"exercises";
    contains(&all.text, &[heading]);
    assert!(!all.text.contains("grading"), "there is no such page yet");
    assert_eq!(all.exercises, []);
}

#[test]
fn an_exercise_has_a_page_with_each_hint_folded_by_itself() {
    let mut leaves = drawn("{{#exercises ch05}}\n").exercises;
    assert_eq!(leaves.len(), 3);
    let leaf = leaves.remove(0);
    assert_eq!(leaf.title, "Three writes & a <wait>");
    assert_eq!(leaf.file.to_str(), Some("exercises/ch05-three-writes.md"));
    contains(
        &leaf.text,
        &[
            "# Three writes &amp; a &lt;wait&gt;\n\n<dl class=\"exercise-facts\">",
            "<a href=\"../ch05-delayed-ack.html\">Delayed ACK &amp; \
             &lt;friends&gt;</a>, 1 of 3</dd>",
            "<dt>It meets</dt><dd><code>server</code></dd>",
            "<dd>2500 ms</dd>",
            "`\\{{#include /etc/passwd}}` stays",
            "./run exercise start ch05/three-writes",
            "<code>answers/ch05-three-writes/src/main.rs</code></figcaption>\n\n\
             ```rust,noplayground\n//! Writes three times.",
            "println!(\"\\{{#include /etc/passwd}}\");",
            "</span> all &lt; arrives <span class=\"points\">1 point</span>",
            "<span class=\"points\">4 points</span>",
            "<details class=\"hint\"><summary>Hint 1</summary><p>Read \
             <code>task.md</code></p></details>\n<details class=\"hint\">\
             <summary>Hint 2</summary><p>&lt;b&gt;Look&lt;/b&gt;</p>",
            "<p>Write <code>a&lt;b&gt;</code></p></details>\n</li>",
        ],
    );
    assert_eq!(leaf.text.matches("<details class=\"hint\">").count(), 6);
    assert!(!leaf.text.contains("secret"), "the solution:\n{}", leaf.text);
}

#[test]
fn a_diagnosis_is_given_a_ladder_with_numbers_and_times() {
    let leaf = drawn("{{#exercises ch05}}\n").exercises.remove(1);
    contains(
        &leaf.text,
        &[
            "<dd>diagnose</dd>",
            "## What was recorded\n\n<figure class=\"ladder given\">",
            "dx=\"-14\">2</text>",
            "dx=\"12\">1204.382</text>",
            "<td>5</td><td class=\"number\">1204.382</td><td>server to client",
            "<td></td><td class=\"number\">0.050</td><td>client</td>\
             <td colspan=\"3\">mark &quot;&lt;asked&gt;&quot;</td>",
            "<code>labs/ch05-delayed-ack/snapshots/who-waits.ladder.json</code>, \
             recorded on Linux 6.18.44",
            "<th scope=\"col\">client</th><th scope=\"col\">server</th></tr>",
            "<td><code>TcpExtDelayedACKs</code></td><td></td><td>+1</td></tr>",
            "<td><code>left</code></td><td>TIME-WAIT, ESTAB</td><td></td>",
            "<code>answers/ch05-who-waits/answer.toml</code></figcaption>\n\n\
             ```toml\n# Who waits?\n\n# Why?\n# one of: loss, nagle\n",
        ],
    );
    assert!(!leaf.text.contains("<b>"), "{}", leaf.text);
    assert!(!leaf.text.contains("secret"), "{}", leaf.text);
}

#[test]
fn a_prediction_shows_nothing_beforehand() {
    let leaf = drawn("{{#exercises ch05}}\n").exercises.remove(2);
    contains(
        &leaf.text,
        &["<dd>predict</dd>", "# all of these, in order: ACK, SYN\norder = []"],
    );
    assert!(!leaf.text.contains("ladder"), "{}", leaf.text);
    assert!(!leaf.text.contains("secret"), "{}", leaf.text);
}

#[test]
fn a_labs_exercises_are_listed_once_and_have_their_files() {
    let found = problems("{{#exercises ch05}}\n\n{{#exercises ch05}}\n");
    let twice = "src/page.md:3: src/page.md lists the exercises of ch05";
    assert_eq!(found, [twice]);
    let pages = [page("{{#exercises ch05}}\n")];
    let root = tempfile::tempdir().unwrap();
    let lab = root.path().join("labs/ch05-delayed-ack");
    std::fs::create_dir_all(&lab).unwrap();
    let expand = || expand(&pages, root.path(), &workshop::describe);
    let found = expand().unwrap_err();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].what.contains("three-writes/task.md: No such file"));
    // Students don't get what their teacher keeps for later.
    std::fs::write(root.path().join("handout.json"), "{}").unwrap();
    let drawn = expand().unwrap().remove(0);
    assert!(drawn.text.contains("has no exercise"), "{}", drawn.text);
    assert_eq!(drawn.exercises, []);
}

#[test]
fn all_problems_come_together_with_their_places() {
    let found = problems(
        "{{#lab ch5}}\n{{#ladder ch05/frist-ack}}\n\
         {{#code ch05/first-ack:raed}}\n{{#ladder ch05/unaccepted}}\n\
         {{#ladder ch05/garbled}}\n{{#ladder ch05/stale}}\n\
         {{#ladder ch05/first-ack@merge}}\n{{#lader ch05/walk}}\n\
         {{#ladder ch05/walk conn=7}}\n",
    );
    let wanted = [
        "src/page.md:1: no lab is called `ch5`; did you mean ch05?",
        "src/page.md:2: ch05 has no experiment `frist-ack`; did you mean \
         first-ack?",
        "src/page.md:3: labs/ch05-delayed-ack/src/first_ack.rs has no anchor \
         `raed`; did you mean read?",
        "src/page.md:4: labs/ch05-delayed-ack/snapshots/unaccepted.snap: No \
         such file or directory (os error 2); ",
        "src/page.md:5: labs/ch05-delayed-ack/snapshots/garbled.snap line 2",
        "src/page.md:6: labs/ch05-delayed-ack/snapshots/stale.snap line 1 \
         shows a claim that stale doesn't make, \"the first ACK weights\"; \
         did you mean the first ACK waits?",
        "src/page.md:7: labs/ch05-delayed-ack/snapshots/first-ack@merge.snap: \
         No such file or directory (os error 2); did you mean \
         first-ack@merged?",
        "src/page.md:8: no directive is called `lader`",
        "src/page.md:9: labs/ch05-delayed-ack/snapshots/walk.snap has no such \
         lines",
    ];
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
    for (found, wanted) in found.iter().zip(wanted) {
        assert!(found.starts_with(wanted), "{found}\nis not\n{wanted}");
    }
}

#[test]
fn two_predictions_of_one_name_are_a_problem() {
    let text = "{{#predict a}} x {{/predict}}\n{{#predict a}} y {{/predict}}\n";
    let found = problems(text);
    assert!(found[0].starts_with("src/page.md:2: a prediction `a`"));
}

#[test]
fn a_lab_that_does_not_build_is_a_problem_of_its_pages() {
    let broken = |_: &std::path::Path, labs: &[lab_book::Folder]| {
        labs.iter()
            .map(|lab| Err(format!("{} is broken", lab.package)))
            .collect()
    };
    let pages = [page("{{#lab ch05}}\n")];
    let found = expand(&pages, &workshop::root(), &broken).unwrap_err();
    assert_eq!(found[0].what, "ch05-delayed-ack is broken");
}
