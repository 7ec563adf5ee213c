// Every guess in the page -> a form. What is guessed stays in this browser; the
// accepted trace is shown after a guess, or when asked for, and beside it the
// reader's own run.
"use strict";
(() => {
  const { h, store } = socketLab;

  const means = (key) => {
    const claims = key.means.map((claim) => h("li", {}, "“", claim.says, "”",
      claim.saw ? `: ${claim.saw}` : ""));
    return [
      claims.length ? h("p", { class: "guess-means" }, "What the experiment claims, and saw in the accepted trace:") : null,
      claims.length ? h("ul", { class: "guess-claims" }, ...claims) : null,
      ...key.why.map((why) => h("p", {}, ...socketLab.rich(why))),
    ];
  };

  const mount = (box) => {
    const id = box.dataset.guess;
    const key = JSON.parse(box.querySelector("script[type='application/json']").textContent);
    const kind = socketLab.guessKinds[key.kind];
    const place = "guess/" + id;
    const kept = store.get(place);
    const state = kept?.mark === key.mark ? kept : { mark: key.mark, value: null, shown: false };

    const says = h("p", { class: "guess-says", role: "status" });
    const answer = h("div", { class: "guess-answer", hidden: true });
    const keep = () => {
      const isKept = store.set(place, state);
      says.textContent = isKept ? "Kept in this browser only." : "This browser keeps nothing.";
    };
    const form = kind.form(key, () => { state.value = form.read(); keep(); }, id);
    form.element.setAttribute("role", "group");
    form.element.setAttribute("aria-labelledby", "predict-" + id);

    const check = h("button", { type: "button", onclick: () => {
      state.value = form.read();
      if (state.value === null || form.isWhole?.() === false) {
        says.textContent = state.value === null ? "Nothing is guessed yet." : "Some are still empty.";
        return;
      }
      reveal();
    } }, "Compare");
    const show = h("button", { type: "button", onclick: () => {
      // What was begun and not finished is no guess.
      state.value = null;
      reveal();
    } }, "Show me");
    const again = h("button", { type: "button", onclick: () => {
      Object.assign(state, { value: null, shown: false });
      store.remove(place);
      form.write(null);
      draw();
      says.textContent = "Your guess is forgotten.";
      form.element.querySelector("input, select, button")?.focus();
    } }, "Start over");
    const ask = h("div", { class: "guess-form" }, form.element, h("p", { class: "guess-buttons" }, check, show));
    const done = h("p", { class: "guess-buttons", hidden: true }, again);

    const draw = () => {
      ask.hidden = state.shown;
      answer.hidden = done.hidden = !state.shown;
      if (!state.shown) return answer.replaceChildren();
      const model = socketLab.lastRun?.(key.of) ?? null;
      const button = document.querySelector(`.lab-run[data-of="${key.of}"] .run-button`);
      const run = button && (() => {
        button.scrollIntoView({ block: "center" });
        button.focus({ preventScroll: true });
        button.click();
      });
      const compared = socketLab.compare(key, state.value, { model, run });
      const note = compared.note ? h("p", { class: "guess-note" }, compared.note) : null;
      answer.replaceChildren(compared.element, ...[note, ...means(key)].filter(Boolean));
      return compared;
    };
    const reveal = () => {
      state.shown = true;
      store.set(place, state);
      const { differs } = draw();
      const words = { true: "Your guess is not as the accepted trace has it.", false: "Your guess is as the accepted trace has it." };
      says.textContent = words[differs] ?? "The accepted trace is shown.";
      again.focus();
    };

    if (state.value !== null) form.write(state.value);
    box.querySelector(".guess-paper")?.remove();
    box.querySelector(".predict-hint")?.remove();
    const body = h("div", { class: "guess-body" }, ask, answer, done, says);
    socketLab.ownKeys(body);
    box.append(body);
    draw();

    document.addEventListener("lab-ran", (event) => {
      if (event.detail.of !== key.of || event.detail.whatIf || event.detail.set?.length || !state.shown) return;
      const compared = draw();
      says.textContent = compared.runDiffers === null ? "Your run has ended." : compared.runDiffers
        ? "Your run is not as the accepted trace has it." : "Your run is as the accepted trace has it.";
    });
  };

  for (const box of document.querySelectorAll(".guess[data-guess]")) mount(box);
})();
