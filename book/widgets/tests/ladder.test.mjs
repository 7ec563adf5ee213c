// The ladder in the page: what it shows is its model, whichever way somebody
// asks; and no text of a model is anything but text.
import assert from "node:assert/strict";

import { everything, hostile, long } from "./fixtures.mjs";
import { axeClean, fits, page, test } from "./harness.mjs";

const FIRST = "figure.ladder[data-model='ch05/first-ack']";
const rung = (p, n) => p.locator(`[id="ch05-first-ack:${n}"]`);
const lad = (p) => p.locator(`${FIRST} .lad`);
const list = (p) => p.locator(`${FIRST} [role=listbox]`);

// A chapter's first ladder, upgraded.
async function chapter(t, options, at = "ch05-delayed-ack.html") {
  const p = await page(t, options);
  await p.goto(at);
  await p.locator(FIRST).scrollIntoViewIfNeeded();
  await list(p).waitFor();
  return p;
}

// A ladder of a model of the test's own, on a page that has none.
async function own(t, model, options = {}, pageOptions = {}) {
  const p = await page(t, pageOptions);
  await p.goto("index.html");
  await p.evaluate(([model, options]) => {
    const place = document.createElement("div");
    place.id = "own";
    document.querySelector("main").prepend(place);
    globalThis.steps = [];
    place.addEventListener("lab-step", (event) => globalThis.steps.push(event.detail.n));
    globalThis.ladder = socketLab.ladder(place, model, options);
  }, [model, options]);
  return p;
}

const drawnLabels = (root) => root.locator(".rung.packet").evaluateAll((rungs) =>
  rungs.sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top))
    .map((rung) => [...rung.querySelectorAll(".label")].map((label) => label.textContent).join(" ")));

test("keys and buttons step; the page is not turned", async (t) => {
  const p = await chapter(t);
  await list(p).focus();
  for (const key of ["ArrowRight", "ArrowDown", "ArrowRight"]) await p.keyboard.press(key);
  assert.equal(await rung(p, 3).getAttribute("aria-selected"), "true");
  assert.equal(await list(p).getAttribute("aria-activedescendant"), "ch05-first-ack:3");
  await p.keyboard.press("PageDown");
  assert.equal(await rung(p, 4).getAttribute("aria-selected"), "true", "the next with a claim");
  await p.keyboard.press("End");
  assert.equal(await rung(p, 10).getAttribute("aria-selected"), "true");
  await p.keyboard.press("Home");
  assert.equal(await rung(p, 1).getAttribute("aria-selected"), "true");
  await p.keyboard.press("ArrowLeft");
  await p.keyboard.press("s");
  assert.match(p.url(), /ch05-delayed-ack/);
  assert.equal(await p.locator("#mdbook-searchbar").isVisible(), false);
  await lad(p).getByRole("button", { name: "Step", exact: true }).click();
  assert.equal(await rung(p, 2).getAttribute("aria-selected"), "true");
  assert.match(await lad(p).locator("> [role=status]").textContent(), /^Segment 2, 2 of 10, at \d.* server to client: SYN ACK/);
  assert.equal(await p.locator(`${FIRST} .rung.later`).count() > 5, true, "what has not happened is pale");
  await lad(p).getByRole("button", { name: /^Close/ }).click();
  assert.equal(await p.locator(`${FIRST} .rung.later`).count(), 0);
  assert.equal(await p.locator(`${FIRST} > .ladder-scroll`).isVisible(), false);
});

test("a link leads to a segment, on load and later, also by file://", async (t) => {
  for (const at of ["site", "file"]) {
    const p = await page(t, { at });
    await p.goto("ch05-delayed-ack.html#ch05-first-ack.7");
    await p.locator("[id='ch05-first-ack:7'].here").waitFor();
    await p.evaluate(() => { location.hash = "#ch05-pingpong.2"; });
    await p.locator("[id='ch05-pingpong:2'].here").waitFor();
  }
  const p = await chapter(t);
  await p.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await rung(p, 4).click();
  await lad(p).getByRole("button", { name: "Copy link" }).click();
  await lad(p).getByRole("button", { name: "Copied" }).waitFor();
  assert.match(await p.evaluate(() => navigator.clipboard.readText()), /ch05-delayed-ack\.html#ch05-first-ack\.4$/);
});

test("static figure, table, ladder and model say the same, in the same order", async (t) => {
  const p = await page(t);
  for (const [chapter, name] of [["ch05-delayed-ack", "ch05/first-ack"], ["ch01-handshake-and-teardown", "ch01/lost-syn"], ["ch02-buffers", "ch02/zero-window"]]) {
    await p.goto(`${chapter}.html`);
    const figure = p.locator(`figure.ladder[data-model='${name}']`);
    await figure.scrollIntoViewIfNeeded();
    await figure.locator("[role=listbox]").waitFor();
    const packets = await p.evaluate(async (name) => (await socketLab.model(name)).rows.filter((row) => row.row === "packet"), name);
    const labels = packets.map((row) => row.label);
    assert.ok(labels.length > 3);
    assert.deepEqual(await drawnLabels(figure), labels, `${name}: ladder`);
    const still = await figure.locator("> .ladder-scroll svg .label").allTextContents();
    assert.deepEqual(still.join(" "), labels.join(" "), `${name}: static`);
    await figure.getByRole("button", { name: "Table" }).click();
    assert.deepEqual(await figure.locator(".lad-table tr.packet .lad-what").allTextContents(), labels, `${name}: table`);
    const who = packets.map((row) => `${row.from} to ${row.to}`);
    assert.deepEqual(await figure.locator(".lad-table tr.packet td:nth-child(3)").allTextContents(), who);
  }
});

test("a segment's panel names every byte, and the bits of the field that is pointed at", async (t) => {
  const p = await chapter(t);
  await list(p).focus();
  await p.keyboard.press("Home");
  await p.keyboard.press("Enter");
  const dump = lad(p).locator(".dump");
  assert.ok(await dump.evaluate((dump) => dump === document.activeElement));
  const bytes = await p.evaluate(async () => (await socketLab.model("ch05/first-ack")).rows.find((row) => row.n === 1).bytes);
  assert.equal((await dump.locator("i").allTextContents()).join(""), bytes);
  assert.equal(await dump.locator("i:not([data-field])").count(), 0);
  const rows = await lad(p).locator(".lad-bytes tbody tr").allTextContents();
  assert.equal(rows.length, (await p.evaluate((hex) => socketLab.bytes(hex).length, bytes)));
  for (let i = 0; i < 14; i++) await p.keyboard.press("ArrowRight");
  const says = lad(p).locator(".dump-says");
  assert.match(await says.textContent(), /^data offset: .*1010 data offset/);
  await p.keyboard.press("ArrowRight");
  assert.match(await says.textContent(), /^flags: SYN \(byte 33\).*1 SYN set0 FIN not set/);
  await lad(p).locator("tr[data-field='6']").hover();
  assert.match(await says.textContent(), /^protocol: 6: TCP/);
  await dump.focus();
  await p.keyboard.press("Escape");
  assert.ok(await list(p).evaluate((list) => list === document.activeElement));
});

test("hosts' states change as somebody steps; lost, damaged and failing are told in words", async (t) => {
  const p = await own(t, everything());
  const own_ = p.locator("#own");
  const states = () => own_.locator(".lad-state").allTextContents();
  assert.deepEqual(await states(), ["", "", ""]);
  const go = (n) => p.evaluate((n) => ladder.go(n), n);
  await go(1);
  assert.deepEqual(await states(), ["SYN-SENT", "", ""]);
  assert.match(await own_.locator("> .lad > [role=status]").textContent(), /SYN; lost on its way; client is now SYN-SENT; It asks for a connection\.$/);
  await go(2);
  assert.deepEqual(await states(), ["SYN-SENT", "SYN-RECEIVED", ""]);
  await go(3);
  assert.match(await own_.locator(".lad-facts").textContent(), /② ✗ fails: it fails/);
  assert.match(await own_.locator(".lad-facts").textContent(), /damaged/);
  await go(4);
  assert.deepEqual(await states(), ["ESTABLISHED", hostile, ""]);
  assert.deepEqual(await own_.locator(".gap.fails").count(), 1);
  assert.deepEqual(await p.evaluate(() => steps), [1, 2, 3, 4]);
  await own_.getByLabel("Connection", { exact: true }).selectOption("2");
  assert.deepEqual(await drawnLabels(own_), ["#2 SYN", "nobody > client  #2 RST"]);
  assert.equal(await p.evaluate(() => ladder.at), 4);
});

test("a state is told as changed only within its connection", async (t) => {
  const row = (n, flow, state) => ({ row: "packet", n, at: n, arrived: n, flow, from: "client", to: "router", label: `#${flow}`, len: 0, states: { client: state } });
  const p = await own(t, { ...everything(), rows: [row(1, 1, "TIME-WAIT"), row(2, 2, "SYN-SENT"), row(3, 1, "TIME-WAIT"), row(4, 2, "ESTAB")] });
  const facts = p.locator("#own .lad-facts"), told = [];
  for (const n of [1, 2, 3, 4]) {
    await p.evaluate((n) => ladder.go(n), n);
    told.push(/client (\S+( → \S+)?)(?=since|$)/.exec(await facts.textContent())?.[1] ?? "");
  }
  assert.deepEqual(told, ["TIME-WAIT", "SYN-SENT", "", "SYN-SENT → ESTAB"]);
  assert.equal(await p.locator("#own .lad-state").first().textContent(), "ESTAB");
});

test("hostile texts stay text", async (t) => {
  const p = await own(t, everything());
  for (let n = 1; n <= 5; n++) await p.evaluate((n) => { ladder.go(n); ladder.open(); }, n);
  await p.locator("#own").getByRole("button", { name: "Table" }).click();
  assert.equal(await p.locator("#own img, #own svg img, #own .rung b").count(), 0);
  assert.notEqual(await p.title(), "owned");
  assert.ok((await p.locator("#own .lad-table").textContent()).includes(hostile));
});

test("a model that grows: its end is followed, unless somebody has stepped back", async (t) => {
  const whole = long(400), part = (count) => ({ ...whole, rows: whole.rows.slice(0, count) });
  const p = await own(t, part(20), { live: true });
  const at = () => p.evaluate(() => ladder.at);
  const grow = (count) => p.evaluate((model) => ladder.replace(model), part(count));
  const began = await at();
  await grow(60);
  assert.ok(await at() > began);
  await p.locator("#own [role=listbox]").focus();
  await p.keyboard.press("ArrowUp");
  const stepped = await at(), scrolled = await p.locator("#own [role=listbox]").evaluate((list) => list.scrollTop);
  await grow(300);
  assert.equal(await at(), stepped);
  assert.equal(await p.locator("#own [role=listbox]").evaluate((list) => list.scrollTop), scrolled);
  await p.keyboard.press("End");
  await grow(400);
  assert.ok(await p.locator("#own .rung.here").isVisible());
  const seen = await p.evaluate(() => {
    const [row, box] = [".rung.here", "[role=listbox]"].map((s) => document.querySelector("#own " + s).getBoundingClientRect());
    return row.top >= box.top && row.bottom <= box.bottom;
  });
  assert.ok(seen, "the last one is in sight");
  assert.equal(await at(), whole.rows.filter((row) => row.row === "packet" && whole.rows.indexOf(row) < 400).length);
  await p.evaluate(() => ladder.destroy());
  assert.equal(await p.locator("#own > *").count(), 0);
});

test("it plays: time passes in proportion, and a key jumps ahead", async (t) => {
  const gap = { ...everything(), rows: [
    { row: "packet", n: 1, at: 0, flow: 1, arrived: 0, from: "client", to: "router", label: "SYN", len: 0 },
    { row: "packet", n: 2, at: 1e6, flow: 1, arrived: 1e6, from: "router", to: "client", label: "SYN ACK", len: 0 },
    { row: "packet", n: 3, at: 1e11, flow: 1, arrived: 1e11, from: "client", to: "router", label: "ACK", len: 0 },
  ] };
  const p = await own(t, gap);
  const own_ = p.locator("#own");
  assert.equal(await own_.getByLabel("Speed").inputValue(), "0.1", "100 s are played ten times as fast");
  await own_.getByRole("button", { name: "Play" }).click();
  await own_.getByRole("button", { name: "Pause" }).waitFor();
  await p.waitForFunction(() => ladder.at === 2);
  await own_.locator(".lad-playhead").waitFor();
  await p.waitForFunction(() => parseFloat(document.querySelector("#own .lad-clock").textContent) > 1);
  await own_.locator("[role=listbox]").press("ArrowRight");
  await own_.getByRole("button", { name: "Play" }).waitFor();
  assert.equal(await p.evaluate(() => ladder.at), 3);
  assert.deepEqual(await p.evaluate(() => steps.slice(-2)), [2, 3]);
  const still = await own(t, gap, {}, { reducedMotion: true });
  assert.equal(await still.locator("#own").getByRole("button", { name: "Play" }).count(), 0);
});

test("without scripts, without its model, and on paper: the whole static figure", async (t) => {
  const bare = await page(t, { javaScript: false });
  await bare.goto("ch05-delayed-ack.html");
  assert.ok(await bare.locator(`${FIRST} > .ladder-scroll`).isVisible());

  const lost = await page(t, { allow: [/first-ack/, /ERR_FAILED/] });
  await lost.route("**/models/ch05/first-ack.js", (route) => route.abort());
  await lost.goto("ch05-delayed-ack.html#ch05-first-ack.2");
  await lost.locator(FIRST).scrollIntoViewIfNeeded();
  assert.ok(await lost.locator(`${FIRST} > .ladder-scroll`).isVisible());
  assert.equal(await lost.locator(`${FIRST} .lad`).count(), 0);

  const p = await chapter(t);
  await p.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await p.emulateMedia({ media: "print" });
  assert.ok(await p.locator(`${FIRST} > .ladder-scroll`).isVisible());
  assert.ok(await p.locator(`${FIRST} > figcaption + details table`).isVisible());
  assert.equal(await p.locator(`${FIRST} .lad-controls`).isVisible(), false);
  await p.evaluate(() => dispatchEvent(new Event("afterprint")));

  const live = await own(t, long(300));
  await live.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await live.emulateMedia({ media: "print" });
  assert.equal(await live.locator("#own .lad-paper tr.packet").count(), 300);
  assert.equal(await live.locator("#own .lad-paper .rung .label").count() >= 300, true);
});

for (const options of [{ theme: "light" }, { theme: "navy", width: 390 }])
  test(`axe finds nothing, nothing is too wide: ${JSON.stringify(options)}`, async (t) => {
    const p = await chapter(t, options);
    await rung(p, 5).click();
    await axeClean(p, { include: FIRST });
    await fits(p);
    const all = await own(t, everything(), {}, options);
    await axeClean(all, { include: "#own" });
    await all.locator("#own").getByRole("button", { name: "Table" }).click();
    await axeClean(all, { include: "#own" });
    await fits(all);
  });
