// A model -> what is drawn of it: its rows with times, which packets can be
// stepped to, each host's state after every row, and the words for all that.
// Touches no page.
"use strict";
(() => {
  const lab = globalThis.socketLab;

  const words = lab.ladderWords = {
    // A claim's: ① to ⑳, then (21).
    sign: (claim) => claim < 20 ? String.fromCodePoint(0x2460 + claim) : `(${claim + 1})`,
    signs: (shows) => (shows ?? []).map(([n, holds]) => (holds ? "" : "✗") + words.sign(n)).join(""),

    // 41.382, as on the terminal; 1024.92, so that it keeps its width.
    short(ns) {
      const ms = ns / 1e6, digits = String(Math.trunc(Math.abs(ms))).length;
      return digits > 6 ? `${(ms / 1000).toFixed(0)} s` : ms.toFixed(Math.min(3, 6 - digits));
    },
    moment: (ns) => Math.abs(ns) < 1e10 ? `${(ns / 1e6).toFixed(3)} ms` : `${(ns / 1e9).toFixed(3)} s`,
    lasting(ns) {
      if (ns < 1e6) return `${(ns / 1e3).toFixed(ns < 1e5 ? 1 : 0)} µs`;
      if (ns < 1e9) return `${(ns / 1e6).toFixed(ns < 1e7 ? 2 : 1)} ms`;
      return `${(ns / 1e9).toFixed(2)} s`;
    },

    // Lines of at most so many characters, broken between words if that helps.
    wrap(says, width) {
      const text = String(says), lines = [""];
      width = Math.max(1, width || 1); // an element outside of the page has none
      if (text.length <= width) return [text];
      for (let word of text.split(" ")) {
        for (;;) {
          const line = lines[lines.length - 1];
          if (line.length + (line ? 1 : 0) + word.length <= width) {
            lines[lines.length - 1] = line ? `${line} ${word}` : word;
            break;
          }
          if (!line) {
            lines[lines.length - 1] = word.slice(0, Math.max(1, width));
            word = word.slice(Math.max(1, width));
            if (!word) break;
          }
          lines.push("");
        }
      }
      return lines;
    },

    says(model, row) {
      const claim = (n) => model.claims?.[n]?.says ?? "";
      switch (row.row) {
        case "gap": {
          if (!row.lasted) return `${words.sign(row.claim)} ${claim(row.claim)}`;
          const against = row.holds ? ":" : ", against:";
          return `${row.holds ? "" : "✗"}${words.sign(row.claim)} ${row.lasted}${against} ${claim(row.claim)}`;
        }
        case "states": return row.label;
        case "connection": return `connection ${row.number}`;
        default: return row.text ?? "";
      }
    },

    // A packet, read aloud.
    sentence(view, place) {
      const row = view.rows[view.packets[place]];
      const parts = [`Segment ${row.n}, ${place + 1} of ${view.packets.length}, at ${words.moment(row.at)}`];
      const gap = view.gapBefore(place);
      if (gap) parts.push(`after a gap of ${gap.lasted}`);
      parts.push(`${row.from} to ${row.to}: ${row.label}`);
      if (lost(row)) parts.push("lost on its way");
      const states = view.changes(place).map(([host, , now]) => `${host} is now ${now}`);
      if (states.length) parts.push(states.join(" and "));
      for (const [n, holds] of row.shows ?? [])
        parts.push(`shows claim ${n + 1}, which ${holds ? "holds" : "fails"}: ${view.model.claims?.[n]?.says ?? ""}`);
      if (row.means) parts.push(row.means.replace(/\.$/, ""));
      return parts.join("; ") + ".";
    },
  };

  const lost = words.lost = (row) => (row.arrived === undefined || row.arrived === null) && !row.under_way;

  // part: { flow: 0 is all, first, last: packet numbers }
  lab.ladderView = (model, part = {}) => {
    const { flow = 0, first = 1, last = Infinity } = part;
    const all = Array.isArray(model.rows) ? model.rows : [];
    const hosts = (model.hosts ?? []).map(String);
    const flows = new Map();
    for (const row of all) {
      if (row.row !== "packet") continue;
      if (!flows.has(row.flow)) flows.set(row.flow, `${row.from} to ${row.to}`);
    }
    const rows = [], packets = [], states = [], times = [];
    const afterwards = [];
    // Each packet's connection's states before it, and those now.
    const befores = new Map(), latest = new Map();
    let now = new Map(), time = null, begun = first <= 1, ended = false, pending = [];

    const push = (row, moment = time, known = now) => {
      rows.push(row);
      states.push(known);
      times.push(moment);
    };
    for (const row of all) {
      if (row.row === "note" && (row.at === undefined || row.at === null)) {
        afterwards.push(row);
        continue;
      }
      if (row.row === "states") now = with_(now, row.states ?? []);
      if (row.row === "packet") {
        time = Math.max(time ?? row.at, row.at);
        befores.set(row, latest.get(row.flow) ?? {});
        latest.set(row.flow, { ...latest.get(row.flow), ...row.states });
        begun ||= row.n >= first;
        ended ||= row.n > last;
        if (flow && row.flow !== flow) {
          pending = [];
          continue;
        }
        now = with_(now, Object.entries(row.states ?? {}));
      } else if (row.row === "note") time = Math.max(time ?? row.at, row.at);
      if (!begun || ended) continue;
      // A gap belongs to the packet after it, which may be another connection's.
      if (row.row === "gap" || row.row === "connection") {
        pending.push([row, time, now]);
        continue;
      }
      for (const one of pending) push(...one);
      pending = [];
      if (row.row === "packet") packets.push(rows.length);
      push(row);
    }
    const start = times.find((t) => t !== null) ?? 0;
    for (let i = 0; i < times.length && times[i] === null; i++) times[i] = start;
    const byNumber = new Map(packets.map((at, place) => [rows[at].n, place]));
    const packet = (place) => rows[packets[place]];
    const arrivals = packets.map((at) => rows[at].arrived ?? rows[at].at);
    const end = Math.max(times[times.length - 1] ?? start, arrivals.reduce((a, b) => Math.max(a, b), start));

    return {
      model, hosts, rows, packets, times, start, end, afterwards, packet,
      flows: [...flows].sort(([a], [b]) => a - b),
      total: all.reduce((count, row) => count + (row.row === "packet"), 0),
      placeOf: (n) => byNumber.get(n) ?? -1,
      statesAfter: (place) => states[packets[place]] ?? new Map(),
      // Rows that have happened once this packet has left.
      until: (place) => packets[place] ?? rows.length,
      gapBefore(place) {
        const before = rows[packets[place] - 1];
        return before?.row === "gap" && before.lasted ? before : null;
      },
      since: (place) => place > 0 ? packet(place).at - packet(place - 1).at : null,
      // [host, before, now] of each whose state in its connection it changed.
      changes(place) {
        const row = packet(place), before = befores.get(row);
        const named = Object.entries(row.states ?? {}).map(([host, now]) =>
          [host, Object.hasOwn(before, host) ? String(before[host]) : "", String(now)]);
        return named.filter(([, a, b]) => a !== b);
      },
      // The next place that shows something: a gap before it, a claim.
      landmark(place, step) {
        for (let i = place + step; i >= 0 && i < packets.length; i += step)
          if (packet(i).shows?.length || this.gapBefore(i)) return i;
        return step > 0 ? packets.length - 1 : 0;
      },
    };
  };

  function with_(states, pairs) {
    if (pairs.every(([host, state]) => states.get(host) === String(state))) return states;
    const next = new Map(states);
    for (const [host, state] of pairs) next.set(host, String(state));
    return next;
  }
})();
