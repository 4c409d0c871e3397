// Finds the engines that are already on this machine.
import { execFile } from "node:child_process";
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

/** The version that the set-up installs: the newest that both ways offer, and the version of our `@pulumi/pulumi`. */
export const engineVersion = "3.259.0";

/**
 * The oldest engine that is taken from PATH: the version that this project is tested with. An older engine may run most
 * programs, but the tests compare the messages, states and plug-in contract of this version.
 */
export const minimumVersion = engineVersion;

const [pulumi, ...companions] =
  process.platform === "win32"
    ? (["pulumi.exe", "pulumi-language-nodejs.exe", "pulumi-resource-pulumi-nodejs.cmd"] as const)
    : (["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"] as const);

/** `<PULUMI_HOME or ~/.pulumi>/versions`. The launcher and the Automation API keep engines there too. */
export function findVersionsFolder(): string {
  const home = process.env["PULUMI_HOME"];
  // The launcher treats an empty PULUMI_HOME as unset.
  const isSet = home !== undefined && home !== "";
  return resolve(isSet ? home : join(homedir(), ".pulumi"), "versions");
}

/** Whether the folder holds all three programs, and its engine is the version that the set-up installs. */
export async function isComplete(folder: string): Promise<boolean> {
  return (
    [pulumi, ...companions].every((name) => isExecutable(join(folder, name))) &&
    (await askVersion(folder)) === engineVersion
  );
}

export interface EnginesOnPath {
  /** The folder of the first usable engine. */
  folder?: string;
  version?: string;
  /** Why each engine before it on PATH is not usable. */
  refused: string[];
}

export async function findOnPath(): Promise<EnginesOnPath> {
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const refused: string[] = [];
  for (const folder of new Set(path)) {
    const file = join(folder, pulumi);
    if (!isExecutable(file)) continue;
    const version = await askVersion(folder);
    // When the file is a link, the engine also looks for its plug-ins beside the target.
    const real = dirname(realpathSync(file));
    const missing = companions.filter(
      (name) => ![folder, real, ...path].some((place) => isExecutable(join(place, name))),
    );
    if (version === undefined) {
      refused.push(`${file} doesn't answer "pulumi version"`);
    } else if (isOlder(version, minimumVersion)) {
      refused.push(`${file} is ${version}, older than ${minimumVersion}`);
    } else if (missing.length > 0) {
      refused.push(`${file} has no ${missing.join(" and no ")} beside it or on PATH`);
    } else {
      const whole = companions.every((name) => isExecutable(join(real, name)));
      return { folder: whole ? real : folder, version, refused };
    }
  }
  return { refused };
}

/** Whether version `a` is older than `b`; only the three numbers count. */
export function isOlder(a: string, b: string): boolean {
  return a.localeCompare(b, "en", { numeric: true }) < 0;
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

async function askVersion(folder: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(join(folder, pulumi), ["version"], {
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      timeout: 30_000,
    });
    return /^v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}
