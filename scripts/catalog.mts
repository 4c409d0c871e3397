// Writes sdk/catalog.gen.ts from sdk/catalog.json. With --check it writes nothing and fails when the file is stale. Needs a build.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type * as GenerateModule from "../sdk/generate.ts";
import type * as RecordedModule from "../sdk/recorded.ts";

const root = resolve(import.meta.dirname, "..");
const require = createRequire(import.meta.url);
const { generateCatalog } = require("../dist/sdk/generate.js") as typeof GenerateModule;
const { recordedAnswers } = require("../dist/sdk/recorded.js") as typeof RecordedModule;

const file = join(root, "sdk/catalog.gen.ts");
const { text, remarks } = generateCatalog(recordedAnswers(), "./catalogShape");
for (const remark of remarks) console.error(`note: ${remark}`);
if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (readFileSync(file, "utf8") !== text) {
  console.error("sdk/catalog.gen.ts is stale: run `npm run catalog`.");
  process.exitCode = 1;
}
