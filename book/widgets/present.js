// A chapter -> slides: one section fills the screen; its notes stand below or
// in a second window, the timer beside the minute that the chapter's estimate
// gives. The page itself is shown, not a copy: whatever works in it, works here.
"use strict";
(() => {
  const { h } = socketLab;
  const main = document.querySelector("main");
  const line = main?.querySelector(".minutes[data-minutes]");
  if (!line) return;
  const root = document.documentElement;
  const total = Number(line.dataset.minutes);

  // A heading with nothing below it goes with the next one.
  const cut = () => {
    const slides = [];
    for (const element of main.children) {
      const last = slides.at(-1);
      const empty = last?.every((e) => /^H[1-6]$/.test(e.tagName) || !e.textContent.trim());
      if (/^H[123]$/.test(element.tagName) && !empty) {
        // An anchor above a heading belongs to it.
        const slide = [element];
        while (last?.length > 1 && last.at(-1).querySelector(".lab-place") && !last.at(-1).textContent.trim()) slide.unshift(last.pop());
        slides.push(slide);
      }
      else if (last) last.push(element);
      else slides.push([element]);
    }
    return slides;
  };
  const heading = (slide) => slide.filter((e) => /^H[1-6]$/.test(e.tagName)).at(-1);
  const count = (slide, what) => slide.reduce((n, e) => n + e.matches(what) + e.querySelectorAll(what).length, 0);
  // As the chapter's minutes are counted: words, and what is looked at.
  const weight = (slide) => count(slide, "figure, .predict, pre") +
    slide.filter((e) => e.matches("p, ul, ol, table, blockquote"))
      .reduce((n, e) => n + e.textContent.split(/\s+/).length / 150, 0.1);

  let show = null; // what runs, if it runs

  const start = () => {
    const slides = cut();
    const sum = slides.reduce((n, slide) => n + weight(slide), 0);
    const aim = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    let at = Math.max(0, slides.findIndex((slide) => aim && slide.some((e) => e.contains(aim))));
    let spent = 0;
    let since = Date.now();
    let other = null;
    const said = h("span", { class: "sr-only", "aria-live": "polite" });
    const place = h("span", { class: "present-place" });
    const time = h("span", { class: "present-time" });
    const pane = h("section", { class: "present-notes", "aria-label": "Notes", tabindex: "0", hidden: true });
    const button = (label, key, action) => h("button", { type: "button", title: `${label} (${key})`, onclick: action }, label);
    const bar = h("div", { class: "present-bar", role: "toolbar", "aria-label": "Presenter" },
      button("Before", "←", () => go(at - 1)), place, button("Next", "→", () => go(at + 1)), time,
      button("Timer", "t", () => clock()), button("Notes", "n", () => notes()),
      button("Notes in a window", "w", () => open()), button("Handout", "h", () => print()),
      button("End", "Esc", () => end()), said);
    // The page's own is on the first slide only.
    const name = h("h1", { class: "sr-only" }, main.querySelector("h1").textContent);
    const foot = h("section", { class: "present-foot", "aria-label": "Presenter" }, name, pane, bar);

    const clock = () => {
      if (since) spent += Date.now() - since;
      since = since ? 0 : Date.now();
      tick();
    };
    const tick = () => {
      const seconds = Math.floor((spent + (since ? Date.now() - since : 0)) / 1000);
      const before = slides.slice(0, at).reduce((n, slide) => n + weight(slide), 0);
      const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}${since ? "" : " (stopped)"}`;
      time.textContent = `${text}, by plan ${Math.round(total * before / sum)} of ${total} min`;
      const clockThere = other?.closed === false && other.document.querySelector("#time");
      if (clockThere) clockThere.textContent = time.textContent;
    };
    // The notes of the slide, as elements of a document.
    const told = (document) => {
      const own = slides[at].flatMap((e) => e.matches(".notes") ? [e] : [...e.querySelectorAll(".notes")]);
      const parts = own.flatMap((e) => [...e.children].filter((c) => c.tagName !== "SUMMARY"));
      return parts.length ? parts.map((e) => document.importNode(e, true)) : [document.createTextNode("No notes for this section.")];
    };
    const title = (n) => (slides[n] ? heading(slides[n])?.textContent.trim() ?? "" : "the end");
    const fill = () => {
      pane.replaceChildren(...told(document));
      if (other?.closed !== false) return;
      const page = other.document;
      page.body.replaceChildren(
        Object.assign(page.createElement("h1"), { textContent: title(at) }),
        Object.assign(page.createElement("p"), { id: "time" }),
        ...told(page),
        Object.assign(page.createElement("p"), { textContent: `Next: ${title(at + 1)}` }));
      tick();
    };
    const notes = () => {
      pane.hidden = !pane.hidden;
      root.classList.toggle("with-notes", !pane.hidden);
    };
    const open = () => {
      other = window.open("", "socket-lab-notes", "width=640,height=760");
      if (!other) return notes(); // pop-ups are blocked here
      const { backgroundColor, color } = getComputedStyle(document.body);
      other.document.title = "Notes";
      other.document.documentElement.lang = "en";
      other.document.body.style.cssText = `font: 20px/1.5 system-ui, sans-serif; margin: 1.5em; background: ${backgroundColor}; color: ${color}`;
      other.onkeydown = keys;
      fill();
    };
    const go = (n) => {
      if (n < 0 || n >= slides.length) return;
      at = n;
      slides.forEach((slide, k) => slide.forEach((e) => e.classList.toggle("present-off", k !== at)));
      place.textContent = `${at + 1} of ${slides.length}`;
      said.textContent = `${place.textContent}: ${title(at)}`;
      const head = heading(slides[at]);
      if (head) {
        head.tabIndex = -1;
        head.focus({ preventScroll: true });
      }
      scrollTo({ top: 0, behavior: "instant" });
      try { history.replaceState(null, "", `${location.pathname}?present${head?.id ? "#" + head.id : ""}`); } catch { /* a folder's page keeps its address */ }
      fill();
      tick();
    };
    const keys = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target instanceof Element || event.target?.closest ? event.target : document.body;
      const inBar = foot.contains(target);
      const own = target.closest("input, textarea, select, summary, a, button, [contenteditable], [tabindex], [data-model]");
      if (own && !inBar && !/^H[1-6]$/.test(own.tagName)) return;
      if (inBar && [" ", "Enter"].includes(event.key)) return;
      const act = { ArrowRight: () => go(at + 1), PageDown: () => go(at + 1), " ": () => go(at + 1),
        ArrowLeft: () => go(at - 1), PageUp: () => go(at - 1), n: notes, w: open, t: clock, h: () => print(), Escape: end }[event.key];
      if (!act) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      act();
    };
    const unfold = (yes) => main.querySelectorAll(".notes").forEach((e) => { e.open = yes; });
    const before = () => { if (!pane.hidden) unfold(true); };
    const after = () => unfold(false);
    const ticking = setInterval(tick, 1000);
    const end = () => {
      clearInterval(ticking);
      removeEventListener("keydown", keys, true);
      removeEventListener("beforeprint", before);
      removeEventListener("afterprint", after);
      other?.close();
      foot.remove();
      root.classList.remove("presenting", "with-notes");
      slides.flat().forEach((e) => e.classList.remove("present-off"));
      try { history.replaceState(null, "", location.pathname + location.hash); } catch { /* as above */ }
      heading(slides[at])?.scrollIntoView();
      show = null;
    };
    root.classList.add("presenting");
    document.body.append(foot);
    addEventListener("keydown", keys, true);
    addEventListener("beforeprint", before);
    addEventListener("afterprint", after);
    addEventListener("pagehide", () => other?.close());
    go(at);
    return { go, end };
  };

  const begin = () => { show ??= start(); };
  line.append(" ", h("button", { type: "button", class: "present-start", onclick: begin }, "Present"));
  if (new URLSearchParams(location.search).has("present")) begin();
})();
