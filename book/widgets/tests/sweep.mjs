// Pages, and what to look at on each -> what is wrong, by page. One browser
// profile for all: a profile costs more than a page.
import assert from "node:assert/strict";

import { page, pages, shoot } from "./harness.mjs";
import { forget, seen } from "./watch.mjs";

// toc.html is the sidebar without scripts; 404.html knows a site's root only.
export const names = pages().filter((name) => !["toc.html", "404.html"].includes(name));

export async function sweep(t, options, which, look) {
  const p = await page(t, options);
  const wrong = {};
  for (const name of which) {
    try {
      await p.goto(name);
      await look(p, name);
      assert.deepEqual(await seen(p), []);
    } catch (error) {
      wrong[name] = error.message;
      await shoot(p, name);
    }
    forget(p);
  }
  const said = Object.entries(wrong).map(([name, why]) => `${name}: ${why}`);
  assert.equal(said.length, 0, `\n${said.join("\n")}`);
}
