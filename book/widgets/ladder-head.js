// A view -> the controls above its ladder, and the row of hosts with the state
// that each one's socket is in.
"use strict";
(() => {
  const lab = globalThis.socketLab;
  const { h, ladderWords: words } = lab;

  const icons = {
    first: "M4 3v10M13 3L8 8l5 5", back: "M10.5 3l-5 5 5 5", play: "M4.5 2.5v11L13.5 8z",
    pause: "M4 3h3v10H4zM9 3h3v10H9z", step: "M5.5 3l5 5-5 5", last: "M12 3v10M3 3l5 5-5 5",
    cross: "M4 4l8 8m0-8l-8 8",
  };
  lab.ladderIcon = (name) => h("svg", { width: 16, height: 16, "aria-hidden": "true", class: `lad-icon ${name}` }, h("path", { d: icons[name] }));

  lab.ladderButton = (icon, label, onclick, extra = {}) =>
    h("button", { type: "button", class: "lad-button", "aria-label": label, title: label, onclick, ...extra }, lab.ladderIcon(icon));

  // `does`: { first, back, toggle, step, last, speed, flow, table, whole }
  lab.ladderControls = (does, speeds) => {
    const { ladderButton: button } = lab;
    const play = button("play", "Play", does.toggle);
    const choice = (label, onchange) => h("select", { "aria-label": label, title: label, onchange });
    const speed = choice("Speed", () => does.speed(Number(speed.value)));
    for (const [value, says] of speeds) speed.append(h("option", { value }, says));
    const flow = choice("Connection", () => does.flow(Number(flow.value)));
    const clock = h("span", { class: "lad-clock" });
    const count = h("span", { class: "lad-count" });
    const whole = h("button", { type: "button", class: "lad-word", title: "Show the segments before, too", onclick: does.whole }, "From 1");
    const table = h("button", { type: "button", class: "lad-word", "aria-pressed": "false", onclick: does.table }, "Table");
    const element = h("div", { class: "lad-controls", role: "toolbar", "aria-label": "Step through the ladder" },
      h("span", { class: "lad-group" },
        button("first", "First segment", does.first), button("back", "Step back", does.back), play,
        button("step", "Step", does.step), button("last", "Last segment", does.last)),
      speed, h("span", { class: "lad-where" }, clock, count), h("span", { class: "lad-space" }), whole, flow, table);
    return {
      element,
      show(view, flowNow, cut) {
        const options = [h("option", { value: 0 }, "All connections"), ...view.flows.map(([n, ends]) => h("option", { value: n }, `#${n} ${ends}`))];
        flow.replaceChildren(...options);
        flow.value = String(flowNow);
        flow.hidden = view.flows.length < 2;
        whole.hidden = !cut;
      },
      at(view, place, t) {
        clock.textContent = t === null ? "" : words.moment(t);
        count.textContent = place < 0 ? `${view.packets.length} ${view.packets.length === 1 ? "segment" : "segments"}` : `${place + 1} of ${view.packets.length}`;
      },
      playing(on) {
        const label = on ? "Pause" : "Play";
        play.replaceChildren(lab.ladderIcon(on ? "pause" : "play"));
        play.setAttribute("aria-label", label);
        play.title = label;
      },
      canPlay(can) { play.hidden = speed.hidden = !can; },
      speed(value) { speed.value = String(value); },
      asTable(on) { table.setAttribute("aria-pressed", String(on)); },
    };
  };

  // TIME-WAIT+TIME-WAIT: TIME-WAIT ×2.
  function counted(states) {
    const all = states.split("+"), kinds = [...new Set(all)];
    return kinds.map((kind) => {
      const count = all.filter((state) => state === kind).length;
      return count > 1 ? `${kind} ×${count}` : kind;
    }).join(", ");
  }

  // The hosts, each with its state; it scrolls sideways with the ladder.
  lab.ladderHosts = () => {
    const strip = h("div", { class: "lad-strip" });
    const element = h("div", { class: "lad-hosts" }, strip);
    let cells = new Map();
    return {
      element,
      show(view, rails, width) {
        strip.style.width = width ? `${width}px` : "";
        cells = new Map(view.hosts.map((host, i) => {
          const state = h("span", { class: "lad-state" });
          const side = view.hosts.length < 2 ? "" : i === 0 ? " begins" : i === view.hosts.length - 1 ? " ends" : "";
          const cell = h("div", { class: `lad-host${side}` }, h("b", { title: host }, host), state);
          cell.style.insetInlineStart = `${rails.at[i]}%`;
          return [host, { cell, state }];
        }));
        const rail = (x) => h("i", { style: `inset-inline-start:${x}%` });
        strip.replaceChildren(h("div", { class: "lad-rails" }, ...rails.at.map(rail), ...[...cells.values()].map((c) => c.cell)));
      },
      states(now, changed) {
        for (const [host, { state }] of cells) {
          const is = counted(now.get(host) ?? "");
          if (state.textContent !== is) state.textContent = is;
          state.title = is;
          state.classList.toggle("changed", changed.has(host));
        }
      },
      moved(left) { strip.style.transform = left ? `translateX(${-left}px)` : ""; },
    };
  };
})();
