// Point at a byte or at its field: both light up, and the bits are shown. With
// the keyboard: Tab to the dump, then the arrows.
"use strict";
(() => {
  // As RFC 791 numbers them: bit 0 is the first on the wire, the highest.
  const bits = (cells) =>
    cells.map((c) => parseInt(c.textContent, 16).toString(2).padStart(8, "0"))
      .map((b) => b.slice(0, 4) + " " + b.slice(4)).join("  ");

  for (const figure of document.querySelectorAll(".drawn.bytes")) {
    const dump = figure.querySelector(".dump");
    const says = figure.querySelector(".dump-says");
    const rows = [...figure.querySelectorAll("tr[data-field]")];
    if (!dump || !says || !rows.length) continue;
    dump.tabIndex = 0;
    dump.setAttribute("role", "group");
    says.setAttribute("role", "status");
    says.textContent = "Point at a byte, or press Tab and then the arrow keys.";
    for (const cell of dump.querySelectorAll("i")) cell.removeAttribute("title");
    let lit = null;

    const light = (field) => {
      if (field === lit) return;
      lit = field;
      for (const part of figure.querySelectorAll("[data-field]"))
        part.classList.toggle("lit", part.dataset.field === field);
      const row = rows.find((r) => r.dataset.field === field);
      if (!row) return;
      const [at, , name, meaning] = row.children;
      const cells = [...dump.querySelectorAll(`i[data-field="${field}"]`)];
      const first = Number(at.textContent);
      const range = cells.length > 1 ? `bytes ${first} to ${first + cells.length - 1}` : `byte ${first}`;
      const colon = meaning.textContent ? ": " + meaning.textContent : "";
      says.textContent = `${name.textContent}${colon} (${range}) `;
      if (cells.length && cells.length <= 4) {
        const code = document.createElement("code");
        code.textContent = bits(cells);
        says.append(code);
      }
    };

    figure.addEventListener("pointerover", (event) => {
      const part = event.target.closest("[data-field]");
      if (part) light(part.dataset.field);
    });
    dump.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
      const step = steps[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation(); // mdBook turns the page on arrow keys
      const now = rows.findIndex((r) => r.dataset.field === lit);
      const next = now < 0 ? (step > 0 ? 0 : rows.length - 1) : now + step;
      light(rows[(next + rows.length) % rows.length].dataset.field);
    });
  }
})();
