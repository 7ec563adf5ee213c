// <div class="lab-run" data-of="ch05/first-ack"> -> a Run button: the
// experiment on the reader's kernel, its packets in a ladder as they come, its
// claims as they are judged. Where no server is, it says how to get one.
"use strict";
(() => {
  const lab = globalThis.socketLab;
  const { h, server, runWords: words } = lab;

  const session = {
    get(of) { try { return JSON.parse(sessionStorage.getItem(`socket-lab/run/${of}`)); } catch { return null; } },
    set(of, value) { try { sessionStorage.setItem(`socket-lab/run/${of}`, JSON.stringify(value)); } catch { /* not after a reload, then */ } },
    remove(of) { try { sessionStorage.removeItem(`socket-lab/run/${of}`); } catch { /* nothing was kept */ } },
  };

  function widget(place) {
    const of = place.dataset.of;
    const name = of.split("/")[1];
    const whatIfs = JSON.parse(place.dataset.whatIfs);
    let about = null, running = null, ladder = null;

    const button = h("button", { type: "button", class: "run-button", onclick: press });
    const elapsed = h("span", { class: "run-elapsed" });
    const status = h("p", { class: "run-status", role: "status" });
    const extra = h("div", { class: "run-extra" });
    const live = h("div", { class: "run-live" });
    const after = h("div", { class: "run-after" });
    const form = lab.runForm(whatIfs, () => about?.claims ?? [], () => { if (!running) ready(); });
    const root = h("section", { class: "run", "aria-label": `Run ${name}`, "data-state": "idle" },
      h("div", { class: "run-top" }, button, form.element),
      h("div", { class: "run-line" }, status, elapsed), extra, live, after);
    lab.ownKeys(root);
    place.append(root);
    ready();

    function ready(again = false) {
      state("idle");
      button.replaceChildren(again ? `Run ${name} again` : `Run ${name}`);
    }

    function state(now) {
      root.dataset.state = now;
      button.classList.toggle("cancels", ["queued", "running"].includes(now));
      form.disable(["queued", "running"].includes(now));
    }

    function press() {
      if (running) return cancel();
      if (!server.here()) return explain();
      run(form.turned());
    }

    function cancel() {
      const { id, stop } = running;
      if (!id) return stop.abort();
      server.cancel(id).catch((error) => { if (error.kind !== "unknown") stop.abort(); });
    }

    // Where nothing can be run: how to get it, and what it would do.
    function explain() {
      const { whatIf } = form.turned();
      const terminal = `./run ${of.replace("/", " ")}${whatIf ? ` --what-if ${whatIf}` : ""}`;
      const code = (text) => h("pre", { tabindex: "0" }, h("code", {}, text));
      status.textContent = "These pages come from a place that runs nothing.";
      extra.replaceChildren(
        h("p", {}, "In a copy of the project, on Linux, this serves the same pages with a button that runs it and shows the packets here as they come:"),
        code("./run book serve"), h("p", {}, "This runs it in a terminal:"), code(terminal),
        h("p", {}, "It makes its hosts as network namespaces, runs their programs on your kernel, captures every packet, and takes all of it away again."));
    }

    async function run(turned, id = null) {
      const stop = new AbortController();
      running = { id, stop, turned, began: performance.now() };
      const clock = setInterval(() => { elapsed.textContent = `${((performance.now() - running.began) / 1000).toFixed(1)} s`; }, 100);
      begin(turned);
      let ended = null;
      try {
        if (!id) running.id = await server.start({ of, what_if: turned.whatIf, set: turned.set });
        session.set(of, { id: running.id, ...turned });
        await server.follow(running.id, (event) => { ended = hear(event, turned) ?? ended; }, stop.signal);
      } catch (error) {
        // A run of an earlier start of the server: the page starts afresh.
        if (id && ["unknown", "old"].includes(error.kind)) { session.remove(of); status.textContent = ""; ended = "idle"; }
        else ended = failed(error);
      } finally {
        clearInterval(clock);
        if (ended === "idle") elapsed.textContent = "";
        running = null;
        draw.now();
        ready(ended !== "idle");
        if (ended) state(ended);
        root.dataset.runs = Number(root.dataset.runs ?? 0) + 1;
      }
    }

    function begin(turned) {
      state("running");
      button.replaceChildren("Cancel", h("span", { class: "sr-only" }, ` ${name}`));
      status.textContent = "Asking the server.";
      for (const part of [extra, after]) part.replaceChildren();
      ladder?.destroy();
      ladder = null;
      live.replaceChildren();
      root.dataset.whatIf = turned.whatIf ?? "";
      draw.model = { format: 1, of, kernel: "", hosts: [], claims: [], rows: [] };
    }

    // The state that it ends in, at the end.
    function hear(event, turned) {
      switch (event.event) {
        case "queued":
          state("queued");
          status.textContent = `Waiting for a place: number ${event.position} in the line.`;
          return null;
        case "phase":
          state("running");
          status.textContent = `${words.phase(event.phase)}.`;
          return null;
        case "begin":
          about ??= { claims: event.claims };
          Object.assign(draw.model, { hosts: event.hosts, kernel: event.kernel });
          return null;
        case "rows":
          draw.model.rows.splice(event.from, Infinity, ...event.rows);
          draw();
          return null;
        case "more":
          extra.append(h("p", {}, `The ladder shows ${event.shown} packets while it runs, and the others at the end.`));
          return null;
        case "end": return end(event, turned);
        default: return null;
      }
    }

    // Once a frame, however much has come.
    function draw() {
      if (!draw.asked) draw.asked = requestAnimationFrame(draw.now);
    }
    draw.now = () => {
      cancelAnimationFrame(draw.asked);
      const asked = draw.asked;
      draw.asked = 0;
      if (!asked || !draw.model.rows.length) return;
      if (ladder) ladder.replace(draw.model);
      else ladder = lab.ladder(live, draw.model, { live: true, label: `This run of ${name}` });
      if (draw.model.rows.some((row) => row.row === "packet")) root.dataset.packets = "true";
    };

    function end(event, turned) {
      const fails = (whatIfs.find(({ name: n }) => n === turned.whatIf)?.fails ?? []).map((n) => about?.claims[n]);
      status.textContent = words.verdict(event, turned);
      root.dataset.verdict = event.verdict;
      if (event.remedy) extra.append(h("p", {}, "What this machine lacks, and the remedy:"), h("pre", { tabindex: "0" }, event.remedy));
      if (event.left_out) extra.append(h("p", {}, `${event.left_out} more rows are left out.`));
      if (event.claims) after.append(words.claims(event, fails));
      if (!event.model) return { cancelled: "cancelled", "could-not-run": "failed", skipped: "failed" }[event.verdict] ?? "failed";
      draw.model = event.model;
      draw();
      draw.now();
      compare(event);
      lab.ran({ of, whatIf: turned.whatIf, set: turned.set, model: event.model, verdict: event.verdict, json: event.json });
      return "ended";
    }

    // Which packets the accepted trace has, and has not.
    async function compare({ model, json }) {
      if (json.snapshot?.is === "same") return;
      const shown = after.firstChild;
      const accepted = await lab.model(of).catch(() => null);
      const compared = accepted && words.compared(accepted, model);
      if (compared && after.firstChild === shown) after.append(compared);
    }

    function failed(error) {
      const says = {
        gone: "The server has gone, and the run with it. Start it again: ./run book serve",
        old: "The server was started again: reload the page.",
        unknown: "The server no longer knows this run.",
        aborted: "Cancelled.",
      };
      status.textContent = says[error.kind] ?? error.message;
      return { gone: "gone", aborted: "cancelled" }[error.kind] ?? "failed";
    }

    if (!server.here()) return;
    server.experiments().then((all) => {
      about ??= all.experiments[of] ?? null;
      if (!all.runs) status.textContent = all.why;
      form.offer(about?.knobs ?? []);
    }).catch(() => { /* pressing Run says it */ });
    const kept = session.get(of);
    if (kept?.id) {
      form.choose(kept.whatIf);
      run({ whatIf: kept.whatIf, set: kept.set }, kept.id);
    }
  }

  for (const place of document.querySelectorAll(".lab-run[data-of]")) widget(place);
})();
