// run.mjs FILE...: node:test on these files, two at a time. As `node --test`,
// which takes no number of files at once before node 20.
import { run } from "node:test";
import { spec } from "node:test/reporters";

const files = process.argv.slice(2);
const stream = run({ files, concurrency: 2, timeout: 600_000 });
stream.on("test:fail", () => { process.exitCode = 1; });
stream.compose(new spec()).pipe(process.stdout);
