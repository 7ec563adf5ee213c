// Every page of the built book, as it loads: quiet, narrow enough, readable
// for everybody, and with no link into nothing.
import assert from "node:assert/strict";

import { axeClean, fits, page, pages, test } from "./harness.mjs";

// toc.html is the sidebar without scripts; print.html has its own test.
const all = pages().filter((name) => !["toc.html", "print.html"].includes(name));

// Two visits: each theme at each width, one of them from a folder. (404.html is for a
// site's root, on a server.)
all.forEach((name, i) => test(name, async (t) => {
  const themes = i % 2 ? ["light", "navy"] : ["navy", "light"];
  await visit(t, name, { theme: themes[0], width: 390, at: "site" });
  await visit(t, name, { theme: themes[1], width: 1280, at: name === "404.html" ? "site" : "file" });
}));

async function visit(t, name, options) {
  const p = await page(t, options);
  await p.goto(name);
  await axeClean(p);
  await fits(p);
}
