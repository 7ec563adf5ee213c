// Texts -> the index that mdBook's searcher.js loads. A word ends at space and
// punctuation, so `tcp_sack` is found in `net.ipv4.tcp_sack`, and `bind` in
// `bind():`; `fin_timeout` is found in `tcp_fin_timeout`, and `DelayedACKs` in
// `TcpExtDelayedACKs`. What is typed is cut the same way.
((book) => {
  elasticlunr.tokenizer.setSeperator(/[\s\-.,;:!?()[\]{}<>=+*/|"'`\u2026\u00bb\u2192]+/);
  const parts = (text) => {
    const more = [];
    for (const word of text.match(/\w+_\w+/g) || []) {
      const pieces = word.split("_");
      for (let n = 1; n < pieces.length; n++) more.push(pieces.slice(n).join("_"));
    }
    for (const [, word] of text.matchAll(/\b(?:TcpExt|Tcp|UdpLite|Udp|IpExt|Ip|Icmp)([A-Z]\w+)/g)) more.push(word);
    return more.length ? text + " " + [...new Set(more)].join(" ") : text;
  };
  const fields = ["title", "body", "breadcrumbs"];
  const index = elasticlunr(function () {
    fields.forEach((field) => this.addField(field));
    this.setRef("id");
    this.saveDocument(false);
  });
  const docs = {};
  book.texts.forEach(([, title, breadcrumbs, body], id) => {
    docs[id] = { id: String(id), title, breadcrumbs, body };
    index.addDoc({ id, title: parts(title), breadcrumbs, body: parts(body) });
  });
  const made = index.toJSON();
  made.documentStore.docs = docs;
  made.documentStore.save = true;
  window.search = Object.assign(window.search || {}, {
    doc_urls: book.texts.map(([url]) => url),
    index: made,
    results_options: book.results_options,
    search_options: book.search_options,
  });
})
