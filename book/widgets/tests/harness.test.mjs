// The harness finds what it is for: a page that misbehaves fails its test.
import assert from "node:assert/strict";

import { axe, fits, page, site, test } from "./harness.mjs";
import { seen } from "./watch.mjs";

const everything = [/./];

test("a console error, a lost file and a stranger are complaints", async (t) => {
  const p = await page(t, { allow: everything });
  await p.goto("index.html");
  await p.evaluate(() => console.error("E1"));
  await p.evaluate(() => setTimeout(() => { throw new Error("E2"); }));
  await p.evaluate(() => fetch("nothing.js").catch(() => 0));
  await p.evaluate(() => fetch("https://example.org/").catch(() => 0));
  const said = (await seen(p)).join("\n");
  for (const wanted of [/console error: E1/, /E2/, /status 404/, /third-party request: https:\/\/example\.org/]) {
    assert.match(said, wanted);
  }
});

test("axe-core and the width are looked at", async (t) => {
  const p = await page(t, { width: 390 });
  await p.goto("index.html");
  await p.evaluate(() => {
    document.querySelector("main").innerHTML = "<img src='data:,' style='min-width: 900px'>";
  });
  assert.match((await axe(p, { include: "main" })).join(), /image-alt/);
  await assert.rejects(fits(p), /scrolls sideways/);
});

test("the static server keeps to its folder", async () => {
  const { url } = await site();
  const outside = await fetch(`${url}..%2f..%2fCargo.toml`);
  assert.equal(outside.status, 404);
});
