// A box for each prediction; what is written there stays in this browser.
"use strict";
(() => {
  const store = (key, value) => {
    try {
      if (value === undefined) return localStorage.getItem(key) || "";
      if (value) localStorage.setItem(key, value);
      else localStorage.removeItem(key);
      return "Kept in this browser only.";
    } catch {
      return value === undefined ? "" : "This browser keeps nothing: copy it if you want it.";
    }
  };

  for (const box of document.querySelectorAll(".predict[data-predict]")) {
    const key = "socket-lab/predict/" + box.dataset.predict;
    const question = box.querySelector(".predict-question");
    const hint = box.querySelector(".predict-hint");
    const area = document.createElement("textarea");
    area.id = "guess-" + box.dataset.predict;
    area.rows = 3;
    area.value = store(key);
    if (question?.id) area.setAttribute("aria-describedby", question.id);
    const label = document.createElement("label");
    label.htmlFor = area.id;
    label.textContent = hint?.textContent || "Write down a guess.";
    const state = document.createElement("p");
    state.className = "predict-state";
    state.setAttribute("role", "status");
    let said = 0;
    area.addEventListener("input", () => {
      const says = store(key, area.value);
      clearTimeout(said);
      said = setTimeout(() => { state.textContent = says; }, 600);
    });
    // mdBook turns the page on arrow keys and searches on letters.
    area.addEventListener("keydown", (event) => event.stopPropagation());
    hint?.replaceWith(label);
    box.append(area, state);
  }
})();
