import type { BackupRecord, InstanceRecord, SaveState, ServerState } from "./records";

/** Bytes on disk, from `start` on, to be streamed. */
export interface FilePart {
  readonly path: string;
  readonly start: number;
  readonly length: number;
}

/**
 * Real servers behind the instances of the store. All of it answers at once, so that the store stays synchronous: what
 * takes time shows in later answers.
 */
export interface InstanceServers {
  /** Starts what a new instance runs; answers the address that clients will find it at. */
  instanceOrdered(record: Readonly<InstanceRecord>, password: string): string;
  instanceState(instanceUuid: string): ServerState;
  instanceGone(instanceUuid: string): void;
  /** Starts to write one backup: the data of its shard, or of the whole instance. */
  backupStarted(record: Readonly<BackupRecord>): void;
  backupState(backupId: string): SaveState;
  /** When its file was there, by the emulator's clock; undefined for one that is not finished. */
  backupSavedAt(backupId: string): number | undefined;
  /** The whole file of a finished backup. */
  backupFile(backupId: string): FilePart | undefined;
  backupGone(backupId: string): void;
}
