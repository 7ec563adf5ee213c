// A view -> the table that says what the ladder draws: the same rows in the
// same order, so many at a time.
"use strict";
(() => {
  const lab = globalThis.socketLab;
  const { h, ladderWords: words } = lab;

  const PAGE = 250;
  const HEADS = ["Segment", "Left, ms", "Who", "What", "Remarks"];

  lab.ladderRemarks = (view, row) => {
    const parts = [];
    if (words.lost(row)) parts.push("lost");
    if (row.damaged) parts.push("damaged");
    if (row.again) parts.push("sent before");
    const place = view.placeOf(row.n);
    for (const [host, , now] of view.changes(place)) parts.push(`${host} ${now}`);
    for (const [n, holds] of row.shows ?? [])
      parts.push(`${holds ? "" : "✗"}${words.sign(n)} ${view.model.claims?.[n]?.says ?? ""}`);
    return parts.join("; ");
  };

  // picked(n): a row is chosen.
  lab.ladderTable = ({ label, picked }) => {
    const body = h("tbody");
    const table = h("table", {}, h("caption", { class: "sr-only" }, label),
      h("thead", {}, h("tr", {}, ...HEADS.map((name) => h("th", { scope: "col" }, name)))), body);
    const pager = (says, step) => h("button", { type: "button", class: "lad-word", onclick: () => turn(step) }, says);
    const earlier = pager("Earlier rows", -1), later = pager("Later rows", 1);
    const element = h("div", { class: "lad-table", hidden: true, role: "region", tabindex: 0, "aria-label": label },
      earlier, table, later);
    let view, page = -1, here = -1;
    let byNumber = new Map();

    function turn(step) {
      draw(page + step);
      element.scrollTop = 0;
      body.querySelector("button")?.focus({ preventScroll: true });
    }

    function draw(wanted) {
      page = wanted;
      byNumber = new Map();
      const from = page * PAGE, rows = view.rows.slice(from, from + PAGE);
      body.replaceChildren(...rows.map((row, i) => {
        const element = line(row);
        element.setAttribute("aria-rowindex", from + i + 2);
        return element;
      }));
      table.setAttribute("aria-rowcount", view.rows.length + 1);
      earlier.hidden = page === 0;
      later.hidden = from + PAGE >= view.rows.length;
      mark();
    }

    function line(row) {
      const cell = (says, attributes = {}) => h("td", attributes, says);
      if (row.row !== "packet") {
        const states = (row.states ?? []).map(([host, state]) => `${host} ${state}`).join(", ");
        const says = words.says(view.model, row) + (states ? `: ${states}` : "");
        return h("tr", { class: row.row }, cell(""), cell(row.row === "note" ? words.short(row.at) : "", { class: "number" }),
          cell(row.row === "note" ? row.host : row.row), cell(says, { colspan: 2 }));
      }
      const button = h("button", { type: "button", class: "lad-number", "aria-label": `Segment ${row.n}` }, String(row.n));
      const element = h("tr", { class: "packet" }, cell(button), cell(words.short(row.at), { class: "number" }),
        cell(`${row.from} to ${row.to}`), cell(row.label, { class: "lad-what" }), cell(lab.ladderRemarks(view, row)));
      element.addEventListener("click", () => picked(row.n));
      byNumber.set(row.n, { element, button });
      return element;
    }

    // One row's button is in the order of Tab: the selected one's, or the first.
    function mark() {
      const selected = view.packets[here] === undefined ? null : view.packet(here).n;
      const stop = byNumber.has(selected) ? selected : byNumber.keys().next().value;
      for (const [n, { element, button }] of byNumber) {
        element.classList.toggle("here", n === selected);
        if (n === selected) element.setAttribute("aria-current", "true");
        else element.removeAttribute("aria-current");
        button.tabIndex = n === stop ? 0 : -1;
      }
      return byNumber.get(selected);
    }

    return {
      element,
      get open() { return !element.hidden; },
      open_(on) {
        element.hidden = !on;
        if (on) this.select(here);
      },
      show(next) {
        view = next;
        page = -1;
        if (this.open) this.select(here);
      },
      select(place) {
        here = place;
        if (!this.open) return;
        const at = view.packets[place] ?? 0, wanted = Math.floor(at / PAGE);
        if (page !== wanted) draw(wanted);
        const marked = mark();
        marked?.element.scrollIntoView({ block: "nearest" });
        if (marked && body.contains(document.activeElement)) marked.button.focus({ preventScroll: true });
      },
      // All of it: for paper.
      whole() {
        const copy = table.cloneNode(true);
        copy.tBodies[0].replaceChildren(...view.rows.map((row) => line(row)));
        page = -1;
        return copy;
      },
    };
  };
})();
