// An experiment's what-ifs and knobs -> the controls beside its Run button:
// { element, turned(), disable(bool) }.
"use strict";
(() => {
  const lab = globalThis.socketLab;
  const { h } = lab;
  let count = 0;

  lab.runForm = (whatIfs, claims, changed) => {
    const id = `run-form-${++count}`;
    const select = h("select", { id, onchange: () => { explain(); changed(); } },
      h("option", { value: "" }, "as it stands"),
      ...whatIfs.map(({ name }) => h("option", { value: name }, `what if: ${name}`)));
    const explained = h("p", { class: "run-what-if" });
    const knobs = h("details", { class: "run-knobs", hidden: true }, h("summary", {}, "Knobs"));
    const values = new Map();
    const chosen = () => whatIfs.find(({ name }) => name === select.value) ?? null;

    // Says what it turns, and what is then to fail.
    function explain() {
      const whatIf = chosen();
      explained.replaceChildren();
      if (!whatIf) return;
      explained.append("Sets ");
      whatIf.knobs.forEach((knob, n) => explained.append(n ? ", " : "", h("code", {}, knob)));
      const signs = whatIf.fails.map((n) => lab.ladderWords?.sign(n) ?? n + 1).join(" ");
      explained.append(signs ? `. To fail: ${signs}` : ". No claim is to fail.");
      const says = whatIf.fails.map((n) => claims()[n]).filter(Boolean);
      if (says.length) explained.append(` (${says.join("; ")})`);
    }

    function control({ name, takes }, n) {
      const for_ = `${id}-${n}`;
      const stands = takes.stands ?? null;
      const set = (value) => { if (value === "" || value === stands) values.delete(name); else values.set(name, value); changed(); };
      const words = { switch: ["0", "1"], "one-of": takes.words }[takes.kind];
      const none = stands === null ? "as it is" : `as it is: ${stands}`;
      const input = words
        ? h("select", { id: for_, onchange: (e) => set(e.target.value) }, h("option", { value: "" }, none),
          ...words.map((word) => h("option", { value: word }, word)))
        : h("input", {
          id: for_, type: "number", min: takes.from, max: takes.to, step: 1, placeholder: none.replace("as it is: ", ""),
          oninput: (e) => set(e.target.value === "" || !e.target.checkValidity() ? "" : e.target.value + takes.unit),
        });
      const unit = takes.unit ? h("span", {}, takes.unit) : null;
      return h("div", {}, h("label", { for: for_ }, h("code", {}, name)), h("span", {}, input, unit));
    }

    return {
      element: h("div", { class: "run-form" },
        whatIfs.length ? h("span", { class: "run-choice" }, h("label", { for: id }, "Run it"), select) : null, knobs, explained),
      // What the server lets one turn.
      offer(all) {
        if (!all.length || !knobs.hidden) return;
        knobs.hidden = false;
        knobs.append(...all.map(control));
        explain();
      },
      turned: () => ({ whatIf: chosen()?.name ?? null, set: [...values].map(([name, value]) => `${name}=${value}`) }),
      fails: () => (chosen()?.fails ?? []).map((n) => claims()[n]),
      choose(whatIf) { select.value = whatIf ?? ""; explain(); },
      disable(off) { for (const c of [select, ...knobs.querySelectorAll("input, select")]) c.disabled = off; },
    };
  };
})();
