import type { BackupRecord, InstanceRecord, SaveState, ServerState } from "./records";

/** Bytes on disk, from `start` on, to be streamed. */
export interface FilePart {
  readonly path: string;
  readonly start: number;
  readonly length: number;
}

/**
 * Real servers behind the instances of the store. Every method returns at once, so that the store stays synchronous.
 * Later calls show the result of what takes time.
 */
export interface InstanceServers {
  /** Starts the servers of a new instance and returns the address for its clients. */
  instanceOrdered(record: Readonly<InstanceRecord>, password: string): string;
  instanceState(instanceUuid: string): ServerState;
  instanceGone(instanceUuid: string): void;
  /** Starts to write one backup: the data of its shard, or of the whole instance. */
  backupStarted(record: Readonly<BackupRecord>): void;
  backupState(backupId: string): SaveState;
  /** When the file was finished, by the emulator's clock; undefined before. */
  backupSavedAt(backupId: string): number | undefined;
  /** The whole file of a finished backup. */
  backupFile(backupId: string): FilePart | undefined;
  backupGone(backupId: string): void;
}
