import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where `package.json` is: beside the sources, and beside the compiled `dist`. */
const MANIFESTS = ["../package.json", "../../package.json"];

/** Returns the version of this package. */
export function packageVersion(): string {
  const manifest = MANIFESTS.map((path) => join(__dirname, path)).find((path) => existsSync(path));
  if (manifest === undefined) return "unknown";
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  return version;
}
