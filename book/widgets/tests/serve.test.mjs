// A served book: pages as on a static host.
import assert from "node:assert/strict";

import { page, serve, test } from "./harness.mjs";

test("lab-runner book serve serves the book", async (t) => {
  const { url } = await serve(t);
  const p = await page(t, { at: url });
  await p.goto("index.html");
  assert.match(await p.title(), /Socket Lab/);
});
