// The reader's own capture: given to the server, explained on the page.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { axeClean, fits, page, serve, test } from "./harness.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const capture = (name) => path.join(root, "labs", name);
const stall = capture("ch05-delayed-ack/snapshots/header-body.pcap");
const ghosts = capture("ch07-loopback-path/snapshots/listener-closed.pcap");

let served;
async function open(t, options = {}) {
  served ??= await serve(t);
  // The last one of these tests ends the server.
  const allow = [/-\/changes/, ...(options.allow ?? [])];
  const p = await page(t, { at: served.url, ...options, allow });
  await p.goto("explain.html");
  return p;
}

const choose = (p, file) => p.getByLabel("A capture").setInputFiles(file);
const says = (p, text) => p.locator(".explain-says").filter({ hasText: text }).waitFor();

test("a static copy says how to get it", async (t) => {
  for (const at of ["site", "file"]) {
    const p = await page(t, { at, width: 390 });
    await p.goto("explain.html");
    await p.getByText("./run book serve").waitFor();
    assert.equal(await p.locator("#explain-file").count(), 0);
    await fits(p);
  }
});

test("a capture is explained, and another connection of it", async (t) => {
  const p = await open(t);
  await choose(p, stall);
  await says(p, "is explained");
  await p.getByText("1 connection has something wrong.").waitFor();
  const link = p.getByRole("link", { name: "ch05/write-write-read-3" });
  assert.match(await link.first().getAttribute("href"), /ch05-delayed-ack\.html#lab-ch05-/);
  await p.locator(".explain-evidence button").last().click();
  await choose(p, ghosts);
  await p.getByRole("heading", { name: "listener-closed.pcap" }).waitFor();
  const rows = p.locator(".explain-row");
  assert.equal(await rows.count(), 3);
  await rows.last().click();
  await p.locator(".explain-row[aria-pressed=true]").filter({ hasText: "well" }).or(
    p.locator(".explain-row[aria-pressed=true]").filter({ hasText: "note" })).waitFor();
  assert.equal(await p.evaluate(() => document.activeElement.id), "explain-connection");
  await axeClean(p, { include: ".explain" });
  await fits(p);

  // What is no capture is refused in words.
  const refused = await open(t, { theme: "navy", width: 390, allow: [/422/] });
  await choose(refused, { name: "<img src=x onerror=alert(1)>.pcap", mimeType: "x/y", buffer: Buffer.from("no capture at all, but long enough") });
  await says(refused, "neither pcap nor pcapng");
  await choose(refused, { name: "empty.pcap", mimeType: "x/y", buffer: Buffer.alloc(0) });
  await says(refused, "is empty");
  await choose(refused, stall);
  await says(refused, "is explained");
  await axeClean(refused, { include: ".explain" });
  await fits(refused);

  // A payload is text, whatever it says.
  const hostile = await open(t);
  const bytes = readFileSync(stall);
  const evil = Buffer.from("<b id=evil>");
  const at = bytes.indexOf(Buffer.from("A"), 40);
  const forged = Buffer.concat([bytes]);
  if (at > 0) evil.copy(forged, Math.min(at, forged.length - evil.length));
  await choose(hostile, { name: "<b id=evil>.pcap", mimeType: "x/y", buffer: forged });
  await says(hostile, "is explained");
  assert.equal(await hostile.locator("#evil").count(), 0);

  // Dropped, not chosen; and the server goes away.
  const gone = await open(t, { allow: [/ERR_CONNECTION_REFUSED/, /Failed to load/, /EventSource/, /net::/] });
  const dropped = await gone.evaluateHandle((data) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(data)], "dropped.pcap"));
    return transfer;
  }, [...bytes]);
  await gone.dispatchEvent(".explain-place", "drop", { dataTransfer: dropped });
  await says(gone, "dropped.pcap is explained");
  // The other pages would rightly complain.
  await Promise.all([p, refused, hostile].map((one) => one.close()));
  process.kill(served.pid, "SIGKILL");
  await served.ended;
  await choose(gone, stall);
  await says(gone, "The server is gone");
});
