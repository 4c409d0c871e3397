import { startEmulator, type Emulator, type EmulatorOptions } from "../../emulator";
import { captured, type Run } from "./captured";

/** No output may hold any of it. */
export const KEY = { id: "canary-access-key-id", secret: "canary-access-key-secret" };
const ESCAPES = /[\p{Cc}\p{Cf}]/u;

/** Runs a command line in this process, and checks what holds for the output of every command. */
export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = "",
): Promise<Run> {
  const run = await captured(args, env, input);
  const all = run.out + run.err;
  expect(all).not.toMatch(/canary/i);
  expect(all.replaceAll("\n", "")).not.toMatch(ESCAPES);
  if (run.exitCode !== 0) expect(run.err).toMatch(/(^|\n)error: [^\n]+\n$/);
  return run;
}

/** An emulator whose keys are canaries, with all work done at once. */
export function canaryEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator({
    ...{ accessKeyId: KEY.id, accessKeySecret: KEY.secret },
    ...{ deliverySeconds: 0, backupSeconds: 0, deleteSeconds: 0 },
    ...options,
  });
}

/** The environment in which the default account is that of the emulator. */
export function environmentOf({ url }: Emulator, suffix = ""): Record<string, string> {
  return {
    [`CDS_SECRET_ID${suffix}`]: KEY.id,
    [`CDS_SECRET_KEY${suffix}`]: KEY.secret,
    [`CDS_ENDPOINT${suffix}`]: url,
  };
}

/** Orders an instance as a person at the console does. Gives its id. */
export function orderAt(
  { store }: Emulator,
  instanceName: string,
  more: Partial<Parameters<Emulator["store"]["createInstances"]>[0]> = {},
): string {
  const order = {
    ...{ instanceName, regionId: "CN_Hongkong_A", displayName: "Hong Kong" },
    ...{ vdcId: "vdc-2", vdcName: "hongkong-staging", basePipeId: "pipe-2" },
    ...{ paasGoodsId: 8063, ramGb: 8, version: "5.0", subProductName: "Redis 集群版" },
    ...{ isCluster: true, linkType: "private", linkName: "cache", port: 6400 },
  };
  const [id = ""] = store.createInstances({ ...order, ...more }, 1);
  return id;
}
