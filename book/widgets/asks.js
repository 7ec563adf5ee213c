// A question in a page, as lab-book tells it, and a model of any run -> the
// answer. lab-book has asked the accepted trace the same (book/lab-book/src/
// checks); a test holds the two to be one.
"use strict";
(() => {
  const FLAGS = ["SYN", "FIN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];
  const UNITS = [["ms", 1e6], ["us", 1e3], ["ns", 1], ["s", 1e9]];

  const packets = (model) => model.rows.filter((row) => row.row === "packet");

  const words = (packet) => {
    const all = packet.label.split(" ");
    return all.slice(all.findIndex((word) => !word.startsWith("#")));
  };
  const until = (all, ends) => {
    const at = all.findIndex(ends);
    return at < 0 ? all : all.slice(0, at);
  };
  const flags = (packet) => until(words(packet), (word) => !FLAGS.includes(word)).join(" ");
  const kind = (packet) => flags(packet) || until(words(packet), (word) => word.startsWith("(")).join(" ");

  // Bytes of payload: from the range on a label, 1:6, or the number in (5).
  const bytes = (packet) => {
    for (const word of words(packet)) {
      const range = /^(-?\d+):(-?\d+)$/.exec(word);
      if (range) return range[2] - range[1];
      const length = /^\((\d+)\)$/.exec(word);
      if (length) return Number(length[1]);
    }
    return 0;
  };

  const window = (packet) => {
    const all = words(packet);
    const at = all.indexOf("win");
    return at < 0 ? null : Number(all[at + 1]);
  };

  const fate = (packet) => {
    if (packet.arrived === undefined || packet.arrived === null) return "lost";
    return packet.damaged ? "damaged" : "arrives";
  };

  const field = (packet, name) => ({
    from: () => packet.from,
    to: () => packet.to,
    flags: () => kind(packet),
    label: () => packet.label,
    seq: () => packet.relative?.[0] ?? null,
    ack: () => packet.relative?.[1] ?? null,
    bytes: () => bytes(packet),
    window: () => window(packet),
    fate: () => fate(packet),
  })[name]();

  // A pure ACK whose sender's next segment says the same may or may not leave
  // on its own; where runs are compared it doesn't count.
  const folded = (all, at) => {
    const ack = all[at];
    if (flags(ack) !== "ACK" || bytes(ack) > 0 || ack.shows?.length) return false;
    const same = (p) => p.flow === ack.flow && p.from === ack.from;
    const before = all.slice(0, at).filter(same);
    if (before.length && flags(before[0]) === "SYN" && before.every((p) => flags(p).includes("SYN"))) {
      return false;
    }
    const next = all.slice(at + 1).find(same);
    return !!next && String(next.relative) === String(ack.relative);
  };

  // By connection and place in it, as lab-book tells packets.
  const find = (model, [flow, place]) => {
    const all = packets(model);
    return all.filter((p, at) => p.flow === flow && !folded(all, at))[place] ?? null;
  };

  // Nanoseconds, as people say them; as labs/kit's `say`.
  const say = (ns) => {
    const ms = ns / 1e6;
    if (ms >= 1000) return (ms / 1000).toFixed(2) + " s";
    return ms.toFixed(ms >= 10 ? 1 : 2) + " ms";
  };

  // A number is one; a time becomes { ns }; else a text.
  const read = (text) => {
    const trimmed = text.trim();
    if (/^[+-]?\d+$/.test(trimmed)) return Number(trimmed);
    for (const [unit, ns] of UNITS) {
      if (!trimmed.endsWith(unit)) continue;
      const number = trimmed.slice(0, -unit.length).trim();
      if (/^-?\d+(\.\d+)?$/.test(number)) return { ns: Math.round(number * ns) };
    }
    return trimmed;
  };

  const keeps = (filter, packet) => {
    const own = flags(packet);
    const has = (flag) => own.split(" ").includes(flag);
    const marks = { data: bytes(packet) > 0, again: !!packet.again, lost: fate(packet) === "lost" };
    return (!filter.from || filter.from === packet.from)
      && (!filter.to || filter.to === packet.to)
      && (filter.flags === null || filter.flags === own)
      && filter.with.every((all) => all.split(" ").every(has))
      && (filter.connection === null || filter.connection === packet.flow)
      && (filter.saying === null || packet.label.includes(filter.saying))
      && filter.marks.every((mark) => marks[mark]);
  };

  const notes = (model, host, seen) => model.rows.filter((row) =>
    row.row === "note" && row.host === host && (row.at !== undefined && row.at !== null) === seen);
  const kept = (model, host, key) =>
    notes(model, host, true).filter((row) => row.text.startsWith(key + " -> "));

  const ASKS = {
    packet: (model, ask) => {
      const packet = find(model, ask.at);
      return packet && field(packet, ask.field);
    },
    count: (model, ask) => packets(model).filter((p) => keeps(ask, p)).length,
    gap: (model, ask) => {
      const [from, to] = [find(model, ask.from), find(model, ask.to)];
      return from && to && { ns: to.at - from.at };
    },
    "gap-of": (model, ask) => {
      const at = (model.claims ?? []).findIndex((c) => c.says === ask.claim);
      const gap = model.rows.find((row) => row.row === "gap" && row.claim === at);
      return gap ? read(gap.lasted) : null;
    },
    claim: (model, ask) => {
      const claim = (model.claims ?? []).find((c) => c.says === ask.claim);
      return claim ? (claim.holds ? "holds" : "fails") : null;
    },
    state: (model, ask) => {
      const step = model.rows.find((row) => row.row === "states" && row.label === ask.label);
      if (!step) return null;
      return step.states.find(([host]) => host === ask.host)?.[1] ?? "-";
    },
    value: (model, ask) => {
      const row = kept(model, ask.host, ask.key)[ask.nth - 1];
      return row ? read(row.text.slice(ask.key.length + 4)) : null;
    },
    counter: (model, ask) => {
      const row = notes(model, ask.host, false).find((r) => r.text.startsWith(ask.name + " "));
      return row ? Number(row.text.slice(ask.name.length + 1)) : 0;
    },
    // Only the accepted run's figures are in the book.
    figure: () => null,
  };

  const plain = (answer) => (answer !== null && typeof answer === "object" ? answer.ns : answer);

  const relates = (mine, op, want) => {
    const numbers = typeof mine === "number" && typeof want === "number";
    switch (op) {
      case "=": return numbers ? mine === want : String(mine) === String(want);
      case "!=": return numbers ? mine !== want : String(mine) !== String(want);
      case "has": return String(mine).includes(String(want));
      case "between": return mine >= want[0] && mine <= want[1];
      case "<": return mine < want;
      case ">": return mine > want;
      case "<=": return mine <= want;
      default: return mine >= want;
    }
  };

  const rowOf = (model, place) => {
    if (place.place === "packet") return model.rows.indexOf(find(model, place.at));
    if (place.place === "value") {
      return model.rows.indexOf(kept(model, place.host, place.key)[place.nth - 1]);
    }
    return model.rows.findIndex((row) => row.row === "states" && row.label === place.label);
  };

  socketLab.asks = {
    say,
    find,
    field,
    // A number, nanoseconds, a text; null: this run doesn't say.
    answer: (model, ask) => plain(ASKS[ask.ask](model, ask) ?? null),
    // The same, for people.
    shown: (model, ask) => {
      const answer = ASKS[ask.ask](model, ask) ?? null;
      if (answer === null) return null;
      return typeof answer === "object" ? say(answer.ns) : String(answer);
    },
    // Whether a check holds; null: this run doesn't say.
    holds: (model, check) => {
      const answer = plain(ASKS[check.ask](model, check) ?? null);
      return answer === null ? null : relates(answer, check.op, check.want);
    },
    // The row of a place; -1: it isn't in this run.
    row: rowOf,
  };
})();
