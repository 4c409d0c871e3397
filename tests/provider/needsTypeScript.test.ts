import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as provider from "../../provider";

test("the types for old compilers have every name that a program can call", () => {
  const types = readFileSync(join(__dirname, "../../provider/needsTypeScript.d.ts"), "utf8");
  const names = [...types.matchAll(/^export const (\w+)/gm)].map(([, name]) => name);
  expect(names).toEqual([...Object.keys(provider), "startEmulator"].sort());
});
