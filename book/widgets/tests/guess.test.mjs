// Guesses: kept, compared with the accepted trace and with a run, by keyboard;
// and what lab-book asked at build is what the page asks.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { axeClean, bookDirectory, fits, page, pages, serve, test } from "./harness.mjs";

const CHAPTER = "ch05-delayed-ack.html";
const guess = (p, id) => p.locator(`[data-guess="${id}"]`);
const column = (box, name) => box.getByRole("group", { name, exact: true });

test("a guess is kept over a reload, and shown beside the accepted trace", async (t) => {
  const p = await page(t);
  await p.goto(CHAPTER);
  const box = guess(p, "ch05-first-ack");
  await box.getByRole("button", { name: "Compare" }).click();
  assert.equal(await box.getByRole("status").textContent(), "Nothing is guessed yet.");
  assert.equal(await column(box, "The accepted trace").count(), 0);
  await box.getByRole("spinbutton", { name: "Your guess" }).fill("0.1");
  await p.reload();
  assert.equal(await box.getByRole("spinbutton").inputValue(), "0.1");
  await box.getByRole("button", { name: "Compare" }).click();
  assert.match(await column(box, "Your guess").textContent(), /0\.1 ms≠ not as accepted/);
  assert.match(await column(box, "The accepted trace").textContent(), /\d+\.\d ms/);
  assert.match(await box.getByRole("status").textContent(), /not as the accepted/);
  await p.reload();
  await column(box, "The accepted trace").waitFor();
  await box.getByRole("button", { name: "Start over" }).click();
  assert.equal(await box.getByRole("spinbutton").inputValue(), "");
  assert.equal(await column(box, "The accepted trace").count(), 0);
  await p.reload();
  assert.equal(await box.getByRole("spinbutton").inputValue(), "");
});

test("a slider and its field follow each other, by keyboard", async (t) => {
  const p = await page(t);
  await p.goto(CHAPTER);
  const box = guess(p, "ch05-first-ack");
  const slider = box.getByRole("slider");
  await slider.focus();
  const address = p.url();
  await p.keyboard.press("ArrowRight");
  assert.equal(p.url(), address);
  const before = Number(await box.getByRole("spinbutton").inputValue());
  await p.keyboard.press("End");
  assert.equal(await box.getByRole("spinbutton").inputValue(), "10000");
  assert.equal(await slider.getAttribute("aria-valuetext"), "10000 ms");
  assert.ok(before > 5 && before < 20, `the middle of a logarithmic scale: ${before}`);
  await box.getByRole("spinbutton").fill("40");
  await box.getByRole("button", { name: "Compare" }).click();
  assert.match(await column(box, "Your guess").textContent(), /= as accepted/);
});

test("what is not whole is not compared, and Show me is no guess", async (t) => {
  const p = await page(t);
  await p.goto(CHAPTER);
  const box = guess(p, "ch05-two-acks");
  await box.getByLabel("packet 5, acknowledgement").fill("6");
  await box.getByRole("button", { name: "Compare" }).click();
  assert.equal(await box.getByRole("status").textContent(), "Some are still empty.");
  await box.getByRole("button", { name: "Show me" }).click();
  assert.match(await column(box, "Your guess").textContent(), /you asked to be shown/);
  assert.match(await column(box, "The accepted trace").textContent(), /server to client: ACK, ack 11/);
});

test("an order is arranged by keyboard alone", async (t) => {
  const p = await page(t);
  await p.goto(CHAPTER);
  const box = guess(p, "ch05-order");
  const items = () => box.locator(".guess-item").allTextContents();
  const right = [
    "the client sends 2a", "the server echoes 2a", "the client sends 2b and 2c in one segment",
    "the server echoes 2b", "the client sends an ACK without data", "the server echoes 2c",
  ];
  assert.notDeepEqual(await items(), right);
  for (const [place, text] of right.entries()) {
    const up = box.getByRole("button", { name: `Move up: ${text}`, exact: true });
    await up.focus();
    for (let at = (await items()).indexOf(text); at > place; at--) await p.keyboard.press("Enter");
    assert.equal((await items())[place], text);
  }
  assert.deepEqual(await items(), right);
  await p.reload();
  assert.deepEqual(await items(), right);
  await box.getByRole("button", { name: "Compare" }).click();
  assert.equal(await column(box, "Your guess").getByText("≠").count(), 0);
});

test("an order is arranged by dragging", async (t) => {
  const p = await page(t);
  await p.goto(CHAPTER);
  const items = guess(p, "ch05-order").locator(".guess-order > li");
  const first = await items.first().textContent();
  await items.first().dragTo(items.nth(2));
  assert.equal(await items.nth(2).textContent(), first);
});

// What the run widget does when a run has ended.
const ran = (p, of, change) => p.evaluate(async ([name, text]) => {
  const model = structuredClone(await socketLab.model(name));
  new Function("model", text)(model);
  const last = socketLab.lastRun;
  socketLab.lastRun = (asked) => (asked === name ? model : last?.(asked) ?? null);
  const detail = { of: name, whatIf: null, set: [], model, verdict: "pass", json: {} };
  document.dispatchEvent(new CustomEvent("lab-ran", { detail }));
}, [of, change]);

test("an own run stands in the third column, what differs is marked", async (t) => {
  const p = await page(t);
  await p.goto(CHAPTER);
  const number = guess(p, "ch05-first-ack"), holes = guess(p, "ch05-two-acks");
  for (const box of [number, holes]) await box.getByRole("button", { name: "Show me" }).click();
  assert.match(await column(number, "Your own run").textContent(), /How to run it/);
  await ran(p, "ch05/first-ack", "");
  assert.match(await column(number, "Your own run").textContent(), /ms= as accepted/);
  assert.match(await number.getByRole("status").textContent(), /Your run is as the accepted trace/);
  assert.equal(await column(holes, "Your own run").getByText("≠").count(), 0);
  // Another run: nothing waited, and the last ACK is a RST.
  await ran(p, "ch05/first-ack", `
    model.rows.find((row) => row.row === "gap").lasted = "0.02 ms";
    model.rows.find((row) => row.n === 7).label = "RST ACK";`);
  assert.match(await column(number, "Your own run").textContent(), /0\.02 ms≠ not as accepted/);
  assert.match(await column(holes, "Your own run").textContent(), /RST ACK.*≠/);
});

test("a packet is found though another run sends one ACK less", async (t) => {
  const p = await page(t);
  await p.goto(CHAPTER);
  const box = guess(p, "ch05-order");
  await box.getByRole("button", { name: "Show me" }).click();
  await ran(p, "ch05/write-write-read-3", `
    model.rows = model.rows.filter((row) => row.n !== 9 && row.n !== 15);
    model.rows.filter((row) => row.row === "packet").forEach((row, n) => { row.n = n + 1; });`);
  assert.equal(await column(box, "Your own run").getByText("≠").count(), 0);
});

// The chapters' own HTML, without a browser.
const chapters = () => pages().filter((name) => /^ch0[1-7]-[^/]*\.html$/.test(name))
  .map((name) => ({ name, html: readFileSync(path.join(bookDirectory, name), "utf8") }));
const keysOf = (html) => [...html.matchAll(/<script type="application\/json">(.*?)<\/script>/g)].map((found) => JSON.parse(found[1]));

test("the page asks the accepted traces what the build asked", async (t) => {
  const p = await page(t);
  await p.goto("index.html");
  // Only what a page draws has its model in the book; a figure has none.
  const there = chapters().flatMap(({ html }) => keysOf(html)).filter((key) =>
    existsSync(path.join(bookDirectory, "models", `${key.of}.js`)) && !JSON.stringify(key).includes('"ask":"figure"'));
  const odd = await p.evaluate(async (all) => {
    const found = [];
    for (const key of all) {
      const kind = socketLab.guessKinds[key.kind];
      const values = (lines) => JSON.stringify(lines?.map((line) => line.value));
      const [want, have] = [values(kind.accepted(key)), values(kind.ran(key, await socketLab.model(key.of)))];
      if (want !== have) found.push([key.of, key.kind, want, have]);
    }
    return found;
  }, there);
  assert.deepEqual(odd, []);
  assert.ok(there.length >= 14, `${there.length} guesses were held against their traces`);
});

test("every chapter has two guesses or more, and they are readable without scripts", async (t) => {
  for (const { name, html } of chapters()) assert.ok(keysOf(html).length >= 2, name);
  const p = await page(t, { javaScript: false });
  await p.goto(CHAPTER);
  for (const box of await p.locator(".guess").all()) {
    assert.ok(await box.locator(".predict-question").isVisible());
    assert.notEqual((await box.locator(".guess-paper").innerText()).trim(), "");
  }
});

for (const [theme, width] of [["light", 1280], ["navy", 390]]) {
  test(`guesses pass axe and fit, ${theme}, ${width} px`, async (t) => {
    const p = await page(t, { theme, width });
    await p.goto(CHAPTER);
    const boxes = await p.locator(".guess").all();
    if (width > 390) await axeClean(p, { include: ".guess" });
    for (const box of boxes) await box.getByRole("button", { name: "Show me" }).click();
    await axeClean(p, { include: ".guess" });
    await fits(p);
    const tops = await p.locator("[data-guess='ch05-first-ack'] .compare-column").evaluateAll((all) => all.map((c) => c.getBoundingClientRect().top));
    if (width === 390) assert.ok(tops[0] < tops[1] && tops[1] < tops[2], "one below the other");
    else assert.ok(tops[0] === tops[1] && tops[1] === tops[2], "side by side");
  });
}

test("a guess works in a page that was opened from a folder", async (t) => {
  const p = await page(t, { at: "file" });
  await p.goto(CHAPTER);
  const box = guess(p, "ch05-quick-acks");
  await box.getByRole("radio", { name: "the fifth" }).check();
  await box.getByRole("button", { name: "Compare" }).click();
  assert.match(await column(box, "Your guess").textContent(), /the fifth= as accepted/);
});

test("a real run, started from the guess, stands beside the accepted trace", async (t) => {
  const p = await page(t, { at: (await serve(t)).url });
  await p.goto(CHAPTER);
  const box = guess(p, "ch05-first-ack"), holes = guess(p, "ch05-two-acks");
  for (const one of [box, holes]) await one.getByRole("button", { name: "Show me" }).click();
  await column(box, "Your own run").getByRole("button", { name: "Run first-ack" }).click();
  await column(box, "Your own run").getByText("as accepted").waitFor({ timeout: 60_000 });
  assert.match(await column(box, "Your own run").textContent(), /\d ms[=≠] .*as accepted.*Linux /);
  assert.equal(await column(holes, "Your own run").getByText("≠").count(), 0);
});
