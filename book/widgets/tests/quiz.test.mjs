// Quizzes: an answer is explained at once, kept, and taken back; readable
// without scripts.
import assert from "node:assert/strict";

import { axeClean, fits, page, pages, test } from "./harness.mjs";

const CHAPTER = "ch05-delayed-ack.html";
const question = (p, n) => p.locator(`#quiz-ch05-${n}`);

test("a wrong answer says why it is wrong, a right one why it is right", async (t) => {
  const p = await page(t);
  await p.goto(CHAPTER);
  const one = question(p, 1);
  await one.getByRole("radio", { name: "the program didn't read for so long" }).check();
  assert.match(await one.getByRole("status").textContent(), /^✗ Wrong\. It read at once/);
  await one.getByRole("radio", { name: /takes the connection for a conversation/ }).check();
  assert.match(await one.getByRole("status").textContent(), /^✓ Right\. .*TCP_QUICKACK/);
  await p.reload();
  assert.match(await one.getByRole("status").textContent(), /^✓ Right/);
  await one.getByRole("button", { name: "Try again" }).click();
  assert.equal(await one.getByRole("status").textContent(), "");
  await p.reload();
  assert.equal(await one.getByRole("radio", { checked: true }).count(), 0);
});

test("a blank is filled, several are chosen, all is forgotten", async (t) => {
  const p = await page(t);
  await p.goto(CHAPTER);
  const blank = question(p, 3), several = question(p, 5);
  await blank.getByRole("textbox").fill("3");
  await p.keyboard.press("Enter");
  assert.match(await blank.getByRole("status").textContent(), /Not “3”: it is 2/);
  await blank.getByRole("textbox").fill(" 2 ");
  await blank.getByRole("button", { name: "Answer" }).click();
  assert.match(await blank.getByRole("status").textContent(), /✓ Right/);
  await several.getByRole("checkbox", { name: "one ACK covers both" }).check();
  await several.getByRole("button", { name: "Answer" }).click();
  assert.match(await several.getByRole("status").textContent(), /one more that is right/);
  await several.getByRole("checkbox", { name: "no timer sent it" }).check();
  await several.getByRole("button", { name: "Answer" }).click();
  assert.doesNotMatch(await several.getByRole("status").textContent(), /one more/);
  await p.getByRole("button", { name: "Forget all answers of this quiz" }).click();
  assert.equal(await blank.getByRole("textbox").inputValue(), "");
  assert.equal(await several.getByRole("checkbox", { checked: true }).count(), 0);
});

test("a question shows the part of the ladder that it is about", async (t) => {
  const p = await page(t);
  await p.goto(CHAPTER);
  const one = question(p, 1);
  const button = one.getByRole("button", { name: "Show the ladder" });
  await button.click();
  await one.locator(".quiz-ladder").getByText("ping!").first().waitFor();
  assert.equal(await button.getAttribute("aria-expanded"), "true");
  await button.click();
  assert.equal(await one.locator(".quiz-ladder").isVisible(), false);
});

test("every chapter has a quiz, and its answers are there without scripts", async (t) => {
  for (const chapter of pages().filter((name) => /^ch0[1-7]-[^/]*\.html$/.test(name))) {
    const p = await page(t, { javaScript: false });
    await p.goto(chapter);
    const questions = await p.locator(".quiz-question").all();
    assert.ok(questions.length >= 4 && questions.length <= 7, `${chapter}: ${questions.length}`);
    for (const one of questions) {
      await one.locator("summary").click();
      assert.match(await one.locator(".quiz-answers").innerText(), /Right: [^]*In the accepted trace of/);
    }
    await p.context().close();
  }
});

for (const [theme, width] of [["light", 1280], ["navy", 390]]) {
  test(`quizzes pass axe and fit, ${theme}, ${width} px`, async (t) => {
    const p = await page(t, { theme, width });
    await p.goto(CHAPTER);
    await axeClean(p, { include: ".quiz" });
    for (const one of await p.locator(".quiz-question").all()) {
      const choice = one.getByRole("radio").or(one.getByRole("checkbox"));
      if (await choice.count()) await choice.last().check();
      await one.locator("summary").click();
      const ladder = one.getByRole("button", { name: "Show the ladder" });
      if (await ladder.count()) await ladder.click();
    }
    await p.locator(".quiz-ladder .lad").first().waitFor();
    await axeClean(p, { include: ".quiz" });
    await fits(p);
  });
}
