// socketLab.ladder(element, model, options) -> a ladder to step through:
// { go(n), at, replace(model), destroy() }; it fires "lab-step" on the element.
// options: { live: follows a model that grows; compact: no table and no panel;
// label; name: of its links; first, last: packets' numbers; flow }
"use strict";
(() => {
  const lab = globalThis.socketLab;
  const { h, ladderWords: words } = lab;
  let count = 0;

  lab.ladder = (element, model, options = {}) => {
    const name = options.name ?? `ladder-live-${++count}`;
    const label = options.label ?? `Ladder of ${model.of ?? "a conversation"}`;
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    let { first = 1, last = Infinity, flow = 0 } = options;
    let view, at = -1, follows = Boolean(options.live), speed = 0, stood = false, told = 0;

    const does = {
      first: () => step(() => 0), last: () => step(() => view.packets.length - 1),
      back: () => step(() => Math.max(0, (at < 0 ? view.packets.length : at) - 1)),
      step: () => step(() => Math.min(view.packets.length - 1, at + 1)),
      toggle, table, flow: (n) => part({ flow: n }), whole: () => part({ first: 1, last: Infinity }),
      speed: (factor) => { speed = factor; player.speed(factor); },
    };
    const picked = (n) => {
      player.stop();
      select(view.placeOf(n), { open: true });
      if (!options.compact) panel.open(true);
    };
    const controls = lab.ladderControls(does, lab.ladderSpeeds);
    const hosts = lab.ladderHosts();
    const list = lab.ladderList({ base: name, label, boxed: options.live, moved: hosts.moved, picked });
    const panel = lab.ladderPanel({
      name,
      close: () => { select(-1); list.element.focus({ preventScroll: true }); },
      link: options.name ? () => lab.ladderCopy(name, view.packet(at).n, panel.copied) : null,
      opened: (on) => {
        root.classList.toggle("opened", on);
        list.select(at, stood, !asTable.open);
      },
    });
    const asTable = lab.ladderTable({ label: `${label}, as a table`, picked });
    const counted = lab.ladderCounted();
    const player = lab.ladderPlayer(tick, () => { playing(); select(view.packets.length - 1); });
    const said = h("p", { class: "sr-only", role: "status" });
    const top = h("div", { class: "lad-top" }, controls.element, hosts.element);
    const root = h("div", {
      class: `lad ladder${options.compact ? " compact" : ""}`,
    }, top, list.element, asTable.element, panel.element, options.compact ? null : counted.element, list.hint, said);
    lab.ownKeys(root);
    root.addEventListener("keydown", keys);
    element.append(root);
    const watchHosts = new ResizeObserver(() => place_());
    watchHosts.observe(list.element);
    still.addEventListener("change", motion);
    const paper = lab.ladderPaper(root, () => ({ view, asTable }));
    renew(model);
    motion();
    if (follows) {
      select(view.packets.length - 1, { quiet: true });
      list.toEnd();
    }

    // Another view; what was selected stays, if it is in there.
    function renew(next) {
      const n = number();
      view = lab.ladderView(next, { flow, first, last });
      at = n ? view.placeOf(n) : -1;
      if (!speed) speed = lab.ladderSpeedFor(view);
      list.show(view);
      place_();
      controls.show(view, flow, first > 1 || last < Infinity);
      controls.speed(speed);
      player.speed(speed);
      asTable.show(view);
      counted.show(view);
      root.classList.toggle("alone", view.hosts.length < 2);
    }

    function place_() {
      const { scrollWidth, clientWidth } = list.element;
      hosts.show(view, list.rails, scrollWidth > clientWidth + 1 ? scrollWidth : clientWidth);
      if (at >= 0) state(at);
    }

    function state(place) {
      const changed = place < 0 ? [] : view.changes(place).map(([host]) => host);
      hosts.states(place < 0 ? new Map() : view.statesAfter(place), new Set(changed));
    }

    // `quiet`: nobody asked for it, so nothing is announced or scrolled.
    function select(place, { quiet = false, all = false, scroll = !quiet } = {}) {
      at = place;
      stood = all;
      list.stopped();
      list.select(place, all, scroll && !asTable.open);
      state(place);
      panel.select(view, options.compact ? -1 : place);
      asTable.select(place);
      controls.at(view, place, place < 0 ? null : view.packet(place).at);
      if (!quiet) {
        const listening = document.activeElement === list.element;
        said.textContent = place < 0 || listening ? "" : words.sentence(view, place);
      }
      tell();
    }

    function number() { return at < 0 ? 0 : view.packet(at).n; }

    function tell() {
      if (number() === told) return;
      told = number();
      element.dispatchEvent(new CustomEvent("lab-step", { bubbles: true, detail: { n: number() } }));
    }

    function step(to) {
      if (!view.packets.length) return;
      const place = to();
      follows = Boolean(options.live) && place === view.packets.length - 1;
      if (player.on) {
        player.jump(view.packet(place).at, view.packets[place] - 1);
        return;
      }
      select(place);
    }

    function part(change) {
      player.stop();
      playing();
      ({ flow = flow, first = first, last = last } = change);
      renew(view.model);
      select(at);
    }

    function toggle() {
      if (player.on) {
        player.stop();
        playing();
        select(at, { quiet: true });
        said.textContent = at < 0 ? "Paused." : `Paused. ${words.sentence(view, at)}`;
        return;
      }
      if (!view.packets.length || still.matches) return;
      const over = at < 0 || at === view.packets.length - 1;
      if (asTable.open) table();
      player.start(view, over ? view.start : view.packet(at).at, over ? -1 : view.packets[at]);
      playing();
      said.textContent = "Playing.";
    }

    function playing() { controls.playing(player.on); }

    function tick(t, row) {
      let place = at;
      if (row < 0) place = -1;
      else if (place < 0 || view.packets[place] > row || view.packets[place + 1] <= row) place = lastBefore(row);
      if (place !== at) {
        at = place;
        list.select(place, false, place >= 0);
        state(place);
        panel.select(view, options.compact ? -1 : place);
        tell();
      }
      list.play(t, row);
      controls.at(view, at, t);
    }

    function lastBefore(row) {
      let low = 0, high = view.packets.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (view.packets[middle] <= row) low = middle + 1; else high = middle;
      }
      return low - 1;
    }

    function table() {
      if (player.on) toggle();
      const on = !asTable.open;
      list.element.hidden = hosts.element.hidden = on;
      asTable.open_(on);
      controls.asTable(on);
      if (!on) list.select(at, stood, at >= 0);
    }

    function motion() {
      if (still.matches && player.on) toggle();
      controls.canPlay(!still.matches);
    }

    function keys(event) {
      const { key, target } = event;
      if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
      if (target.closest("select, input, textarea, .dump")) {
        if (key === "Escape" && target.closest(".dump")) { panel.open(false); list.element.focus({ preventScroll: true }); }
        return;
      }
      const does_ = {
        ArrowDown: does.step, ArrowRight: does.step, ArrowUp: does.back, ArrowLeft: does.back,
        Home: does.first, End: does.last, p: does.toggle,
        PageDown: () => step(() => view.landmark(at, 1)), PageUp: () => step(() => view.landmark(at < 0 ? view.packets.length : at, -1)),
        Escape: () => { player.stop(); playing(); select(-1); },
      }[key];
      const opens = (key === "Enter" || key === " ") && target === list.element;
      if (!does_ && !opens) return;
      event.preventDefault();
      if (does_) return does_();
      if (at < 0) does.step();
      if (!options.compact && at >= 0) { panel.open(true); panel.focus(); }
    }

    return {
      get at() { return number(); },
      // `scroll`: also the page, until it is in sight.
      go(n, { scroll = false } = {}) {
        player.stop();
        playing();
        follows = false;
        if (n && view.placeOf(n) < 0) part({ first: 1, last: Infinity, flow: 0 });
        select(view.placeOf(n), { scroll, all: options.compact });
        if (!scroll) list.within();
      },
      open() { panel.open(true); },
      replace(next) {
        if (player.on) { player.stop(); playing(); }
        renew(next);
        select(follows ? view.packets.length - 1 : at, { quiet: true });
        if (follows) list.toEnd();
      },
      destroy() {
        player.stop();
        paper();
        watchHosts.disconnect();
        still.removeEventListener("change", motion);
        list.destroy();
        root.remove();
      },
    };
  };
})();
