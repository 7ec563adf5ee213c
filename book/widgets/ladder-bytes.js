// A packet's bytes -> a dump over a table of its fields, as the static figures
// have it (book/theme/bytes.css); point at a field, or walk with the arrows,
// and its bits are shown.
"use strict";
(() => {
  const lab = globalThis.socketLab;
  const { h } = lab;

  const hexes = (hex, { from, to }) => (hex.slice(2 * from, 2 * to).match(/../g) ?? []).join(" ");
  const binary = (hex, { from, to }) => (hex.slice(2 * from, 2 * to).match(/../g) ?? [])
    .map((byte) => parseInt(byte, 16).toString(2).padStart(8, "0")).join("");

  lab.ladderBytes = (row) => {
    const hex = String(row.bytes).replace(/[^0-9a-fA-F]/g, ""), fields = lab.bytes(hex);
    const says = h("div", { class: "dump-says", role: "status" });
    const dump = h("div", { class: "dump", tabindex: 0, role: "group", "aria-label": "Bytes; the arrow keys go from field to field" }, ...eights(hex, fields));
    const table = h("table", {}, h("thead", {}, h("tr", {}, ...["Offset", "Bytes", "Field", "Meaning"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, ...fields.map((field, i) => h("tr", { "data-field": i }, h("td", { class: "number" }, String(field.from)),
        h("td", {}, h("code", {}, shortened(hexes(hex, field)))), h("th", { scope: "row" }, field.name), h("td", {}, field.meaning)))));
    const kept = hex.length / 2;
    const rest = row.len > kept ? h("p", { class: "lad-rest" }, `The first ${kept} of ${row.len} bytes.`) : null;
    says.textContent = "Point at a field, or press the arrow keys here, and its bits are shown.";
    const box = h("div", { class: "lad-bytes drawn bytes" }, dump, says, table, rest);
    let lit = -1;

    function light(next) {
      if (next === lit) return;
      lit = next;
      for (const part of box.querySelectorAll("[data-field]")) part.classList.toggle("lit", Number(part.dataset.field) === lit);
      says.replaceChildren(...bits(hex, fields[lit]));
    }
    box.addEventListener("pointerover", (event) => {
      const part = event.target.closest("[data-field]");
      if (part) light(Number(part.dataset.field));
    });
    dump.addEventListener("focus", () => light(Math.max(0, lit)));
    dump.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      light((lit + step + fields.length) % fields.length);
    });
    return [box];
  };

  function shortened(text) {
    const bytes = text.split(" ");
    return bytes.length > 16 ? `${bytes.slice(0, 16).join(" ")} … ${bytes.length - 16} more` : text;
  }

  function* eights(hex, fields) {
    const of = new Array(hex.length / 2);
    fields.forEach(({ from, to }, i) => of.fill(i, from, to));
    for (let from = 0; from < hex.length / 2; from += 8) {
      const eight = h("span", { class: "eight", "aria-hidden": "true" }, h("b", {}, from.toString(16).padStart(4, "0")));
      for (let at = from; at < Math.min(from + 8, hex.length / 2); at++) {
        const i = of[at], field = fields[i];
        const edge = (field?.from === at ? " begins" : "") + (field?.to === at + 1 ? " ends" : "");
        eight.append(h("i", field ? { class: (i % 2 ? "odd" : "even") + edge, "data-field": i } : {}, hex.slice(2 * at, 2 * at + 2)));
      }
      yield eight;
    }
  }

  // A field's name, where it is, and its bits: all of them, or part by part.
  function bits(hex, field) {
    const { from, to, name, meaning } = field;
    const range = to - from > 1 ? `bytes ${from} to ${to - 1}` : `byte ${from}`;
    const all = binary(hex, field);
    const head = h("p", {}, h("b", {}, name), `${meaning ? `: ${meaning}` : ""} (${range})`);
    if (field.bits) {
      const parts = field.bits.map((part) => h("li", {}, h("code", {}, spaced(all.slice(part.from, part.to))),
        ` ${part.name}`, part.meaning ? h("b", {}, ` ${part.meaning}`) : null));
      return [head, h("ul", { class: "lad-bits" }, ...parts)];
    }
    return to - from <= 4 ? [head, h("p", {}, h("code", {}, spaced(all)))] : [head];
  }

  // 0101 1100, as it is written; a part that begins amid a byte keeps its width.
  function spaced(digits) {
    if (digits.length > 40) return `${digits.slice(0, 32).replace(/(.{4})(?=.)/g, "$1 ")} …`;
    return digits.replace(/(.{4})(?=.)/g, "$1 ");
  }
})();
