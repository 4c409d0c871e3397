// Writes plugin/schema.json from the docs and the tables of the provider. With --check it writes nothing and fails when the
// file is stale. Needs a build.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type * as BackupModule from "../provider/backup/arguments.ts";
import type * as ContractModule from "../provider/dynamic/contract.ts";
import type * as InstanceModule from "../provider/instance/arguments.ts";
import type * as NamesModule from "../sdk/names.ts";
import { makeSchema } from "./schema/package.mts";

const root = resolve(import.meta.dirname, "..");
const require = createRequire(import.meta.url);
const instance = require("../dist/provider/instance/arguments.js") as typeof InstanceModule;
const backup = require("../dist/provider/backup/arguments.js") as typeof BackupModule;
const contract = require("../dist/provider/dynamic/contract.js") as typeof ContractModule;
const names = require("../dist/sdk/names.js") as typeof NamesModule;

const schema = makeSchema(root, { ...instance, ...backup, ...contract, ...names });
const text = `${JSON.stringify(schema, null, 2)}\n`;
const file = join(root, "plugin/schema.json");
if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (readFileSync(file, "utf8") !== text) {
  console.error("plugin/schema.json is stale: run `npm run schema`.");
  process.exitCode = 1;
}
