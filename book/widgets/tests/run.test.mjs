// The Run button: real experiments on this kernel, streamed into the page, and
// what the page says when the server or the runner goes away in the middle.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after } from "node:test";

import { axeClean, fits, page, serve, test } from "./harness.mjs";
import { root } from "./places.mjs";

// It waits for three SYNs of a client that nobody answers: seconds.
const LONG = { chapter: "ch01-handshake-and-teardown.html", of: "ch01/syn-unanswered" };
const SHORT = { chapter: "ch05-delayed-ack.html", of: "ch05/first-ack" };

// One server for all; the last test kills it.
let served;
const ends = [];
const server = () => served ??= serve({ after: (end) => ends.push(end) });
after(() => Promise.all(ends.map((end) => end())));

async function open(t, { chapter, of }, options = {}) {
  const p = await page(t, { at: options.at ?? (await server()).url, ...options });
  await p.goto(chapter);
  return { p, run: runOf(p, of) };
}

function runOf(p, of) {
  const place = p.locator(`.lab-run[data-of="${of}"]`);
  const state = (now) => place.locator(`.run[data-state="${now}"]`).waitFor({ timeout: 30_000 });
  return {
    place, state,
    button: place.locator(".run-button"),
    says: () => place.locator(".run-status").textContent(),
    packets: () => place.locator(".run[data-packets]").waitFor({ timeout: 30_000 }),
    ended: () => state("ended"),
  };
}

const number = (p, of) => p.evaluate((of) => socketLab.lastRun(of)?.rows.filter((row) => row.row === "packet").length ?? 0, of);

// A process that the server started for a run, by its arguments.
function runners(of) {
  const words = [...of.split("/"), "--events"].join("\0");
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).filter((pid) => {
    try {
      const ours = readFileSync(`/proc/${pid}/environ`, "utf8").includes(`LAB_ROOT=${root}\0`);
      return ours && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(words);
    } catch { return false; }
  }).map(Number);
}

async function gone(of) {
  const start = Date.now();
  while (runners(of).length) {
    assert.ok(Date.now() - start < 10_000, `${of} still runs 10 s later`);
    await new Promise((resolve) => { setImmediate(resolve); });
  }
}

test("a run is streamed into the page while it goes on", async (t) => {
  const { p, run } = await open(t, LONG);
  await p.evaluate(() => document.addEventListener("lab-ran", (event) => { globalThis.ran = event.detail; }));
  await run.button.click();
  await run.packets();
  assert.equal(await run.place.locator(".run").getAttribute("data-state"), "running");
  assert.equal(await run.button.textContent(), "Cancel syn-unanswered");
  await run.ended();
  assert.match(await run.says(), /^Passed: /);
  const { of, whatIf, set, verdict, model } = await p.evaluate(() => globalThis.ran);
  assert.deepEqual([of, whatIf, set, verdict], [LONG.of, null, [], "pass"]);
  assert.equal(model.of, LONG.of);
  assert.ok(await number(p, LONG.of) >= 2);
  const claims = run.place.locator(".run-claims li");
  assert.equal(await claims.count(), model.claims.length);
  assert.equal(await run.place.locator(".run-claims .fails").count(), 0);
});

test("from pressing Run to the first packet on screen", async (t) => {
  const { p, run } = await open(t, SHORT);
  const took = [];
  for (let n = 0; n < 20; n++) {
    await run.button.evaluate((button) => {
      const root = button.closest(".run");
      delete root.dataset.packets;
      globalThis.first = new Promise((resolve) => {
        const seen = new MutationObserver(() => {
          if (root.dataset.packets) requestAnimationFrame(() => resolve(performance.now() - globalThis.pressed));
        });
        seen.observe(root, { attributes: true });
      });
      globalThis.pressed = performance.now();
      button.click();
    });
    took.push(await p.evaluate(() => globalThis.first));
    await run.ended();
  }
  took.sort((a, b) => a - b);
  const ms = (n) => took[n].toFixed(0);
  t.diagnostic(`first packet after ${ms(0)} / ${ms(5)} / ${ms(10)} / ${ms(15)} / ${ms(19)} ms (least, quartiles, most of 20)`);
});

test("a what-if breaks what it foretells, and the page shows what is different", async (t) => {
  for (const [theme, width] of [["light", 1280], ["navy", 390]]) {
    const { p, run } = await open(t, SHORT, { theme, width });
    await run.place.getByLabel("Run it").selectOption("quickack-route");
    assert.match(await run.place.locator(".run-what-if").innerText(), /server:route.quickack=1.*To fail: ①/s);
    await run.button.click();
    await run.ended();
    assert.match(await run.says(), /^As foretold: exactly 3 claims of 4 failed/);
    assert.equal(await run.place.locator(".run-claims .fails").count(), 3);
    await run.place.locator(".run-differences summary").click();
    await axeClean(p, { include: ".lab-run" });
    await fits(p);
    assert.equal(await number(p, SHORT.of), 0, "a what-if is no plain run");
  }
});

test("a knob is turned", async (t) => {
  const { run } = await open(t, SHORT);
  await run.place.locator(".run-knobs summary").click();
  const knob = run.place.getByLabel("server:route.quickack");
  await knob.selectOption("1");
  await run.button.click();
  await run.ended();
  assert.match(await run.says(), /of 4 do not hold in this run/);
});

test("a page that is loaded again in mid-run shows the whole run", async (t) => {
  const { p, run } = await open(t, LONG);
  await run.button.click();
  await run.packets();
  await p.reload();
  await run.packets();
  await run.ended();
  assert.match(await run.says(), /^Passed: /);
  const all = await number(p, LONG.of);
  assert.ok(all >= 2, `${all} packets`);
});

test("a run is cancelled, and the next one passes", async (t) => {
  const { run } = await open(t, LONG);
  await run.button.click();
  await run.packets();
  await run.button.click();
  await run.state("cancelled");
  assert.equal(await run.says(), "Cancelled.");
  await gone(LONG.of);
  await run.button.click();
  await run.ended();
  assert.match(await run.says(), /^Passed: /);
});

test("three tabs: two run, one waits, all come to their end", async (t) => {
  const [first, second, third] = await Promise.all([LONG, LONG, SHORT].map((of) => open(t, of)));
  await first.run.button.click();
  await second.run.button.click();
  await Promise.all([first.run.packets(), second.run.packets()]);
  await third.run.button.click();
  await third.run.state("queued");
  assert.match(await third.run.says(), /number 1 in the line/);
  await Promise.all([first, second, third].map(({ run }) => run.ended()));
});

test("a runner that is killed in mid-run is an end, too", async (t) => {
  const { run } = await open(t, LONG);
  await run.button.click();
  await run.packets();
  const [runner, ...others] = runners(LONG.of);
  assert.deepEqual(others, []);
  process.kill(runner, "SIGKILL");
  await run.state("failed");
  assert.match(await run.says(), /without a verdict \(signal: 9/);
  await run.button.click();
  await run.ended();
});

test("where no server is the button says how to get one", async (t) => {
  for (const at of ["site", "file"]) {
    const { p, run } = await open(t, SHORT, { at, theme: "navy", width: 390 });
    await run.place.getByLabel("Run it").selectOption("quickack-route");
    await run.button.click();
    const text = await run.place.innerText();
    assert.match(text, /\.\/run book serve/);
    assert.match(text, /\.\/run ch05 first-ack --what-if quickack-route/);
    // axe-core can't read style sheets by file://.
    if (at === "site") await axeClean(p, { include: ".lab-run" });
    await fits(p);
  }
});

test("a server that is killed in mid-run is missed, and leaves no run behind", async (t) => {
  const allow = [/ERR_INCOMPLETE_CHUNKED_ENCODING/, /ERR_CONNECTION_REFUSED/, /ERR_CONNECTION_RESET/, /ERR_EMPTY_RESPONSE/];
  const { run } = await open(t, LONG, { allow });
  await run.button.click();
  await run.packets();
  const { pid, ended } = await server();
  process.kill(-pid, "SIGKILL");
  await ended;
  await run.state("gone");
  assert.match(await run.says(), /The server has gone.*\.\/run book serve/);
  await gone(LONG.of);
  await run.button.click();
  await run.state("gone");
});
