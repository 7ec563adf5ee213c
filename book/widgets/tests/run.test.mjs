// The Run button: real experiments on this kernel, streamed into the page, and
// what the page says when the server or the runner goes away in the middle.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after } from "node:test";

import { axeClean, fits, page, serve, test } from "./harness.mjs";
import { root } from "./places.mjs";

// On a wire with half a second each way: seconds from its first packet on.
const LONG = { chapter: "ch02-buffers.html", of: "ch02/nagle-small", delay: "500" };
const SHORT = { chapter: "ch05-delayed-ack.html", of: "ch05/first-ack" };

// One server for all; the last test kills it.
let served;
const ends = [];
const server = () => served ??= serve({ after: (end) => ends.push(end) });
after(() => Promise.all(ends.map((end) => end())));

async function open(t, { chapter, of, delay }, options = {}) {
  const p = await page(t, { at: options.at ?? (await server()).url, ...options });
  p.setDefaultTimeout(60_000);
  await p.goto(chapter);
  const run = runOf(p, of);
  if (delay) {
    await run.place.locator(".run-knobs summary").click();
    await run.place.getByLabel("link:delay").fill(delay);
  }
  return { p, run };
}

function runOf(p, of) {
  const place = p.locator(`.lab-run[data-of="${of}"]`);
  const state = (now) => place.locator(`.run[data-state="${now}"]`).waitFor();
  return {
    place, state,
    button: place.locator(".run-button"),
    says: () => place.locator(".run-status").textContent(),
    packets: () => place.locator(".run[data-packets]").waitFor(),
    ended: () => state("ended"),
    // Pressed, and over.
    async once() {
      const runs = Number(await place.locator(".run").getAttribute("data-runs")) + 1;
      await place.locator(".run-button").click();
      await place.locator(`.run[data-runs="${runs}"][data-state="ended"]`).waitFor();
    },
  };
}

// Its first packets are on the page, and its runner stands still: it is in the
// middle of its run for as long as the test likes.
async function held(run, of, before = []) {
  await run.button.click();
  await run.packets();
  const [runner, ...others] = runners(of).filter((pid) => !before.includes(pid) && !isForked(pid));
  assert.deepEqual(others, []);
  process.kill(runner, "SIGSTOP");
  assert.equal(await run.place.locator(".run").getAttribute("data-state"), "running");
  return runner;
}

const number = (p, of) => p.evaluate((of) => socketLab.lastRun(of)?.rows.filter((row) => row.row === "packet").length ?? 0, of);

// Pressed, and judged: nothing follows from a run on a machine that stood
// still, and tests share theirs with others.
async function judged(run) {
  for (let n = 0; n < 6; n++) {
    await run.once();
    if (!(await run.says()).startsWith("Nothing follows")) return;
  }
}

// A stage, or what makes stages: forks of a runner, with its arguments.
function isForked(pid) {
  try {
    const parent = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ")[1];
    return readFileSync(`/proc/${parent}/cmdline`, "utf8").includes("--events");
  } catch { return true; }
}

// Processes of a run that the server started, by their arguments.
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
  const { run } = await open(t, LONG);
  const runner = await held(run, LONG.of);
  assert.ok(await run.place.locator(".run-live [role=option]").count() > 0);
  assert.equal(await run.button.textContent(), "Cancel nagle-small");
  assert.equal(await run.place.locator(".run-claims").count(), 0);
  process.kill(runner, "SIGCONT");
  await run.ended();
  assert.ok(await run.place.locator(".run-claims li").count() > 0);
});

test("a run ends with a verdict, claims, and a model for others", async (t) => {
  const { p, run } = await open(t, SHORT);
  await p.evaluate(() => document.addEventListener("lab-ran", (event) => { globalThis.ran = event.detail; }));
  await judged(run);
  assert.match(await run.says(), /^Passed: /);
  const { of, whatIf, set, verdict, model } = await p.evaluate(() => globalThis.ran);
  assert.deepEqual([of, whatIf, set, verdict], [SHORT.of, null, [], "pass"]);
  assert.equal(model.of, SHORT.of);
  assert.ok(await number(p, SHORT.of) >= 10);
  assert.equal(await run.place.locator(".run-claims .holds").count(), model.claims.length);
  await judged(run);
  assert.match(await run.says(), /^Passed: /);
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
      globalThis.runs = Number(root.dataset.runs ?? 0);
      globalThis.pressed = performance.now();
      button.click();
    });
    took.push(await p.evaluate(() => globalThis.first));
    await p.waitForFunction(() => Number(document.querySelector(".run[data-runs][data-packets]")?.dataset.runs) > globalThis.runs);
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
    await judged(run);
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
  await judged(run);
  assert.match(await run.says(), /of 4 do not hold in this run/);
});

test("a page that is loaded again in mid-run shows the whole run", async (t) => {
  const { p, run } = await open(t, LONG);
  const runner = await held(run, LONG.of);
  const before = await run.place.locator(".run-live [role=option]").count();
  await p.reload();
  await run.packets();
  await run.state("running");
  assert.ok(await run.place.locator(".run-live [role=option]").count() >= before);
  process.kill(runner, "SIGCONT");
  await run.ended();
});

test("a run is cancelled, and the next one goes through", async (t) => {
  const { run } = await open(t, LONG);
  await held(run, LONG.of);
  await run.button.click();
  await run.state("cancelled");
  assert.equal(await run.says(), "Cancelled.");
  await gone(LONG.of);
  await run.button.click();
  await run.ended();
});

test("three tabs: two run, one waits, all come to their end", async (t) => {
  const first = await open(t, LONG);
  const one = await held(first.run, LONG.of);
  const second = await open(t, LONG);
  const two = await held(second.run, LONG.of, [one]);
  const third = await open(t, SHORT);
  await third.run.button.click();
  await third.run.state("queued");
  assert.match(await third.run.says(), /number 1 in the line/);
  for (const runner of [one, two]) process.kill(runner, "SIGCONT");
  for (const { run } of [first, second, third]) await run.ended();
});

test("a runner that is killed in mid-run is an end, too", async (t) => {
  const { run } = await open(t, LONG);
  process.kill(await held(run, LONG.of), "SIGKILL");
  await run.state("failed");
  assert.match(await run.says(), /without a verdict \(signal: 9/);
  await gone(LONG.of);
});

// What a server might say, without one.
async function answered(p, events) {
  await p.route("**/-/runs", (route) => route.fulfill({ status: 201, json: { id: "x-1" } }));
  const body = events.map((event, n) => `id: ${n}\ndata: ${JSON.stringify(event)}\n\n`).join("");
  await p.route("**/-/runs/*/events", (route) => route.fulfill({ contentType: "text/event-stream", body }));
}

test("a machine that can't run it says what it lacks, and the remedy", async (t) => {
  const { p, run } = await open(t, SHORT);
  const why = "make a user namespace: EPERM";
  await answered(p, [{ event: "end", verdict: "could-not-run", why: [why], remedy: "sudo sysctl user.max_user_namespaces=10000" }]);
  await run.button.click();
  await run.state("failed");
  assert.match(await run.says(), /^It could not run: make a user namespace/);
  assert.match(await run.place.locator(".run-extra").innerText(), /remedy:\s+sudo sysctl/);
});

test("hostile text in a run is text", async (t) => {
  const { p, run } = await open(t, SHORT);
  const bad = "<img src=x onerror=\"globalThis.owned = 1\"><script>owned = 1</script>";
  const packet = { row: "packet", n: 1, at: 0, arrived: 0, flow: 1, from: bad, to: "server", label: bad, len: 40 };
  const rows = [packet, { row: "note", at: 1, host: bad, text: bad }, { row: "states", label: bad, states: [[bad, bad]] }];
  const model = { format: 1, of: bad, hosts: [bad, "server"], claims: [{ says: bad, holds: false, saw: bad }], rows };
  await answered(p, [
    { event: "phase", phase: bad },
    { event: "begin", of: bad, hosts: [bad, "server"], claims: [bad], set: [] },
    { event: "rows", from: 0, rows },
    { event: "end", verdict: "claim-failed", why: [bad], claims: [{ claim: bad, holds: false, wanted: bad, saw: bad }], model, json: { snapshot: { is: "different" } } },
  ]);
  await run.button.click();
  await run.ended();
  await run.place.locator(".run-differences").waitFor();
  assert.equal(await run.place.locator("img, script").count(), 0);
  assert.equal(await p.evaluate(() => globalThis.owned), undefined);
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
  await held(run, LONG.of);
  const { pid, ended } = await server();
  process.kill(-pid, "SIGKILL");
  await ended;
  await run.state("gone");
  assert.match(await run.says(), /The server has gone.*\.\/run book serve/);
  await gone(LONG.of);
  await run.button.click();
  await run.state("gone");
});
