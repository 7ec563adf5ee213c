// A guess, the accepted trace and the reader's own run, side by side; what
// differs from the accepted trace is marked by sign and words.
"use strict";
(() => {
  const { h } = socketLab;

  const sign = (same) => h("span", { class: same ? "compare-same" : "compare-other" },
    same ? "= as accepted" : "≠ not as accepted");

  const text = (pieces) => pieces.flatMap((piece) =>
    (piece.hole === undefined ? socketLab.rich(piece) : [h("mark", {}, ...socketLab.rich(piece.hole))]));

  const column = (title, lines, same, { numbered, note }) => h("section", { class: "compare-column", "aria-label": title },
    h("p", { class: "compare-title" }, title),
    lines === null ? null : h(numbered ? "ol" : "ul", {}, ...lines.map((line, n) =>
      h("li", {}, h("span", {}, ...text(line.pieces)), same && !line.bare ? sign(same(line, n)) : null))),
    note ?? null);

  // What the third column says before there was a run.
  const unrun = (key, run) => {
    const [lab, experiment] = key.of.split("/");
    const command = h("code", {}, `./run ${lab} ${experiment}`);
    if (!run) return h("p", {}, "Not run yet. In a terminal: ", command, ".");
    const says = globalThis.socketLabServer ? "Not run yet on this page." : "Not run yet, and nothing can be run from here.";
    const word = globalThis.socketLabServer ? `Run ${experiment}` : "How to run it";
    return h("div", {}, h("p", {}, says), h("p", {}, h("button", { type: "button", onclick: run }, word)));
  };

  // `guess`: a value of the kind's, or null if the reader asked to be shown.
  socketLab.compare = (key, guess, { model, run }) => {
    const kind = socketLab.guessKinds[key.kind];
    const right = kind.accepted(key);
    const same = (line, n) => (kind.same ? kind.same(key, line, right) : line.value === right[n]?.value);
    const options = { numbered: kind.numbered };
    const mine = guess === null ? null : kind.guessed(key, guess);
    const ran = model ? kind.ran(key, model) : null;
    const skipped = h("p", {}, "No guess: you asked to be shown.");
    const silent = h("p", {}, "This run doesn't say.");
    const own = ran ? { ...options } : { note: model ? silent : unrun(key, run) };
    const kernel = key.kernel ? h("p", { class: "compare-kernel" }, `Linux ${key.kernel}`) : null;
    const ownKernel = model?.kernel ? h("p", { class: "compare-kernel" }, `Linux ${model.kernel}`) : null;
    const differs = (lines) => lines !== null && (lines.length !== right.length || lines.some((line, n) => !line.bare && !same(line, n)));
    return {
      element: h("div", { class: "compare" },
        column("Your guess", mine, same, mine ? options : { note: skipped }),
        column("The accepted trace", right, null, { ...options, note: kernel }),
        column("Your own run", ran, same, ran ? { ...own, note: ownKernel } : own)),
      differs: mine === null ? null : differs(mine),
      runDiffers: ran === null ? null : differs(ran),
      note: kind.note?.(key) ?? null,
    };
  };
})();
