/**
 * The API of Capital Online CDS Redis on this machine, for tests and demos without an account.
 *
 * ```ts
 * import { startEmulator } from "pulumi-cds-redis/emulator";
 *
 * const emulator = await startEmulator({ deliverySeconds: 1 });
 * // run a program with cds:endpoint = emulator.url, cds:accessKeyId, cds:accessKeySecret
 * expect(emulator.store.instances()).toHaveLength(1);
 * await emulator.close();
 * ```
 */
export { startEmulator, type Emulator } from "./server";
export {
  EmulatorApi,
  type EmulatorApiAnswer,
  type EmulatorApiRequest,
  type EmulatorFileAnswer,
} from "./api";
export type { DownloadRequest } from "./backupDownloads";
export {
  DEFAULT_ACCESS_KEY_ID,
  DEFAULT_ACCESS_KEY_SECRET,
  type EmulatorApiConnections,
  type EmulatorApiOptions,
  type EmulatorOptions,
} from "./options";
export type { EmulatorCatalog } from "./catalog";
export { EmulatorFaultError, type Fault } from "./faults/faultCheck";
export {
  FAULT_ACTIONS,
  FAULT_KINDS,
  FAULT_MEANINGS,
  type FaultKind,
  type TransportFaultKind,
} from "./faults/faultKinds";
export type { FilePart, InstanceServers } from "./instanceServers";
export { DEFAULT_VDCS, type EmulatorNetwork, type EmulatorVdc } from "./networks";
export type { SaveState, ServerState } from "./records";
export { FaultInjector, type FaultHit, type PendingFault } from "./faults/faults";
export type {
  EmulatorBackup,
  EmulatorInstance,
  InstanceChange,
  InstanceOrder,
  StoreSnapshot,
} from "./records";
export type { EmulatorView } from "./page/view";
export type { EmulatorRequest, ShownCall } from "./requestLog";
export { EmulatorStartError } from "./startError";
export type { EmulatorStore, ListView } from "./store";
