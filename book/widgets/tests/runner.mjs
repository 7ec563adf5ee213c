// `lab-runner book serve` -> its address, and its end: with the test, also a
// failing one, or with this process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

import { root, target } from "./places.mjs";

export const runner = path.join(target, "debug", "lab-runner");

// Resolves once it says where it is: { url, pid, child, said(), ended }.
export async function serve(t, { args = [], env = {} } = {}) {
  const command = [runner, "book", "serve", "--port", "0", ...args];
  // setpriv: if node is killed, no `finally` runs.
  const child = spawn("setpriv", ["--pdeathsig", "KILL", ...command], {
    cwd: root,
    env: { ...process.env, LAB_ROOT: root, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const ended = once(child, "close");
  let text = "";
  const url = new Promise((resolve, reject) => {
    const hear = (chunk) => {
      text += chunk;
      const found = /https?:\/\/(?:localhost|127\.0\.0\.1):\d+\//.exec(text);
      if (found) resolve(found[0]);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", reject);
    ended.then(([code, signal]) =>
      reject(new Error(`${command.join(" ")} ended (${code ?? signal}):\n${text}`)), reject);
  });
  t.after(async () => {
    stop(child);
    await ended;
  });
  return { url: await url, pid: child.pid, child, said: () => text, ended };
}

// It and all that it started.
function stop(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch { /* it is gone */ }
}
