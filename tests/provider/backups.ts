import type { EmulatorApi } from "../../emulator";
import { emulatedVendor, type EmulatedVendor } from "../emulatedVendor";
import { instanceLife, order, type Bag } from "./orders";

export const BEIJING_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/;

/** One file for each backup. */
export const SINGLE: Bag = { version: "2.8.19", architecture: "read-write-splitting", ramGb: 1 };
/** Five shards. */
export const CLUSTER: Bag = { ramGb: 20 };

/** A backup takes two minutes. */
export const slowBackups = { deliverySeconds: 0, backupSeconds: 120, deleteSeconds: 30 };

/** A vendor with one running instance. */
export async function withInstance(
  shape: Bag,
  options: Parameters<typeof emulatedVendor>[0] = slowBackups,
): Promise<{ vendor: EmulatedVendor; instanceId: string }> {
  const vendor = emulatedVendor(options);
  const { id } = await instanceLife(vendor.host()).create(order(shape));
  return { vendor, instanceId: id };
}

/** Of the entries in a state. */
export function ids(entries: unknown): string[] {
  return (entries as { backupId: string }[]).map(({ backupId }) => backupId);
}

/** Of the entries that the vendor has. */
export function storedIds(api: EmulatorApi, instanceId: string): string[] {
  return api.store.backups(instanceId).map(({ backupId }) => backupId);
}
