// Where things are: the repository, cargo's folder, the built book, npm's
// modules. Nothing is written into the source tree.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));

export const root = path.resolve(here, "../../..");
export const target = path.resolve(root, process.env.CARGO_TARGET_DIR || "target");
export const bookDirectory = path.resolve(root, process.env.LAB_BOOK_DIR || path.join(target, "book"));

// As scripts/browser has it: a changed lock file gets a folder of its own.
const lock = createHash("sha256").update(readFileSync(path.join(here, "package-lock.json")));
const installed = path.join(target, "browser", `npm-${lock.digest("hex").slice(0, 12)}`);
if (!existsSync(installed)) {
  throw new Error(`${installed} is not there; scripts/browser installs it and runs the tests`);
}
export const modules = createRequire(path.join(installed, "package.json"));

// Every page of the built book, "exercises/ch02-last-word.html" and so on.
export function pages(under = "") {
  if (!existsSync(path.join(bookDirectory, "index.html"))) {
    throw new Error(`no book in ${bookDirectory}; ./run book build makes it`);
  }
  return readdirSync(path.join(bookDirectory, under), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(under, entry.name);
    if (entry.isDirectory()) return pages(name);
    return name.endsWith(".html") ? [name] : [];
  }).sort();
}
