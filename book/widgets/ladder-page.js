// A page's <figure class="ladder" data-model="ch05/first-ack"> -> the same
// ladder to step through, once it comes near. The drawing that it had stays:
// for paper, and if the model can't be read. `#ch05-first-ack.7` leads to a
// segment.
"use strict";
(() => {
  const lab = globalThis.socketLab;
  const { h } = lab;
  const figures = new Map(); // the name in links -> { figure, ladder }

  const link = (hash) => {
    const [, name, number] = /^#(.+)\.(\d+)$/.exec(hash) ?? [];
    return name && { name, n: Number(number) };
  };

  async function upgrade(one) {
    one.asked ??= (async () => {
      const { figure, name } = one;
      const model = await lab.model(figure.dataset.model);
      if (model?.format !== 1 || !Array.isArray(model.rows)) throw new Error(`${figure.dataset.model}: not a model of mine`);
      const number = (key, none) => Number(figure.dataset[key]) || none;
      const place = h("div", { class: "lad-place" });
      (figure.querySelector(":scope > .ladder-scroll") ?? figure.firstChild).before(place);
      figure.classList.add("upgraded");
      one.ladder = lab.ladder(place, model, {
        name, first: number("first", 1), last: number("last", Infinity), flow: number("flow", 0),
      });
      return one.ladder;
    })();
    return one.asked;
  }

  async function follow(hash, scroll = true) {
    const to = link(hash);
    const one = to && figures.get(to.name);
    if (!one) return;
    const ladder = await upgrade(one).catch(() => null);
    if (!ladder) return;
    if (scroll) one.figure.scrollIntoView({ block: "start" });
    ladder.go(to.n, { scroll });
  }

  lab.ladderCopy = async (name, n, told) => {
    const url = `${location.href.split("#")[0]}#${name}.${n}`;
    try {
      await navigator.clipboard.writeText(url);
      told("Copied");
    } catch {
      location.hash = `${name}.${n}`;
      told("It is in the address bar");
    }
  };

  // Paper gets all rows and the table, from the static figure if there is one.
  lab.ladderPaper = (root, now) => {
    let sheet = null;
    const before = () => {
      if (root.closest("figure.ladder.upgraded")) return;
      const { view, asTable } = now();
      const rails = lab.ladderRails(view.hosts, 540), hosts = lab.ladderHosts();
      hosts.show(view, rails, 0);
      const rows = view.rows.map((row) => h("div", { class: "rung" }, lab.ladderPaint(view, row, rails, lab.ladderMeasure(view, row, rails)).svg));
      sheet = h("div", { class: "lad-paper" }, hosts.element, ...rows, h("div", { class: "lad-table" }, asTable.whole()));
      root.append(sheet);
    };
    const after = () => { sheet?.remove(); sheet = null; };
    addEventListener("beforeprint", before);
    addEventListener("afterprint", after);
    return () => { after(); removeEventListener("beforeprint", before); removeEventListener("afterprint", after); };
  };

  const near = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      const one = [...figures.values()].find((f) => f.figure === target);
      // A model that can't be read leaves the drawing as it is.
      upgrade(one).catch(() => {});
    }
  }, { rootMargin: "500px 0px" });

  for (const figure of document.querySelectorAll("figure.ladder[data-model]")) {
    const plain = figure.dataset.model.replace(/[^A-Za-z0-9_-]+/g, "-");
    let name = plain;
    for (let n = 2; figures.has(name); n++) name = `${plain}-${n}`;
    const one = { figure, name };
    figures.set(name, one);
    if (!figure.id && !document.getElementById(name)) figure.id = name;
    figure.addEventListener("focusin", () => upgrade(one).catch(() => {}), { once: true });
    near.observe(figure);
  }

  const open = new Map();
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("figure.ladder details")) {
      open.set(details, details.open);
      details.open = true;
    }
  });
  addEventListener("afterprint", () => {
    for (const [details, was] of open) details.open = was;
    open.clear();
  });
  addEventListener("hashchange", () => follow(location.hash));
  if (location.hash) follow(location.hash);
})();
