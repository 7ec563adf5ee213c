// A capture that the reader chooses -> what is wrong in it, as the runner says
// it through the server that serves this page. Without a server: how to get
// one. The file goes to this machine's own server, and nowhere else.
"use strict";
(() => {
  const lab = globalThis.socketLab;
  const { h } = lab;
  const LIMIT = 1 << 30;
  const WITHIN = 15 * 60 * 1000;

  lab.explain = (element) => {
    const served = globalThis.socketLabServer;
    element.textContent = "";
    if (!served) return element.append(...howTo());
    const says = h("p", { class: "explain-says", role: "status" });
    const bar = h("progress", { max: 1, "aria-label": "How much of the capture has been read", hidden: true });
    const stop = h("button", { type: "button", hidden: true, onclick: () => asked?.abort() }, "Stop");
    const input = h("input", { type: "file", id: "explain-file", accept: ".pcap,.pcapng,.cap,.dump,application/vnd.tcpdump.pcap" });
    const place = h("div", { class: "explain-place" },
      h("label", { for: "explain-file" }, "A capture (pcap or pcapng, 1 GB at most): drop it here, or choose it."),
      input);
    const found = h("div", { class: "explain-found" });
    let asked = null, file = null;
    element.append(place, h("div", { class: "explain-state" }, says, bar, stop), found);
    lab.ownKeys(element);

    input.addEventListener("change", () => input.files[0] && take(input.files[0]));
    for (const name of ["dragenter", "dragover"]) place.addEventListener(name, (event) => over(event, true));
    place.addEventListener("dragleave", (event) => over(event, false));
    place.addEventListener("drop", (event) => {
      over(event, false);
      if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
    });

    function over(event, is) {
      event.preventDefault();
      place.classList.toggle("over", is);
    }

    function take(chosen) {
      file = chosen;
      found.textContent = "";
      if (file.size > LIMIT) return say("refused", `${file.name} is larger than 1 GB. In a terminal there is no limit: ./run explain FILE.`);
      if (file.size === 0) return say("refused", `${file.name} is empty.`);
      ask(null);
    }

    // The whole file again for another connection: the server keeps none.
    function ask(connection) {
      asked?.abort();
      const request = asked = new XMLHttpRequest();
      const query = connection === null ? "" : `?connection=${connection}`;
      request.open("POST", `${lab.root}-/explain${query}`);
      request.setRequestHeader("X-Lab-Token", served.token);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.timeout = WITHIN;
      request.upload.onprogress = (event) => { bar.value = event.loaded / Math.max(1, event.total); };
      request.upload.onload = () => { bar.removeAttribute("value"); say("working", `${file.name} is being explained …`); };
      const mine = (then) => () => { if (request === asked) { asked = null; then(); } };
      request.onload = mine(() => answered(request, connection));
      request.onerror = mine(() => say("gone", "The server is gone, or the file can't be read. Start it again (./run book serve), reload this page, and choose the file again."));
      request.ontimeout = mine(() => say("gone", "No answer in 15 minutes. In a terminal there is no limit: ./run explain FILE."));
      request.onabort = mine(() => say("stopped", "Stopped. Choose the file again when you like."));
      say("working", `${file.name} is being read …`);
      request.send(file);
    }

    function answered(request, connection) {
      let answer = null;
      try { answer = JSON.parse(request.responseText); } catch { /* below */ }
      if (request.status !== 200 || answer?.format !== 1) {
        const why = answer?.error ?? (request.responseText.trim() || `status ${request.status}`);
        return say("refused", `${file.name} is not explained: ${why}`);
      }
      say("done", `${file.name} is explained.`);
      lab.explainList(found, answer, { name: file.name, pick: ask, focus: connection !== null });
    }

    function say(state, text) {
      element.dataset.state = state;
      says.textContent = text;
      const working = state === "working";
      [bar.hidden, stop.hidden] = [!working, !working];
    }
    say("ready", "Nothing leaves this machine: the server that explains it is yours.");
  };

  function howTo() {
    return [
      h("p", {}, "This copy of the book is served by a host that runs nothing, and it sends your capture nowhere. On your machine, with a copy of the book's project:"),
      h("pre", {}, h("code", {}, "./run book serve\n./run explain dump.pcap")),
      h("p", {}, "The first one serves this page with a place to drop the file. The second one needs no browser. Either way nothing leaves your machine."),
    ];
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const element of document.querySelectorAll("[data-explain]")) lab.explain(element);
  });
})();
