// What came of a run -> words, its claims as a list, and what is different
// from the accepted trace.
"use strict";
(() => {
  const lab = globalThis.socketLab;
  const { h } = lab;
  const count = (n, one) => `${n} ${one}${n === 1 ? "" : "s"}`;

  // Longer ladders are not compared line by line.
  const LONGEST = 600;

  const PHASES = {
    building: "Starting", capturing: "Building the network", running: "Running",
    settling: "Waiting until no kernel owes a segment", judging: "Judging",
  };

  const words = lab.runWords = {
    phase: (name) => PHASES[name] ?? name,

    // One sentence or two, by verdict.
    verdict(end, turned) {
      const claims = end.claims ?? [];
      const failed = claims.filter((c) => !c.holds).length;
      const why = (end.why ?? []).join(" ");
      switch (end.verdict) {
        case "pass":
          if (turned.whatIf) return `As foretold: ${failed ? `exactly ${count(failed, "claim")} of ${claims.length} failed, those that were to` : "no claim failed"}.`;
          if (turned.set.length) return `All ${count(claims.length, "claim")} hold with what you turned.`;
          return `Passed: ${claims.length === 1 ? "its claim holds" : `all ${claims.length} claims hold`}, and the trace is the accepted one.`;
        case "claim-failed": return `${count(failed, "claim")} of ${claims.length} ${failed === 1 ? "does" : "do"} not hold in this run.`;
        case "snapshot-differs": return "All claims hold, but the trace is not the accepted one.";
        case "new": return "All claims hold. No trace is accepted yet.";
        case "unforeseen": return `Not as foretold. ${why}`;
        case "inconclusive": return `Nothing follows from this run: ${why}`;
        case "could-not-run": return `It could not run: ${why}`;
        case "skipped": return `It can't run here: ${why}`;
        case "cancelled": return "Cancelled.";
        default: return `It was ended. ${why}`;
      }
    },

    // Each claim, whether it holds, and whether it was to fail.
    claims(end, fails) {
      return h("ol", { class: "run-claims" }, ...end.claims.map((claim, n) => {
        const planned = fails.includes(claim.claim);
        const plan = planned ? (claim.holds ? ". It was to fail." : ". As foretold.") : "";
        return h("li", { class: claim.holds ? "holds" : "fails" },
          h("span", { class: "run-sign", "aria-hidden": "true" }, lab.ladderWords?.sign(n) ?? `${n + 1}`),
          h("b", {}, claim.holds ? "holds" : "fails"),
          h("span", {}, claim.claim),
          h("small", {}, claim.holds ? `saw ${claim.saw}` : `wanted ${claim.wanted}; saw ${claim.saw}`, plan));
      }));
    },

    // A model's packets as lines.
    lines: (model) => model.rows.filter((row) => row.row === "packet")
      .map((row) => `${row.from} > ${row.to}  ${row.label}${row.arrived === undefined ? "  lost" : ""}`),

    // [[" " | "-" | "+", line]]: in both, only in the first, only in the second.
    differences(before, after) {
      const all = before.map(() => new Uint16Array(after.length + 1));
      all.push(new Uint16Array(after.length + 1));
      for (let i = before.length - 1; i >= 0; i--) {
        for (let j = after.length - 1; j >= 0; j--) {
          all[i][j] = before[i] === after[j] ? all[i + 1][j + 1] + 1 : Math.max(all[i + 1][j], all[i][j + 1]);
        }
      }
      const found = [];
      for (let i = 0, j = 0; i < before.length || j < after.length;) {
        if (i < before.length && j < after.length && before[i] === after[j]) { found.push([" ", before[i++]]); j++; }
        else if (j === after.length || (i < before.length && all[i + 1][j] >= all[i][j + 1])) found.push(["-", before[i++]]);
        else found.push(["+", after[j++]]);
      }
      return found;
    },

    // Null if there is nothing to say.
    compared(accepted, model) {
      const [before, after] = [words.lines(accepted), words.lines(model)];
      if (before.length > LONGEST || after.length > LONGEST) return null;
      const all = words.differences(before, after);
      const [less, more] = ["-", "+"].map((sign) => all.filter(([s]) => s === sign).length);
      if (less + more === 0) return h("p", {}, "Packet by packet as in the accepted trace.");
      const says = { "-": "only in the accepted trace: ", "+": "only in this run: ", " ": "" };
      return h("details", { class: "run-differences" },
        h("summary", {}, `Not as in the accepted trace: ${count(less, "packet")} only there, ${more} only here`),
        h("ol", { tabindex: "0", role: "list" }, ...all.map(([sign, line]) =>
          h("li", { class: { "-": "less", "+": "more", " ": "same" }[sign] },
            h("span", { "aria-hidden": "true" }, `${sign} `),
            says[sign] && h("span", { class: "sr-only" }, says[sign]), line))));
    },
  };
})();
