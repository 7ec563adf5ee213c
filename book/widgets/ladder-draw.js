// A row of a view -> its height, and the SVG that draws it: the same shapes as
// the static figure's (book/lab-book/src/render/svg.rs). Across in percent,
// so that a wider window costs nothing; down in pixels.
"use strict";
(() => {
  const lab = globalThis.socketLab;
  const { h, ladderWords: words } = lab;

  const LINE = 17; // a line of text
  const FALL = 9; // how far an arrow falls: time passes while a packet travels
  const LETTER = 7.55; // as wide as one is in the arrows' labels

  // Where the rails are, and how many characters fit between two of them.
  lab.ladderRails = (hosts, width) => {
    const last = Math.max(1, hosts.length - 1);
    const at = hosts.map((_, i) => hosts.length > 1 ? 100 * i / last : 50);
    return {
      at,
      of: new Map(hosts.map((host, i) => [host, at[i]])),
      room: Math.max(24, Math.floor((width / last - 28) / LETTER)),
      whole: Math.max(24, Math.floor((width - 28) / LETTER)),
      step: 100 / last,
    };
  };

  // row -> { height, lines, flight? }; without touching the page.
  lab.ladderMeasure = (view, row, rails) => {
    const text = (lines, rest) => ({ lines, height: LINE * lines.length + rest });
    switch (row.row) {
      case "packet": {
        const from = rails.of.get(row.from), to = rails.of.get(row.to);
        if (from === undefined || to === undefined)
          return text(words.wrap(`${row.from} > ${row.to}  ${row.label}`, rails.whole), 10);
        if (from === to) return { ...text([row.label], 8), from, to };
        const hops = Math.max(1, Math.round(Math.abs(from - to) / rails.step));
        const lines = words.wrap(row.label, rails.room * hops);
        return { ...text(lines, 10 + FALL + 8), from, to };
      }
      case "gap": return text(words.wrap(words.says(view.model, row), rails.whole), 36);
      case "states": {
        const beside = rails.at.length <= 2;
        const lines = words.wrap(row.label, beside ? Math.max(16, rails.whole - 30) : rails.whole);
        return { lines, beside, height: beside ? Math.max(LINE * lines.length, 22) + 12 : LINE * lines.length + 40 };
      }
      case "connection": return { lines: [words.says(view.model, row)], height: 36 };
      default: return text(words.wrap(row.text ?? "", Math.min(rails.whole - 4, 64)), 8);
    }
  };

  const percent = (x) => `${x.toFixed(4)}%`;
  const line = (kind, x1, y1, x2, y2) => h("line", { class: kind, x1: percent(x1), y1, x2: percent(x2), y2 });
  const text = (kind, x, y, dx, says) => h("text", { class: kind, x: percent(x), y, dx }, says);
  const shape = (kind, x, y, d, path) => h("svg", { class: kind, x: percent(x), y }, h("path", { d, class: path }));

  // -> { svg, flight? }: `flight` redraws the arrow part of the way.
  lab.ladderPaint = (view, row, rails, { lines, height, from, to, beside }) => {
    const svg = h("svg", { width: "100%", height, "aria-hidden": "true" });
    const put = (...parts) => svg.append(...parts);
    const rail = (y1 = 0, y2 = height) => put(...rails.at.map((x) => line("rail", x, y1, x, y2)));
    const written = (kind, x, dx, top) => put(...lines.map((says, i) => text(kind, x, top + LINE * (i + 1), dx, says)));
    let flight;

    if (row.row === "gap") gap();
    else rail();
    if (row.row === "packet") packet();
    else if (row.row === "states") states();
    else if (row.row === "connection") put(line("divider", 0, 20, 100, 20), text("connection", 50, 24, 0, lines[0]));
    else if (row.row !== "gap") note();
    return { svg, flight };

    function packet() {
      margins(from === undefined || from === to ? 6 : height - 8 - FALL);
      if (from === undefined || to === undefined) return written("label", 50, 0, 0);
      if (from === to) return loop();
      const right = from < to, y = height - 8 - FALL, lost = words.lost(row), short = lost || row.under_way;
      const [kind, x, dx] = !short ? ["label", (from + to) / 2, 0]
        : right ? ["label behind", from, 14] : ["label before", from, -14];
      const arrow = line(`arrow${short ? " lost" : ""}${row.damaged ? " damaged" : ""}`, from, y, to, y + FALL);
      const head = short ? cross() : shape(`head${row.damaged ? " damaged" : ""}`, to, y + FALL, `M0 0l${right ? "-" : ""}11-5v10z`);
      put(arrow, head);
      written(kind, x, dx, short ? 3 : 6);
      flight = (share) => {
        const part = short ? Math.min(share, 0.62) : share;
        arrow.setAttribute("x2", percent(from + part * (to - from)));
        arrow.setAttribute("y2", y + part * FALL);
        head.style.visibility = share >= (short ? 0.62 : 1) ? "" : "hidden";
      };
      flight(1);

      function cross() {
        const x = from + 0.62 * (to - from), at = y + Math.round(FALL * 0.62);
        put(text(right ? "fate" : "fate before", x, at + 4, right ? 14 : -14, lost ? "lost" : "under way"));
        return shape("cross", x, at, lost ? "M-6-6l12 12m0-12l-12 12" : "M0-5v10");
      }
    }

    // An arrow that comes back to the rail it left.
    function loop() {
      const last = from > 99, reach = last ? -34 : 34;
      put(shape("", from, 6, `M0 0H${reach}V${FALL}H0`, `arrow loop${words.lost(row) ? " lost" : ""}`));
      put(words.lost(row) ? shape("cross", from, 6 + FALL, `M${reach / 2}-6l12 12m0-12l-12 12`)
        : shape("head", from, 6 + FALL, `M0 0l${last ? "-" : ""}11-5v10z`));
      put(text(last ? "label before" : "label behind", from, 6 + FALL, last ? -44 : 44, lines[0]));
    }

    function margins(y) {
      put(text("own", 0, y - 4, -12, String(row.n)), text("time", 0, y + 10, -12, words.short(row.at)));
      // One or two stand beside the arrow; more, in two lines; the panel has all.
      const signs = (row.shows ?? []).map((one) => words.signs([one]));
      const kind = `sign${signs.some((sign) => sign.startsWith("✗")) ? " fails" : ""}`;
      if (signs.join("").length <= 2) put(text(kind, 100, y + FALL, 12, signs.join("")));
      else {
        const half = Math.ceil(Math.min(signs.length, 4) / 2);
        const second = signs.slice(half, 2 * half).join("") + (signs.length > 2 * half ? "…" : "");
        put(text(`${kind} many`, 100, y - 4, 8, signs.slice(0, half).join("")), text(`${kind} many`, 100, y + 13, 8, second));
      }
    }

    function gap() {
      put(h("rect", { class: `gap${row.holds ? "" : " fails"}`, x: 0, y: 4, width: "100%", height: height - 8 }));
      const middle = Math.round(height / 2);
      // Inner rails would go through the words.
      const outer = [...new Set([rails.at[0], rails.at[rails.at.length - 1]])].filter((x) => x !== undefined);
      for (const x of outer) put(line("rail", x, 0, x, middle - 8), line("rail", x, middle + 8, x, height));
      put(...outer.map((x) => shape("break", x, middle - 8, "M0 0l6 3-12 5 12 5-6 3")));
      written("waits", 50, 0, 14);
    }

    function states() {
      const top = beside ? 6 + Math.max(0, LINE * lines.length - LINE) / 2 : 10 + LINE * lines.length;
      written("after", 50, 0, 4);
      for (const [host, state] of row.states ?? []) {
        const x = rails.of.get(String(host));
        if (x === undefined) continue;
        const width = String(state).length * 7 + 16;
        put(h("svg", { class: "state", x: percent(x), y: top },
          h("rect", { x: -width / 2, y: 0, width, height: 22, rx: 4 }), h("text", { x: 0, y: 15 }, String(state))));
      }
    }

    function note() {
      const x = rails.of.get(String(row.host));
      if (x === undefined) return written("note", 50, 0, 0);
      put(h("circle", { class: "dot", cx: percent(x), cy: 12, r: 3 }));
      written(x > 99 && rails.at.length > 1 ? "note before" : "note behind", x, x > 99 && rails.at.length > 1 ? -12 : 12, 0);
    }
  };
})();
