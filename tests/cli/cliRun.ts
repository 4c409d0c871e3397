import { startEmulator, type Emulator, type EmulatorOptions } from "../../emulator";
import { createInstance } from "../../provider/vendor/actions/instances";
import { CdsClient } from "../../provider/vendor/client";
import { SETTING_NAMES } from "../settingNames";
import { captured, type Run } from "./captured";

/** No output may hold these texts. */
const KEY = { accessKeyId: "canary-access-key-id", accessKeySecret: "canary-access-key-secret" };

const running: Emulator[] = [];

/** An emulator that knows the canary key, until {@link closeVendors}. */
export async function startVendor(options: EmulatorOptions = {}): Promise<Emulator> {
  const times = { deliverySeconds: 0, backupSeconds: 0, deleteSeconds: 0 };
  const emulator = await startEmulator({ ...KEY, ...times, seed: "tests", ...options });
  running.push(emulator);
  return emulator;
}

export async function closeVendors(): Promise<void> {
  for (const emulator of running.splice(0)) await emulator.close();
}

/** The environment of a command that asks this emulator. */
export function environmentFor(
  url: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const { accessKeyId, accessKeySecret } = KEY;
  const PATH = process.env["PATH"] ?? "";
  return {
    ...{ CDS_SECRET_ID: accessKeyId, CDS_SECRET_KEY: accessKeySecret, CDS_ENDPOINT: url, PATH },
    ...more,
  };
}

/** Runs a command. Fails where its output holds a canary or has a line of more than 80 columns. */
export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Run> {
  const run = await captured(args, env);
  expect(run.out + run.err).not.toContain("canary");
  if (!args.includes("--json"))
    for (const line of run.out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  return run;
}

export function clientFor({ url }: Emulator): CdsClient {
  return new CdsClient({ settingNames: SETTING_NAMES, endpoint: url, credentials: KEY });
}

/** Orders an instance of 8 GB, and gives its id. */
export async function order(
  emulator: Emulator,
  instanceName: string,
  place: "hongkong" | "beijing" = "hongkong",
): Promise<string> {
  const where =
    place === "hongkong"
      ? { regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1" }
      : { regionId: "CN_Beijing_A", vdcId: "vdc-3", basePipeId: "pipe-3" };
  const request = { ...where, instanceName, paasGoodsId: 8063, password: "Canary_1234" };
  const [id = ""] = await createInstance(clientFor(emulator), request, 30_000);
  return id;
}
