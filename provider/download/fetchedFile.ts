/** A file of a backup on this machine, proven whole. */
export interface FetchedFile {
  readonly backupId: string;
  /** "" unless the instance is a cluster. */
  readonly shardId: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** Of the file, in hexadecimal digits. */
  readonly sha256: string;
  readonly rdbVersion: number;
  /** The version of the server that wrote it, where the file says so. */
  readonly redisVersion?: string;
  readonly keys: number;
  /** `not checked`: the file has no checksum. */
  readonly checksum: "verified" | "not checked";
}

/** How far the download of a backup's file is. */
export interface BackupProgress {
  readonly backupId: string;
  readonly shardId: string;
  readonly receivedBytes: number;
  /** 0 when neither the vendor nor the server tells it. */
  readonly totalBytes: number;
}
