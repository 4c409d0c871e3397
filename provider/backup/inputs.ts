import type { Owner } from "../core/owner";
import type { MarkedInputs, SettledOrders } from "../core/unfinished";
import type { BackupFile } from "./summary";

/** The arguments as `check` leaves them. */
export interface BackupInputs extends MarkedInputs {
  readonly instanceId: string;
  readonly description?: string;
  readonly triggers?: unknown;
  /** How many finished backups stay; undefined for one. */
  readonly keepLatest?: number;
  readonly account?: string;
}

/** What it takes to start one backup. */
export type BackupOrder = Pick<BackupInputs, "instanceId" | "description" | "__token" | "__urn">;

/** A backup that is under way, or was found. */
export interface Started {
  /** As they are known so far. */
  readonly entries: readonly BackupFile[];
  /** The mark that the entries bear. */
  readonly token: string;
  readonly settled: SettledOrders;
  /** Whether more entries of it may come to be listed. */
  readonly mayGrow: boolean;
  /** The account that showed it last. Default: that of this run. */
  readonly seenBy?: Owner | undefined;
}

/**
 * What the vendor shows as `Desc`: the user's text and the token that tells our backup from others,
 * since the answer to CreateBackup has no id.
 */
export function descriptionOf(inputs: BackupOrder): string {
  const token = `pulumi-${inputs.__token}`;
  return inputs.description === undefined || inputs.description === ""
    ? token
    : `${inputs.description} ${token}`;
}
