import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where `package.json` is: beside the sources, and beside the compiled `dist`. */
const MANIFESTS = ["../package.json", "../../package.json"];

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly peerDependencies: { readonly "@pulumi/pulumi": string };
}

/** Returns the version of this package. */
export function packageVersion(): string {
  return manifest()?.version ?? "unknown";
}

/** Returns the supported versions of Node.js and Pulumi. */
export function supportedRanges(): { readonly node: string; readonly pulumi: string } {
  const { engines, peerDependencies } = manifest() ?? {};
  return { node: engines?.node ?? ">=0", pulumi: peerDependencies?.["@pulumi/pulumi"] ?? ">=0" };
}

function manifest(): Manifest | undefined {
  const path = MANIFESTS.map((one) => join(__dirname, one)).find((one) => existsSync(one));
  return path === undefined ? undefined : (JSON.parse(readFileSync(path, "utf8")) as Manifest);
}
