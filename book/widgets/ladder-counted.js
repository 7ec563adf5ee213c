// What a view's kernels counted during the whole run, which has no place in
// time -> a table, a column for each host, folded away.
"use strict";
(() => {
  const lab = globalThis.socketLab;
  const { h } = lab;

  lab.ladderCounted = () => {
    const place = h("div", { class: "table-wrapper" });
    const element = h("details", { class: "lad-counted", hidden: true }, h("summary", {}, "What the kernels counted"), place);
    return {
      element,
      show(view) {
        element.hidden = !view.afterwards.length;
        const hosts = [...new Set(view.afterwards.map((row) => String(row.host)))];
        const rows = new Map();
        for (const { host, text } of view.afterwards) {
          const [, name, grew] = /^(.*?) ([^ ]*)$/.exec(text) ?? [, text, ""];
          const row = rows.get(name) ?? new Map();
          rows.set(name, row.set(String(host), grew));
        }
        const head = h("tr", {}, h("th", { scope: "col" }, "Counter"), ...hosts.map((host) => h("th", { scope: "col", class: "number" }, host)));
        const lines = [...rows].sort(([a], [b]) => a < b ? -1 : 1).map(([name, row]) => h("tr", {}, h("td", {}, h("code", {}, name)),
          ...hosts.map((host) => h("td", { class: "number" }, row.get(host) ?? ""))));
        place.replaceChildren(h("table", {}, h("thead", {}, head), h("tbody", {}, ...lines)));
      },
    };
  };
})();
