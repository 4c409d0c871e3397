import { resourceNotFound } from "../apiError";
import type { EmulatorBackup, EmulatorInstance } from "../records";
import type { EmulatorStore } from "../store";
import { shown } from "../shown";

/** @throws ApiError 404 `ResourceNotFound` when there is no such instance. */
export function requireInstance(store: EmulatorStore, instanceUuid: string): EmulatorInstance {
  const instance = store.findInstance(instanceUuid);
  if (instance === undefined) {
    throw resourceNotFound(`There is no instance ${shown(instanceUuid)}.`);
  }
  return instance;
}

/** @throws ApiError 404 `ResourceNotFound` when there is no such instance, or no such backup of it. */
export function requireBackup(
  store: EmulatorStore,
  instanceUuid: string,
  backupId: string,
): EmulatorBackup {
  requireInstance(store, instanceUuid);
  const backup = store.backups(instanceUuid).find((entry) => entry.backupId === backupId);
  if (backup === undefined) {
    throw resourceNotFound(`The instance has no backup ${shown(backupId)}.`);
  }
  return backup;
}
