// Every page at 1280 px, from a folder: in the theme that it hasn't at 390 px
// (pages-narrow, where axe-core looks at everything; here at contrast). Then
// without scripts.
import assert from "node:assert/strict";

import { axeClean, fits, page, test } from "./harness.mjs";
import { names, sweep } from "./sweep.mjs";

const half = (n) => names.filter((_, i) => i % 2 === n);
const contrast = { rules: ["color-contrast"] };
const wide = { width: 1280, at: "file" };

// Where a page's links lead, and what there is to lead to.
const links = [];
const fragments = new Map();

async function look(p, name) {
  await fits(p);
  await axeClean(p, contrast);
  const found = await p.evaluate(() => ({
    ids: [...document.querySelectorAll("[id]")].map((e) => e.id),
    hrefs: [...document.querySelectorAll("a[href]")].map((a) => a.href),
    url: location.href,
  }));
  const base = found.url.slice(0, -name.length);
  fragments.set(name, new Set(found.ids));
  for (const href of new Set(found.hrefs)) {
    if (href.startsWith(base)) links.push([name, href.slice(base.length)]);
  }
}

test("navy", (t) => sweep(t, { ...wide, theme: "navy" }, half(0), look));
test("light", (t) => sweep(t, { ...wide, theme: "light" }, half(1), look));

test("every link has an end, also after the scripts", () => {
  assert.ok(links.length > names.length);
  const lost = links.filter(([, to]) => {
    const [, file, fragment] = /^([^?#]*)[^#]*#?(.*)$/.exec(to);
    const ids = fragments.get(file || "index.html");
    if (!ids) return file.endsWith(".html") && file !== "404.html";
    return fragment !== "" && !ids.has(decodeURIComponent(fragment));
  });
  assert.deepEqual(lost, []);
});

test("without scripts every word is there", (t) =>
  sweep(t, { ...wide, javaScript: false }, names, async (p) => {
    await p.locator("main h1").first().waitFor();
    const hidden = await p.evaluate(() => [...document.querySelectorAll("main :is(p, li, pre, table, svg)")]
      .filter((e) => !e.checkVisibility() && !e.closest("details:not([open])"))
      .map((e) => e.outerHTML.slice(0, 120)));
    assert.deepEqual(hidden, []);
  }));

test("404.html, on a server", async (t) => {
  const p = await page(t);
  await p.goto("404.html");
  await axeClean(p);
});
