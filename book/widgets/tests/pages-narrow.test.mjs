// Every page at 390 px, from a static host: half of them light, half dark.
// What axe-core finds in one theme alone is contrast; pages-wide has the rest.
import { axeClean, fits, test } from "./harness.mjs";
import { names, sweep } from "./sweep.mjs";

const half = (n) => names.filter((_, i) => i % 2 === n);

async function look(p, rules) {
  await fits(p);
  await axeClean(p, { rules });
}

test("light", (t) => sweep(t, { width: 390, theme: "light" }, half(0), (p) => look(p)));
test("navy", (t) => sweep(t, { width: 390, theme: "navy" }, half(1), (p) => look(p)));
