// A packet of a view -> what is known of it: its meaning, its times, what it
// changed, claims; and its bytes, each field named, the bits of the one that
// is pointed at.
"use strict";
(() => {
  const lab = globalThis.socketLab;
  const { h, ladderWords: words } = lab;

  // `does`: { close, link: null where there is none, opened }
  lab.ladderPanel = (does) => {
    const title = h("p", { class: "lad-title" });
    const means = h("p", { class: "lad-means" });
    const facts = h("p", { class: "lad-facts" });
    const fields = h("div", { class: "lad-fields", hidden: true });
    const word = (says, onclick, extra = {}) => h("button", { type: "button", class: "lad-word", onclick, ...extra }, says);
    const more = word("Bytes", () => open(fields.hidden), { "aria-expanded": "false" });
    const link = does.link ? word("Copy link", does.link) : null;
    const tools = h("div", { class: "lad-tools" }, more, link,
      lab.ladderButton("cross", "Close: show the whole ladder", does.close));
    const element = h("section", { class: "lad-now", "aria-label": `The selected segment of ${does.name}`, hidden: true },
      h("div", { class: "lad-brief" }, title, tools, means, facts), fields);
    let view, place = -1, drawn = null;

    function open(on) {
      fields.hidden = !on;
      more.setAttribute("aria-expanded", String(on));
      show();
      does.opened(on);
    }

    function show() {
      const row = place < 0 ? null : view.packet(place);
      element.hidden = !row;
      if (!row) return;
      title.replaceChildren(h("b", {}, String(row.n)), ` ${row.from} → ${row.to} `, h("code", {}, row.label));
      means.textContent = (row.means ?? "").replace(/^./, (first) => first.toUpperCase()).replace(/([^.])$/, "$1.");
      means.hidden = !row.means;
      facts.replaceChildren(...lab.ladderFacts(view, place).map(([name, says]) =>
        h("span", {}, `${name} `, h("b", {}, says))));
      more.hidden = !row.bytes;
      if (fields.hidden || drawn === row) return;
      drawn = row;
      fields.replaceChildren(...(row.bytes ? lab.ladderBytes(row) : []));
      fields.scrollTop = 0;
    }

    return {
      element,
      get open() { return !fields.hidden; },
      open,
      focus() { (fields.querySelector(".dump") ?? more).focus(); },
      copied(says) {
        if (!link) return;
        link.textContent = says;
        clearTimeout(link.timer);
        link.timer = setTimeout(() => { link.textContent = "Copy link"; }, 2000);
      },
      select(next, at) {
        view = next;
        place = at;
        show();
      },
    };
  };

  // [name, value] of each thing worth knowing.
  lab.ladderFacts = (view, place) => {
    const row = view.packet(place), since = view.since(place);
    const facts = [["left", words.moment(row.at)]];
    if (row.under_way) facts.push(["arrived", "not yet"]);
    else if (words.lost(row)) facts.push(["arrived", "never: lost"]);
    else if (row.arrived > row.at) facts.push(["arrived", `${words.moment(row.arrived)}, ${words.lasting(row.arrived - row.at)} on its way`]);
    // On a stepped wire rows stand in the order of arrival.
    if (since < 0) facts.push(["left", `${words.lasting(-since)} before the one above, and was held`]);
    else if (since !== null) facts.push(["since the previous", words.lasting(since)]);
    for (const [host, before, now] of view.changes(place))
      facts.push([host, before ? `${before} → ${now}` : now]);
    if (row.relative) {
      const [seq, ack] = row.relative;
      facts.push(["relative", `seq ${seq}${ack === null || ack === undefined ? "" : `, ack ${ack}`}`]);
    }
    if (row.damaged) facts.push(["damaged", "it arrived changed, or its checksum was wrong"]);
    if (row.again) facts.push(["again", "its bytes were sent before"]);
    for (const [n, holds] of row.shows ?? [])
      facts.push([`${words.sign(n)} ${holds ? "holds:" : "✗ fails:"}`, view.model.claims?.[n]?.says ?? ""]);
    return facts;
  };
})();
