// The runner's answer about a capture -> summary, connections worst first, and
// of one connection what was found and its ladder. All of it is data of a
// stranger: text nodes only.
"use strict";
(() => {
  const lab = globalThis.socketLab;
  const { h } = lab;
  const AT_ONCE = 50;

  lab.explainList = (place, answer, { name, pick, focus }) => {
    place.textContent = "";
    const chosen = answer.connections.find((one) => one.n === answer.chosen);
    place.append(h("h2", { id: "explain-summary" }, name), summary(answer));
    for (const note of answer.notes) place.append(h("p", { class: "explain-note" }, note));
    if (answer.connections.length > 0) place.append(connections(answer, pick));
    if (!chosen || !answer.model) return;
    const title = h("h2", { tabindex: "-1", id: "explain-connection" }, `Connection ${chosen.n}`);
    const ladder = h("div", { class: "explain-ladder" });
    let drawn = null;
    place.append(title, h("p", {}, `Client ${chosen.client}, server ${chosen.server}: ${counts(chosen)}.`), findings(chosen, (n) => drawn?.go(n)));
    if (answer.left_out > 0) place.append(h("p", { class: "explain-note" }, `${answer.left_out} of its packets are not drawn: those that nothing is said about.`));
    place.append(ladder);
    // Where it stands already: it measures its room.
    drawn = draw(ladder, answer, chosen);
    if (focus) title.focus();
  };

  function summary(answer) {
    const parts = [many(answer.packets, "packet"), bytes(answer.bytes), time(answer.lasted), many(answer.count, "connection")];
    const wrong = answer.wrong === 0 ? "Nothing is wrong." : `${answer.wrong === 1 ? "1 connection has" : `${answer.wrong} connections have`} something wrong.`;
    return h("p", {}, `${parts.join(", ")}. `, h("strong", {}, wrong));
  }

  function connections(answer, pick) {
    const list = h("ol", { class: "explain-list" });
    const more = h("button", { type: "button" });
    let shown = 0;
    const grow = () => {
      const next = answer.connections.slice(shown, shown + AT_ONCE);
      list.append(...next.map((one) => h("li", {}, row(one, one.n === answer.chosen, pick))));
      shown += next.length;
      more.hidden = shown >= answer.connections.length;
      more.textContent = `Show more (${answer.connections.length - shown} are left)`;
    };
    more.addEventListener("click", grow);
    grow();
    return h("section", { "aria-label": "Connections, worst first" }, list, more);
  }

  function row(one, chosen, pick) {
    const worst = one.wrong[0];
    const severity = worst?.severity ?? "well";
    const others = one.wrong.length > 1 ? ` (and ${one.wrong.length - 1} more)` : "";
    return h("button", { type: "button", class: `explain-row ${severity}`, "aria-pressed": String(chosen), onclick: () => pick(one.n) },
      h("span", { class: "explain-word" }, severity),
      h("span", { class: "explain-ends" }, `${one.n}. ${one.proto === "udp" ? "udp " : ""}${one.client} > ${one.server}`),
      h("span", { class: "explain-counts" }, counts(one)),
      h("span", { class: "explain-line" }, worst ? worst.sentence + others : "Nothing is wrong with it."));
  }

  function findings(one, go) {
    if (one.wrong.length === 0) return h("p", {}, "Nothing is wrong with it.");
    return h("ol", { class: "explain-findings" }, ...one.wrong.map((wrong) => h("li", {},
      h("strong", {}, wrong.what), ` (${wrong.severity}). ${wrong.sentence}. `,
      h("span", { class: "explain-evidence" }, wrong.packets.length === 1 ? "Evidence: packet " : "Evidence: packets ",
        ...wrong.packets.flatMap((n, i) => [i ? " " : "", h("button", { type: "button", onclick: () => go(n) }, String(n))])),
      wrong.page ? h("span", { class: "explain-proof" }, " Proven in ", h("a", { href: lab.root + wrong.page }, wrong.experiment), ".") : null)));
  }

  function draw(element, answer, chosen) {
    const label = `Ladder of connection ${chosen.n}`;
    if (lab.ladder) {
      const ladder = lab.ladder(element, answer.model, { label });
      return { go: (n) => { ladder.go(n); element.scrollIntoView({ block: "nearest" }); } };
    }
    const rows = answer.model.rows.filter((row) => row.row === "packet");
    const cells = (row) => [row.n, (row.at / 1e6).toFixed(3), row.from, row.label, row.to];
    const body = rows.map((row) => h("tr", { id: `explain-packet-${row.n}`, tabindex: "-1" }, ...cells(row).map((cell) => h("td", {}, String(cell)))));
    const heads = ["packet", "ms", "from", "", "to"].map((word) => h("th", { scope: "col" }, word));
    element.append(h("table", { "aria-label": label }, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...body)));
    return { go: (n) => document.getElementById(`explain-packet-${n}`)?.focus() };
  }

  const many = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;
  const counts = (one) => `${many(one.packets, "packet")}, ${bytes(one.bytes)}, ${time(one.lasted)}`;
  const bytes = (n) => (n < 1e4 ? `${n} B` : n < 1e7 ? `${(n / 1e3).toFixed(1)} kB` : n < 1e10 ? `${(n / 1e6).toFixed(1)} MB` : `${(n / 1e9).toFixed(1)} GB`);
  const time = (ns) => (ns < 1e9 ? `${(ns / 1e6).toFixed(1)} ms` : `${(ns / 1e9).toFixed(2)} s`);
})();
