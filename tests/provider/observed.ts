import type { EmulatorApi, EmulatorInstance } from "../../emulator";
import type { EmulatedVendor } from "../emulatedVendor";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
/** Twice the longest interval between two lists: what a wait may take on top. */
export const LATE = 20 * SECOND;

/** How often a vendor answered an action. */
export function count(vendor: EmulatedVendor, action: string): number {
  return vendor.actions().filter((one) => one === action).length;
}

/** The one instance of the account. */
export function only(api: EmulatorApi): EmulatorInstance {
  const [instance, ...others] = api.store.instances();
  if (instance === undefined || others.length > 0) throw new Error("not one instance");
  return instance;
}

/** Another instance like it, as a vendor would make that carries an order out twice. */
export function twinOf({ store }: EmulatorApi, instanceUuid: string): string {
  const instance = store.findInstance(instanceUuid);
  if (instance === undefined) throw new Error("no such instance");
  const [twin = ""] = store.createInstances({ ...instance, isCluster: true }, 1);
  return twin;
}

/** How long a task takes, in milliseconds. */
export async function elapsed(task: () => Promise<unknown>): Promise<number> {
  const start = Date.now();
  await task();
  return Date.now() - start;
}
