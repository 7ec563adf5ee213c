// A guess's key -> the form of its kind, and what the guess, the accepted
// trace and a run say, line by line.
//
// A kind has: form(key, changed) -> { element, read, write }, where a value of
// null is no guess yet; accepted(key), guessed(key, value) and ran(key, model)
// -> lines. A line is { pieces: [text or { hole: text }], value }.
"use strict";
(() => {
  const { h, asks } = socketLab;

  // Text with `code` in backticks -> nodes.
  const rich = (text) => {
    const parts = text.split("`");
    return parts.map((part, n) => (n % 2 && n < parts.length - 1 ? h("code", {}, part) : part));
  };
  const plain = (text) => text.replaceAll("`", "");
  const unknown = "not in this run";

  // ---- choice: radio buttons or boxes

  const choice = {
    form(key, changed, id) {
      const inputs = key.options.map((_, n) => h("input", {
        type: key.many ? "checkbox" : "radio", name: "guess-" + id, value: n, onchange: changed,
      }));
      const element = h("div", { class: "guess-choice" },
        ...key.options.map((option, n) => h("label", {}, inputs[n], h("span", {}, ...rich(option.text)))));
      return {
        element,
        read: () => {
          const chosen = inputs.flatMap((input, n) => (input.checked ? [n] : []));
          return chosen.length ? chosen : null;
        },
        write: (value) => inputs.forEach((input, n) => { input.checked = !!value?.includes(n); }),
      };
    },
    lines: (key, chosen) => key.options.flatMap((option, n) =>
      (chosen.includes(n) ? [{ pieces: [{ hole: option.text }], value: "" + n }] : [])),
    accepted: (key) => choice.lines(key, key.options.flatMap((o, n) => (o.right ? [n] : []))),
    guessed: (key, value) => choice.lines(key, value),
    ran(key, model) {
      const said = key.options.map((option) => asks.holds(model, option.check));
      if (said.every((holds) => holds === null)) return null;
      const lines = choice.lines(key, said.flatMap((holds, n) => (holds ? [n] : [])));
      return lines.length ? lines : [{ pieces: ["none of these"], value: "none" }];
    },
    same: (key, line, lines) => lines.some((other) => other.value === line.value),
  };

  // ---- number: a slider and a field that follow each other

  const STEPS = 1000;
  const round = (number) => Number(number.toPrecision(2));

  const number = {
    form(key, changed, id) {
      const [from, to] = key.range;
      const whole = !key.time;
      const at = (step) => {
        const share = step / STEPS;
        const value = key.log ? from * (to / from) ** share : from + (to - from) * share;
        return whole ? Math.round(value) : round(value);
      };
      const step = (value) => {
        const inside = Math.min(Math.max(value, from), to);
        const share = key.log ? Math.log(inside / from) / Math.log(to / from) : (inside - from) / (to - from);
        return Math.round(share * STEPS);
      };
      const slider = h("input", {
        type: "range", min: 0, max: STEPS, step: whole && !key.log ? STEPS / Math.min(STEPS, to - from) : 1,
        "aria-label": `Slider, ${from} to ${to} ${key.unit}`,
      });
      slider.value = STEPS / 2;
      const box = h("input", { type: "number", id: `guess-${id}-number`, min: 0, step: "any", inputmode: "decimal" });
      const tell = () => slider.setAttribute("aria-valuetext", box.value ? `${box.value} ${key.unit}` : "no guess yet");
      slider.addEventListener("input", () => {
        box.value = at(Number(slider.value));
        tell();
        changed();
      });
      box.addEventListener("input", () => {
        if (box.value !== "") slider.value = step(Number(box.value));
        tell();
        changed();
      });
      tell();
      const ends = h("span", { class: "guess-ends", "aria-hidden": "true" },
        h("span", {}, `${from}`), h("span", {}, `${to} ${key.unit}`));
      return {
        element: h("div", { class: "guess-number" },
          h("div", { class: "guess-slider" }, slider, ends),
          h("label", { for: box.id }, "Your guess ", box, " ", key.unit)),
        read: () => (box.value === "" || Number.isNaN(Number(box.value)) ? null : Number(box.value)),
        write: (value) => {
          box.value = value ?? "";
          slider.value = value === null ? STEPS / 2 : step(value);
          tell();
        },
      };
    },
    line: (text, value) => [{ pieces: [{ hole: text }], value }],
    accepted: (key) => number.line(key.time ? key.shown : `${key.shown} ${key.unit}`, key.answer),
    guessed: (key, value) => number.line(`${value} ${key.unit}`, value * key.size),
    ran(key, model) {
      const value = asks.answer(model, key.ask);
      if (value === null) return null;
      const text = asks.shown(model, key.ask);
      return number.line(key.time ? text : `${text} ${key.unit}`, value);
    },
    same: (key, line) => line.value >= key.near[0] && line.value <= key.near[1],
    // How a time's nearness is meant.
    note: (key) => (key.time ? "A time from two thirds to one and a half of the accepted one counts as the same." : null),
  };

  // ---- order: a list to arrange, by buttons or by dragging

  const order = {
    form(key, changed) {
      let places = [...key.shuffled];
      let touched = false;
      const says = h("p", { class: "sr-only", role: "status" });
      const list = h("ol", { class: "guess-order" });
      const move = (from, to, focus) => {
        if (to < 0 || to >= places.length || from === to) return;
        const [item] = places.splice(from, 1);
        places.splice(to, 0, item);
        touched = true;
        draw();
        says.textContent = `${plain(key.items[item].text)}: now ${to + 1} of ${places.length}`;
        list.children[to].querySelector(`[data-move="${focus}"]`)?.focus();
        changed();
      };
      const button = (at, by, sign, word, text) => {
        const end = at + by < 0 || at + by >= places.length;
        return h("button", {
          type: "button", "data-move": by, "aria-disabled": end ? "true" : null,
          "aria-label": `Move ${word}: ${text}`, onclick: () => move(at, at + by, by),
        }, sign);
      };
      const draw = () => list.replaceChildren(...places.map((item, at) => {
        const text = key.items[item].text;
        const line = h("li", { draggable: "true" },
          h("span", { class: "guess-item" }, ...rich(text)),
          h("span", { class: "guess-moves" },
            button(at, -1, "↑", "up", plain(text)), button(at, 1, "↓", "down", plain(text))));
        line.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", "" + at));
        line.addEventListener("dragover", (event) => event.preventDefault());
        line.addEventListener("drop", (event) => {
          event.preventDefault();
          const from = Number.parseInt(event.dataTransfer.getData("text/plain"), 10);
          if (from >= 0 && from < places.length) move(from, at, 1);
        });
        return line;
      }));
      draw();
      return {
        element: h("div", {}, list, says),
        // The order that it has been given counts as a guess, too, once asked.
        read: () => places,
        isTouched: () => touched,
        write: (value) => {
          const whole = Array.isArray(value) && value.length === places.length;
          places = whole ? [...value] : [...key.shuffled];
          touched = whole;
          draw();
        },
      };
    },
    lines: (key, places) => places.map((item) => ({ pieces: [{ hole: key.items[item].text }], value: item })),
    accepted: (key) => order.lines(key, key.items.map((_, n) => n)),
    guessed: (key, value) => order.lines(key, value),
    ran(key, model) {
      const rows = key.items.map((item, n) => ({ n, row: asks.row(model, item.at) }));
      const there = rows.filter((r) => r.row >= 0).sort((a, b) => a.row - b.row);
      const lines = order.lines(key, there.map((r) => r.n));
      const missing = rows.filter((r) => r.row < 0);
      return [...lines, ...missing.map((r) => ({ pieces: [key.items[r.n].text, " ", { hole: unknown }], value: "" }))];
    },
    numbered: true,
  };

  socketLab.guessKinds = { choice, number, order };
  socketLab.rich = rich;
})();
