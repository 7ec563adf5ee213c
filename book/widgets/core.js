// What the widgets share: models, a store, whether a server is there.
//
// Plain scripts, not modules: a page opened from a folder (file://) may not
// import any. Each file is one closure and hangs what others need on
// `socketLab`. Untrusted text (payloads, host names, claims) goes into the page
// as text nodes only.
"use strict";
(() => {
  const models = new Map();
  const waiting = new Map();

  const lab = globalThis.socketLab = {
    // The way from this page to the book's root: "", "../".
    root: typeof path_to_root === "string" ? path_to_root : "",

    // A file under models/ calls this with its own name and what it holds.
    give(name, model) {
      models.set(name, model);
      waiting.get(name)?.resolve(model);
    },

    // Resolves to the accepted trace's model. By a script element, since
    // fetch() is not for file://.
    model(name) {
      if (models.has(name)) return Promise.resolve(models.get(name));
      if (!waiting.has(name)) {
        let settle;
        const promise = new Promise((resolve, reject) => { settle = { resolve, reject }; });
        const script = document.createElement("script");
        script.src = lab.root + "models/" + name + ".js";
        script.onerror = () => {
          waiting.delete(name);
          settle.reject(new Error(`${script.src} can't be read`));
        };
        waiting.set(name, { promise, ...settle });
        document.head.append(script);
      }
      return waiting.get(name).promise;
    },

    // Kept in this browser, by name; a browser that keeps nothing gives null.
    store: {
      get(key) {
        try { return JSON.parse(localStorage.getItem("socket-lab/" + key)); } catch { return null; }
      },
      // Whether it is kept.
      set(key, value) {
        try {
          localStorage.setItem("socket-lab/" + key, JSON.stringify(value));
          return true;
        } catch { return false; }
      },
      remove(key) {
        try { localStorage.removeItem("socket-lab/" + key); } catch { /* nothing was kept */ }
      },
    },

    // An element: h("button", { class: "x", onclick: f }, "text", child).
    h(name, attributes = {}, ...children) {
      const svg = ["svg", "g", "line", "path", "rect", "circle", "text", "tspan", "title", "desc"].includes(name);
      const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
      for (const [key, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) continue;
        if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
        else element.setAttribute(key, value === true ? "" : value);
      }
      element.append(...children.filter((c) => c !== null && c !== undefined));
      return element;
    },

    // mdBook turns the page on arrow keys and searches on letters: not from
    // inside of a widget.
    ownKeys(element) {
      element.addEventListener("keydown", (event) => event.stopPropagation());
    },
  };
})();
