// Every chapter in rough hands: each button pressed, in a browser that keeps
// something and in one that keeps nothing; printed; with models whose every
// text is hostile.
import assert from "node:assert/strict";

import { everything } from "./fixtures.mjs";
import { axeClean, fits, page, test } from "./harness.mjs";
import { names, sweep } from "./sweep.mjs";

const chapters = names.filter((name) => /^ch\d+/.test(name));
// axe-core takes its time where everything is open: one chapter for all.
const one = "ch05-delayed-ack.html";
const half = (n) => chapters.filter((_, i) => i % 2 === n);

// Every ladder, as if somebody had scrolled past it; once its model is there.
async function openAll(p) {
  for (const figure of await p.locator("figure.ladder[data-model]").all()) {
    await figure.evaluate((e) => e.scrollIntoView({ block: "start", behavior: "instant" }));
    await figure.locator(".lad").first().waitFor();
  }
}

// By the DOM, since a click by mouse would wait for each to come into view.
// (Presenting hides the page; site.test.mjs presents.) What a press brings is pressed in the next round.
async function press(p) {
  return p.evaluate(() => {
    const pressed = new Set();
    for (let round = 0; round < 3; round++) {
      for (const button of document.querySelectorAll("main button:not(.present-start), main summary")) {
        if (pressed.has(button) || button.disabled) continue;
        pressed.add(button);
        button.click();
      }
    }
    return pressed.size;
  });
}

async function pressAll(p) {
  const before = p.url().split("#")[0];
  await openAll(p);
  assert.ok(await press(p) > 20);
  await p.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  assert.equal(p.url().split("#")[0], before);
  await fits(p);
}

test("every button, pressed once", (t) => sweep(t, { width: 390, theme: "navy" }, half(0), async (p, name) => {
  await pressAll(p);
  if (name === one) await axeClean(p);
}));

test("every button, where nothing is kept", (t) => sweep(t, { width: 1280, at: "file" }, half(1), async (p) => {
  await p.addInitScript(() => {
    Object.defineProperty(globalThis, "localStorage", {
      get() { throw new DOMException("refused", "SecurityError"); },
    });
  });
  await p.reload();
  assert.equal(await p.evaluate(() => { try { return Boolean(localStorage); } catch { return "refused"; } }), "refused");
  await pressAll(p);
}));

test("on paper: the ladder and its table, no buttons, nothing cut off", async (t) => {
  const p = await page(t, { width: 1280 });
  await p.goto("ch05-delayed-ack.html");
  await openAll(p);
  await p.setViewportSize({ width: 720, height: 1000 });
  await p.emulateMedia({ media: "print" });
  await p.evaluate(() => dispatchEvent(new Event("beforeprint")));
  const found = await p.evaluate(() => {
    const seen = (all) => [...document.querySelectorAll(all)].filter((e) => e.checkVisibility() && e.getClientRects().length > 0);
    return {
      ladders: document.querySelectorAll("figure.ladder").length,
      drawn: seen("figure.ladder svg").map((e) => e.closest("figure")).filter((e, i, all) => all.indexOf(e) === i).length,
      buttons: seen("figure.ladder button").map((e) => e.textContent),
    };
  });
  assert.equal(found.drawn, found.ladders);
  assert.deepEqual(found.buttons, []);
  await fits(p);
  await p.pdf(); // and the browser can make pages of it
});

const HOSTILE = {
  markup: "<img src=x onerror=globalThis.owned=1><script>globalThis.owned=1</script>&lt;b&gt;",
  attribute: "\"' onfocus=globalThis.owned=1 autofocus x='",
  backwards: "\u202Egnp.exe\u2066\u2067",
  long: "W".repeat(3000),
  control: "a\u0000\u001b[31m\u0007\u2028b\uFFFD\uD800",
  prototype: "__proto__",
};

// Every text of the fixture, and of what is in it, replaced.
function poison(value, text) {
  if (typeof value === "string") return text;
  if (Array.isArray(value)) return value.map((one) => poison(one, text));
  if (value === null || typeof value !== "object") return value;
  const same = new Set(["row"]); // a row's kind is the model's, not a text
  return Object.fromEntries(Object.entries(value).map(([key, one]) =>
    [key === "client" ? text : key, same.has(key) ? one : poison(one, text)]));
}

for (const [name, text] of Object.entries(HOSTILE)) {
  test(`a model of hostile texts: ${name}`, async (t) => {
    const p = await page(t, { width: 390 });
    await p.goto("index.html");
    const elements = await p.evaluate(([model, text]) => {
      const place = document.createElement("div");
      document.querySelector("main").prepend(place);
      const ladder = socketLab.ladder(place, model, { label: text });
      for (let n = 1; n <= 5; n++) ladder.go(n);
      for (const button of place.querySelectorAll("button, summary")) button.click();
      socketLab.bytes(text);
      return [...place.querySelectorAll("img, script, [onfocus], [onerror]")].map((e) => e.outerHTML);
    }, [poison(everything(), text), text]);
    assert.deepEqual(elements, []);
    assert.equal(await p.evaluate(() => globalThis.owned), undefined);
    await fits(p);
  });
}
