// A test that needs a browser -> Chromium on the built book, or on one that
// `lab-runner book serve` serves; a test that leaves a console error, a failed
// or a third-party request behind fails. README.md says how to use it.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import nodeTest, { after } from "node:test";
import { pathToFileURL } from "node:url";

import { bookDirectory, modules, target } from "./places.mjs";
import { serveFolder } from "./server.mjs";
import { complaints, watch } from "./watch.mjs";

export { bookDirectory, pages } from "./places.mjs";
export { runner, serve } from "./runner.mjs";

const { chromium } = modules("playwright-core");

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  // Nothing is looked up: a third-party request fails, and the test with it.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

let launched, served;

// One browser for a test file. Without Chromium's own sandbox: root has none,
// nor has a user where user namespaces are refused; the pages are ours.
function browser() {
  launched ??= chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium-headless-shell",
    args: FLAGS,
    chromiumSandbox: false,
    headless: !process.env.HEADED,
    slowMo: process.env.HEADED ? 300 : 0,
  });
  return launched;
}

// The built book, on a server of this test file: { url, hits }.
export function site() {
  served ??= serveFolder(bookDirectory);
  return served;
}

after(async () => {
  await (await launched)?.close();
  (await served)?.close();
});

const open = new WeakMap();

// Like node:test's, for bodies that open pages.
export function test(name, options, body = options) {
  nodeTest(name, typeof options === "function" ? {} : options, async (t) => {
    const opened = [];
    open.set(t, opened);
    try {
      await body(t);
      for (const page of opened) assert.deepEqual(await complaints(page), []);
    } catch (error) {
      await Promise.allSettled(opened.map((page, i) => shoot(page, `${name} ${i + 1}`)));
      throw error;
    } finally {
      await Promise.allSettled(opened.map((page) => page.context().close()));
    }
  });
}

// A picture of a page, to look at after a failure.
export async function shoot(page, name) {
  const folder = path.join(target, "browser", "failed");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name.replace(/[^a-zA-Z0-9]+/g, "-")}.png`);
  await page.screenshot({ path: file, timeout: 5000 });
  console.error(`screenshot: ${file}`);
}

// A page in a browser profile of its own. `at`: "site" (default), "file", or
// the URL of a server; goto("ch05-delayed-ack.html") is then relative to it.
// `allow`: complaints that this test is about.
export async function page(t, options = {}) {
  const { theme = "light", width = 1280, height = 900, at = "site", allow = [] } = options;
  const context = await (await browser()).newContext({
    baseURL: await baseOf(at),
    viewport: { width, height },
    javaScriptEnabled: options.javaScript ?? true,
    reducedMotion: options.reducedMotion ? "reduce" : "no-preference",
    forcedColors: options.forcedColors ? "active" : "none",
    contrast: options.contrast ? "more" : "no-preference",
    colorScheme: theme === "light" ? "light" : "dark",
  });
  context.setDefaultTimeout(60_000);
  if (options.javaScript ?? true) await context.addInitScript(keepTheme, theme);
  const opened = await context.newPage();
  watch(opened, allow);
  open.get(t).push(opened);
  return opened;
}

function keepTheme(theme) {
  try {
    if (!localStorage.getItem("mdbook-theme")) localStorage.setItem("mdbook-theme", theme);
  } catch { /* this browser keeps nothing */ }
}

async function baseOf(at) {
  if (at === "site") return (await site()).url;
  if (at === "file") return `${pathToFileURL(bookDirectory)}/`;
  return at.endsWith("/") ? at : `${at}/`;
}

const axeSource = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");

// What axe-core finds wrong, a readable line each. `include`: a selector;
// `rules`: these only; `disable`: not these.
export async function axe(opened, { include, rules: only, disable = [] } = {}) {
  await opened.evaluate(axeSource);
  const violations = await opened.evaluate(async ({ include, only, disable }) => {
    const rules = Object.fromEntries(disable.map((rule) => [rule, { enabled: false }]));
    // preload: it would read the style sheets again, which file:// refuses.
    const options = { rules, resultTypes: ["violations"], preload: false };
    if (only) options.runOnly = only;
    return (await globalThis.axe.run(include ? { include } : document, options)).violations;
  }, { include, only, disable });
  return violations.map(({ id, help, nodes }) => {
    const first = nodes.slice(0, 3).map((node) =>
      `    ${node.target.join(" ")}\n      ${node.failureSummary.replace(/\s+/g, " ")}`);
    return [`${id}: ${help} (${nodes.length} times)`, ...first].join("\n");
  });
}

export async function axeClean(opened, options) {
  const found = await axe(opened, options);
  assert.equal(found.length, 0, `axe-core on ${opened.url()}:\n  ${found.join("\n  ")}`);
}

// No page is wider than the window; mdBook's `.content` would scroll for it.
export async function fits(opened) {
  const wide = await opened.evaluate(() => {
    const scrolls = [...document.querySelectorAll("html, body, .page, .content")]
      .filter((e) => e.scrollWidth > e.clientWidth + 1);
    if (scrolls.length === 0) return [];
    const name = (e) => `${e.localName}.${e.getAttribute("class")} ${e.scrollWidth} of ${e.clientWidth} px`;
    const width = document.documentElement.clientWidth;
    const out = [...document.querySelectorAll("main *")].filter((e) =>
      e.getBoundingClientRect().right > width + 1);
    return [...scrolls, ...out.slice(0, 5)].map(name);
  });
  assert.deepEqual(wide, [], `${opened.url()} scrolls sideways`);
}
