// Given to each page on its way out, behind `token` and before all other
// scripts: lets widgets ask the server, and loads the page again when the
// book was built again. A hidden page holds no connection: a browser has six.
globalThis.socketLabServer = { token };
(async () => {
  let last = null;
  const change = async (leave) => {
    const answer = await fetch("/-/changes", { headers: { "X-Lab-Token": token }, signal: leave });
    // The server was started again: this page's token is of the last start.
    if (answer.status === 403 && last !== null) location.reload();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const number = /data: ?(\d+)/.exec(value)?.[1] ?? last;
      if (last !== null && number !== last) location.reload();
      last = number;
    }
  };
  const visible = () => new Promise((resolve) => {
    if (!document.hidden) return resolve();
    document.addEventListener("visibilitychange", () => resolve(visible()), { once: true });
  });
  for (;;) {
    await visible();
    const leaving = new AbortController();
    document.addEventListener("visibilitychange", () => leaving.abort(), { once: true });
    try { await change(leaving.signal); } catch { /* asked again below */ }
    await new Promise((resolve) => { setTimeout(resolve, 1000); });
  }
})();
