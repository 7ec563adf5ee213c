// What is on every page, and what stands beside the chapters: the search finds
// the field's words, without a network; the presenter's view steps, times and
// tells its notes.
import assert from "node:assert/strict";

import { axeClean, fits, page, test } from "./harness.mjs";

// What is typed, and a page that must be among the first five results.
const WANTED = [
  ["tcp_fin_timeout", "kernel-index.html#net-ipv4-tcp-fin-timeout"],
  ["fin_timeout", "kernel-index.html#net-ipv4-tcp-fin-timeout"],
  ["net.ipv4.tcp_sack", "kernel-index.html#net-ipv4-tcp-sack"],
  ["DelayedACKs", "kernel-index.html#tcpextdelayedacks"],
  ["TCP_QUICKACK", "kernel-index.html#tcp-quickack"],
  ["epollexclusive", "kernel-index.html#epollexclusive"],
  ["EADDRNOTAVAIL", "kernel-index.html#eaddrnotavail"],
  ["address already in use", "symptoms.html#address-in-use-restart"],
  ["bind: Address already in use", "symptoms.html#address-in-use-restart"],
  ["client hangs 40 ms", "symptoms.html#forty-milliseconds"],
  ["connection reset by peer", "symptoms.html#connection-reset-by-peer"],
  ["setsockopt(TCP_NODELAY)", "symptoms.html#nodelay-already-set"],
  ["SYN flooding", "symptoms.html#syn-flooding"],
  ["CLOSE_WAIT", "symptoms.html#close-wait-grows"],
];

async function search(p, words) {
  await p.waitForFunction(() => window.search?.index);
  await p.locator("#mdbook-searchbar").fill(words);
  await p.keyboard.press("End"); // mdBook searches when a key comes up
  const found = p.locator("#mdbook-searchresults a");
  // The results are those of these words: mdBook says so above them.
  await p.locator("#mdbook-searchresults-header", { hasText: `'${words}'` }).waitFor();
  return found.evaluateAll((all) => all.map((a) => a.getAttribute("href").replace(/\?highlight=[^#]*/, "")));
}

for (const at of ["site", "file"]) {
  test(`the search finds the field's words (${at})`, async (t) => {
    const p = await page(t, { at });
    await p.goto("reference/claims.html");
    await p.keyboard.press("/");
    for (const [words, wanted] of WANTED) {
      const found = (await search(p, words)).map((href) => href.replace(/^(\.\.\/)+/, ""));
      assert.ok(found.slice(0, 5).includes(wanted), `${words}: ${found.slice(0, 5).join(", ")}`);
    }
  });
}

const title = (p) => p.locator("main > :is(h1, h2, h3):not(.present-off)").last();

for (const at of ["site", "file"]) {
  test(`a chapter is presented, section by section (${at})`, async (t) => {
    const p = await page(t, { at });
    await p.goto("ch05-delayed-ack.html");
    await p.getByRole("button", { name: "Present" }).click();
    assert.equal(await title(p).textContent(), "Delayed ACK");
    await p.keyboard.press("ArrowRight");
    assert.equal(await title(p).textContent(), "One ACK waits");
    await p.keyboard.press("PageDown");
    await p.keyboard.press("ArrowLeft");
    assert.equal(await title(p).textContent(), "One ACK waits");
    assert.equal(await p.locator("figure.ladder:visible").count(), 1);

    await p.keyboard.press("n");
    const notes = p.getByRole("region", { name: "Notes", exact: true });
    assert.match(await notes.textContent(), /TCP_QUICKACK/);
    await p.keyboard.press("n");
    assert.equal(await notes.isVisible(), false);

    await p.keyboard.press("t");
    const time = p.locator(".present-time");
    assert.match(await time.textContent(), /stopped.*by plan \d+ of \d+ min/);
    await p.keyboard.press("Escape");
    assert.equal(await p.locator(".present-bar").count(), 0);
    assert.equal(await p.locator(".present-off").count(), 0);
    await p.getByRole("button", { name: "Present" }).waitFor();
  });
}

test("the notes have a window of their own, and follow", async (t) => {
  const p = await page(t, { at: "file" });
  await p.goto("ch01-handshake-and-teardown.html?present#sixty-seconds");
  assert.equal(await title(p).textContent(), "Sixty seconds");
  const [notes] = await Promise.all([p.waitForEvent("popup"), p.keyboard.press("w")]);
  await notes.getByRole("heading", { name: "Sixty seconds" }).waitFor();
  await notes.getByText("tcp_fin_timeout").first().waitFor();
  await notes.keyboard.press("ArrowRight");
  await notes.getByRole("heading", { name: "What it is in the way of" }).waitFor();
  assert.equal(await title(p).textContent(), "What it is in the way of");
  await Promise.all([notes.waitForEvent("close"), p.keyboard.press("Escape")]);
});

test("keys belong to what has the focus", async (t) => {
  const p = await page(t);
  await p.goto("ch05-delayed-ack.html?present#why-not-every-ack-waits");
  const box = p.locator("main textarea:visible, main input:visible").first();
  await box.focus();
  await p.keyboard.press("ArrowRight");
  assert.equal(await title(p).textContent(), "Why not every ACK waits");
  await p.getByRole("button", { name: "Next" , exact: true }).last().focus();
  await p.keyboard.press("Enter");
  assert.equal(await title(p).textContent(), "Every second full segment");
});

test("a handout has all sections, and the notes if they are shown", async (t) => {
  const p = await page(t);
  await p.addInitScript(() => { window.print = () => { window.printed = true; }; });
  await p.goto("ch05-delayed-ack.html?present");
  await p.keyboard.press("h");
  assert.equal(await p.evaluate(() => window.printed), true);
  await p.emulateMedia({ media: "print" });
  assert.equal(await p.getByRole("heading", { name: "What sets the 40 ms" }).isVisible(), true);
  assert.equal(await p.locator("details.notes").first().isVisible(), false);
  await p.emulateMedia({ media: "screen" });
  await p.keyboard.press("n");
  await p.emulateMedia({ media: "print" });
  await p.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.equal(await p.locator("details.notes p").first().isVisible(), true);
});

for (const [theme, width] of [["light", 390], ["navy", 1280]]) {
  test(`the presenter's view is for everybody (${theme}, ${width} px)`, async (t) => {
    const p = await page(t, { theme, width });
    await p.goto("ch05-delayed-ack.html?present#a-cork-that-nobody-pulls");
    await p.keyboard.press("n");
    await fits(p);
    await axeClean(p);
  });
}
