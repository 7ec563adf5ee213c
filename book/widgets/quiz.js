// A chapter's quiz -> forms. An answer is explained at once; answers stay in
// this browser, by the question's text, so that a changed question is asked
// anew.
"use strict";
(() => {
  const { h, store } = socketLab;

  const copy = (nodes) => [...nodes].map((node) => node.cloneNode(true));
  const normal = (text) => text.trim().toUpperCase().replaceAll(/\s+/g, " ");

  const shown = (text) => {
    const numbers = text.match(/\d+/g)?.map(Number);
    return numbers ? [numbers[0], numbers.at(-1)] : null;
  };

  // A button that draws the ladder below a question.
  const ladder = (question) => {
    const range = shown(question.dataset.show ?? "");
    if (!range || !socketLab.ladder) return null;
    const of = question.dataset.of;
    const place = h("div", { class: "quiz-ladder", hidden: true });
    const button = h("button", { type: "button", "aria-expanded": "false", onclick: async () => {
      const open = place.hidden;
      button.setAttribute("aria-expanded", String(open));
      place.hidden = !open;
      if (!open || place.children.length) return;
      try {
        const model = await socketLab.model(of);
        const inner = h("div");
        place.append(inner);
        socketLab.ladder(inner, model, {
          compact: true, first: range[0], last: range[1], label: `Ladder of ${of}, packets ${range[0]} to ${range[1]}`,
        })?.go?.(range[0]);
      } catch (why) {
        place.append(h("p", {}, why.message));
      }
    } }, "Show the ladder");
    return h("div", {}, h("p", { class: "guess-buttons" }, button), place);
  };

  const explain = (answers, n) => {
    const right = answers[n].dataset.right === "true";
    return h("p", { class: right ? "quiz-says right" : "quiz-says wrong" },
      h("strong", {}, right ? "✓ Right. " : "✗ Wrong. "), ...copy(answers[n].querySelector(".quiz-why").childNodes));
  };

  const mount = (quiz, question) => {
    const id = question.id;
    const place = `quiz/${id}/${question.dataset.mark}`;
    const answers = [...question.querySelectorAll(".quiz-answers li")];
    const options = [...question.querySelectorAll(".quiz-options > li")];
    const details = question.querySelector(".quiz-answers");
    const asks = question.querySelector(".quiz-asks");
    const many = answers.filter((li) => li.dataset.right === "true").length > 1;
    const blank = answers[0]?.dataset.fills;
    const says = h("div", { class: "quiz-answer", role: "status" });
    const retry = h("button", { type: "button", hidden: true, onclick: () => { forget(); first()?.focus(); } }, "Try again");

    const inputs = options.map((_, n) => h("input", { type: many ? "checkbox" : "radio", name: id, value: n }));
    const field = h("input", { type: "text", autocomplete: "off", spellcheck: "false", size: 12 });
    const first = () => inputs[0] ?? field;

    const judge = (value) => {
      if (blank !== undefined) {
        const right = normal(value) === normal(blank);
        const why = explain(answers, 0);
        if (!right) why.firstChild.textContent = `✗ Not “${value.trim()}”: it is ${blank}. `;
        why.className = right ? "quiz-says right" : "quiz-says wrong";
        says.replaceChildren(why);
        return;
      }
      const missed = answers.some((li, n) => li.dataset.right === "true" && !value.includes(n));
      const told = value.map((n) => explain(answers, n));
      const more = many && missed && value.every((n) => answers[n].dataset.right === "true");
      says.replaceChildren(...told, ...(more ? [h("p", { class: "quiz-says" }, "There is one more that is right.")] : []));
      options.forEach((_, n) => inputs[n].closest("label").classList.toggle("chosen", value.includes(n)));
    };
    const give = (value) => {
      judge(value);
      retry.hidden = false;
      store.set(place, value);
    };
    const forget = () => {
      store.remove(place);
      inputs.forEach((input) => { input.checked = false; input.closest("label").classList.remove("chosen"); });
      field.value = "";
      says.replaceChildren();
      retry.hidden = true;
      details.open = false;
    };
    const chosen = () => inputs.flatMap((input, n) => (input.checked ? [n] : []));
    const answer = () => {
      if (blank !== undefined) return field.value.trim() ? give(field.value) : field.focus();
      const value = chosen();
      if (value.length) give(value);
    };

    const labels = options.map((li, n) => h("label", {}, inputs[n], h("span", {}, ...copy(li.childNodes))));
    const legend = h("legend", {}, ...asks.childNodes, many ? h("span", { class: "quiz-many" }, " One or more are right.") : null);
    const line = blank === undefined ? null : h("label", {}, h("span", {}, "Your answer "), field);
    const button = many || blank !== undefined ? h("button", { type: "button", onclick: answer }, "Answer") : null;
    const form = h("fieldset", {}, legend, ladder(question), ...labels, line, h("p", { class: "guess-buttons" }, button, retry));
    if (!many) inputs.forEach((input) => input.addEventListener("change", answer));
    field.addEventListener("keydown", (event) => { if (event.key === "Enter") answer(); });
    socketLab.ownKeys(form);
    asks.remove();
    question.querySelector(".quiz-options")?.remove();
    question.prepend(form, says);

    const kept = store.get(place);
    const fits = blank === undefined ? Array.isArray(kept) && kept.every((n) => options[n]) : typeof kept === "string";
    if (kept !== null && fits) {
      if (blank === undefined) kept.forEach((n) => { inputs[n].checked = true; });
      else field.value = kept;
      judge(kept);
      retry.hidden = false;
    }
    return forget;
  };

  for (const quiz of document.querySelectorAll(".quiz[data-quiz]")) {
    const forget = [...quiz.querySelectorAll(".quiz-question")].map((question) => mount(quiz, question));
    quiz.append(h("p", { class: "guess-buttons" },
      h("button", { type: "button", onclick: () => forget.forEach((one) => one()) }, "Forget all answers of this quiz")));
  }
})();
