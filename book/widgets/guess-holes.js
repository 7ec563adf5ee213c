// The kind `holes`: packets of a ladder, and values that programs kept, with
// fields left out.
"use strict";
(() => {
  const { h, asks } = socketLab;

  const NAMES = {
    from: "who sends", flags: "flags", seq: "sequence number", ack: "acknowledgement", bytes: "bytes", fate: "fate",
  };
  const named = (hole) => hole.label ?? `packet ${hole.n}, ${NAMES[hole.field]}`;
  const normal = (text) => text.trim().toUpperCase().replaceAll(/\s+/g, " ");

  // A packet's row in pieces; `put` gives what stands in a hole.
  const pieces = (key, row, put) => {
    const hole = (field) => key.holes.findIndex((one) => one.n === row.n && one.field === field);
    const out = [`${row.n}. `];
    const add = (field, text, around = (piece) => [piece]) => {
      const at = hole(field);
      if (at >= 0) out.push(...around(put(at)));
      else if (text !== null) out.push(...around(text));
    };
    add("from", `${row.from} to ${row.to}`);
    out.push(": ");
    add("flags", row.flags);
    add("seq", row.bytes > 0 ? String(row.seq) : null, (piece) => [", seq ", piece]);
    add("bytes", row.bytes > 0 ? String(row.bytes) : null, (piece) => [", ", piece, " bytes"]);
    add("ack", row.ack === null ? null : String(row.ack), (piece) => [", ack ", piece]);
    add("fate", row.fate === "arrives" ? null : row.fate, (piece) => [", ", piece]);
    if (row.text) out.push(" " + row.text);
    return out;
  };

  const holes = {
    form(key, changed) {
      const inputs = key.holes.map((hole) => (hole.options
        ? h("select", { onchange: changed }, h("option", { value: "" }, "?"), ...hole.options.map((o) => h("option", {}, o)))
        : h("input", { type: "text", inputmode: hole.number ? "numeric" : null, size: 8, oninput: changed,
          autocomplete: "off", spellcheck: "false" })));
      const put = (at) => h("label", {}, h("span", { class: "sr-only" }, named(key.holes[at])), inputs[at]);
      const rows = key.rows.map((row) => h("li", {}, ...pieces(key, row, put)));
      const values = key.holes.flatMap((hole, at) => (hole.label
        ? [h("li", {}, h("label", {}, ...socketLab.rich(hole.label), ": ", inputs[at]))] : []));
      return {
        element: h("div", {}, h("ul", { class: "guess-rows" }, ...rows, ...values)),
        read: () => {
          const all = inputs.map((input) => input.value);
          return all.some((text) => text.trim()) ? all : null;
        },
        isWhole: () => inputs.every((input) => input.value.trim()),
        write: (value) => inputs.forEach((input, n) => { input.value = value?.[n] ?? ""; }),
      };
    },
    lines(key, texts) {
      const put = (at) => ({ hole: texts[at] || "–", at });
      const rows = key.rows.map((row) => pieces(key, row, put));
      const values = key.holes.flatMap((hole, at) => (hole.label ? [[`${hole.label}: `, put(at)]] : []));
      return [...rows, ...values].map((all) => {
        const own = all.filter((piece) => piece.hole !== undefined);
        return { pieces: all, value: own.map((piece) => normal(piece.hole)).join("|"), bare: own.length === 0 };
      });
    },
    accepted: (key) => holes.lines(key, key.holes.map((hole) => hole.shown ?? hole.answer)),
    guessed: (key, value) => holes.lines(key, value),
    ran(key, model) {
      const said = key.holes.map((hole) => asks.shown(model, hole.ask));
      if (said.every((text) => text === null)) return null;
      return holes.lines(key, said.map((text) => text ?? "not in this run"));
    },
  };

  socketLab.guessKinds.holes = holes;
})();
