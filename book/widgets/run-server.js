// What a page asks of `lab-runner book serve`: which experiments there are, a
// run, its events. fetch() rather than EventSource, for the token's header.
"use strict";
(() => {
  const lab = globalThis.socketLab;

  // `gone`: nobody answers. `old`: the page is of an earlier start.
  class Refused extends Error {
    constructor(message, kind) {
      super(message);
      this.kind = kind;
    }
  }

  async function ask(path, options = {}) {
    const headers = { ...options.headers, "X-Lab-Token": globalThis.socketLabServer.token };
    let answer;
    try {
      answer = await fetch(path, { ...options, headers });
    } catch {
      if (options.signal?.aborted) throw new Refused("Aborted.", "aborted");
      throw new Refused("The server does not answer.", "gone");
    }
    if (answer.ok) return answer;
    const said = await answer.json().catch(() => null);
    const kind = { 403: "old", 404: "unknown" }[answer.status] ?? "refused";
    throw new Refused(said?.error ?? `The server answers ${answer.status}.`, kind);
  }

  let known = null;

  const server = lab.server = {
    here: () => Boolean(globalThis.socketLabServer),

    // { runs, why, experiments: { "ch05/first-ack": .. } }, asked once.
    experiments() {
      known ??= ask("/-/experiments").then((answer) => answer.json());
      known.catch(() => { known = null; });
      return known;
    },

    // Resolves to the run's id.
    async start(order) {
      const body = JSON.stringify(order);
      return (await (await ask("/-/runs", { method: "POST", body })).json()).id;
    },

    cancel: (id) => ask(`/-/runs/${id}`, { method: "DELETE" }),

    // Gives each event to `hear`, from the first one, until the run's end. A
    // stream that breaks is taken up where it broke.
    async follow(id, hear, signal) {
      let last = null;
      for (let tries = 0; tries < 3; tries++) {
        const headers = last === null ? {} : { "Last-Event-ID": last };
        const answer = await ask(`/-/runs/${id}/events`, { headers, signal });
        try {
          for await (const { number, event } of events(answer.body)) {
            [last, tries] = [number, 0];
            hear(event);
            if (event.event === "end") return;
          }
        } catch (error) {
          if (signal?.aborted) throw new Refused("Aborted.", "aborted");
          if (error instanceof SyntaxError) throw error;
        }
      }
      throw new Refused("The server has gone.", "gone");
    },
  };

  // Server-sent events: lines, an empty one behind each event.
  async function* events(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (text + value).split("\n\n");
      text = parts.pop();
      for (const part of parts) {
        const data = /^data: ?(.*)$/m.exec(part)?.[1];
        if (data) yield { number: /^id: ?(.*)$/m.exec(part)?.[1] ?? null, event: JSON.parse(data) };
      }
    }
  }

  // The latest run of an experiment as it stands, of this page load.
  const latest = new Map();
  lab.lastRun = (of) => latest.get(of) ?? null;
  lab.ran = (detail) => {
    if (detail.whatIf === null && detail.set.length === 0) latest.set(detail.of, detail.model);
    document.dispatchEvent(new CustomEvent("lab-ran", { detail }));
  };
})();
