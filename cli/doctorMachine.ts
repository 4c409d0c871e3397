import { execFile } from "node:child_process";

import type { Finding } from "./doctor";
import { oneLine, type CliIo } from "./io";
import { supportedRanges } from "./version";

const PULUMI_TIMEOUT_MS = 20_000;

/** Checks Node.js and Pulumi's command line on this machine. */
export async function machineChecks(io: CliIo, add: (finding: Finding) => void): Promise<void> {
  const { node, pulumi } = supportedRanges();
  add(nodeFinding(process.versions.node, node));
  add(pulumiFinding(await pulumiVersion(io), pulumi));
}

/** Whether Node.js is in the range, such as `>=22.12`. */
export function nodeFinding(version: string, range: string): Finding {
  const finding = { name: "Node.js", message: `${version}; supported: ${range}` };
  if (isInRange(version, range)) return { ...finding, status: "ok", remedy: "" };
  return { ...finding, status: "failed", remedy: "Install a newer Node.js: https://nodejs.org" };
}

/** Whether Pulumi is in the range, such as `^3.259.0`. */
export function pulumiFinding(found: string | undefined, range: string): Finding {
  const name = "pulumi";
  const install = "https://www.pulumi.com/docs/install/";
  if (found === undefined)
    return {
      ...{ name, status: "failed", message: "the command pulumi is not in PATH, or does not run" },
      remedy: `Install Pulumi ${range}, and add its folder to PATH: ${install}`,
    };
  const message = `${found}; supported: ${range}`;
  const version = /^v?(\d+\.\d+\.\d+)/.exec(found)?.[1];
  if (version === undefined)
    return { name, status: "warning", message, remedy: "Compare the version yourself." };
  if (isInRange(version, range)) return { name, status: "ok", message, remedy: "" };
  return { name, status: "failed", message, remedy: `Install Pulumi ${range}: ${install}` };
}

/** Whether a version is in a range of the forms `>=1.2` and `^1.2.3`. */
function isInRange(version: string, range: string): boolean {
  const numbers = version.split(".").map((part) => Number.parseInt(part));
  const least = range.replace(/^\D+/, "").split(".").map(Number);
  if (range.startsWith("^") && numbers[0] !== least[0]) return false;
  for (const [index, number] of least.entries()) {
    const own = numbers[index] ?? 0;
    if (own !== number) return own > number;
  }
  return true;
}

/** What `pulumi version` prints; undefined where it can't be run. */
function pulumiVersion({ env }: CliIo): Promise<string | undefined> {
  const options = {
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeout: PULUMI_TIMEOUT_MS,
  };
  return new Promise((resolve) => {
    execFile("pulumi", ["version"], options, (error, stdout) => {
      resolve(error === null ? oneLine(stdout.slice(0, 100)) : undefined);
    });
  });
}
