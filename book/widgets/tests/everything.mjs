// Every page, light and navy, narrow and wide, all of axe's rules: the long
// form of pages-*.test.mjs, by `scripts/browser book/widgets/tests/everything.mjs`.
import { axeClean, fits, test } from "./harness.mjs";
import { names, sweep } from "./sweep.mjs";

async function look(p) {
  await fits(p);
  await axeClean(p);
}

for (const theme of ["light", "navy", "coal", "rust", "ayu"])
  for (const width of [390, 1280])
    test(`${theme}, ${width} px`, (t) => sweep(t, { width, theme }, names, look));
