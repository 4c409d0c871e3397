import type { EmulatorApiOptions } from "../../emulator";
import type { Program } from "../stackModel";
import type { LIMITS, Scene } from "./scene";

/** What a call is for: this says what must become of a fault at it. */
export type Role =
  /** The catalogue, while arguments are checked. */
  | "catalogue"
  /** The same, where what is wanted is there already. */
  | "unneeded catalogue"
  /** The data centers, without which an order goes on unchecked. */
  | "network"
  /** The list before anything is ordered. */
  | "look"
  /** The call that makes something. */
  | "order"
  /** Lists that look for what was ordered and has no id yet. */
  | "find"
  /** Lists that look for what an interrupted run may have ordered. */
  | "takeOver"
  /** Lists until what was ordered is ready. */
  | "wait"
  /** Comparing what is to be imported. */
  | "import"
  | "read"
  /** The list that tells what the backed up instance is; done without where it can't be had. */
  | "shards"
  | "delete"
  /** Lists until what was deleted is gone. */
  | "gone";

/** Calls of one action in a row that are for the same. */
export interface Phase {
  readonly role: Role;
  readonly action: string;
  /** Only the calls after the first one of this action. */
  readonly after?: string;
  /** Only the calls before the first one of this action. */
  readonly before?: string;
  /** Which of these: as `slice` takes it. */
  readonly slice?: readonly [start: number, end?: number];
  /** How many there are; `many` are at least four that are alike. */
  readonly calls: 1 | 2 | "many";
  /** Whether most of many calls come when what is waited for is ready. */
  readonly isMostlyReady?: true;
  /** Whether they save data before it is deleted: nothing may be if they fail. */
  readonly safeguards?: true;
  /** Whether they end what came before something new, which is in the state by then. */
  readonly prunes?: true;
  /** The operation in which calls that are just the same fail: these don't. */
  readonly asIn?: string;
  /** The operation with the same loop, of which more calls fail than the first and the last. */
  readonly like?: string;
}

/** Something that the engine does with a stack, with all calls that it sends. */
export interface Operation {
  readonly name: string;
  readonly vendor?: EmulatorApiOptions;
  /** What came before. */
  readonly arrange?: (scene: Scene) => Promise<unknown>;
  /** What is done with the program. Default: `up`. */
  readonly act?: "refresh";
  readonly program: (scene: Scene) => Program;
  readonly phases: readonly Phase[];
  /** What of the program the vendor has at the end: instances, and entries of backups. */
  readonly leaves: number;
  /** The time limits that hold for its parts, one after another. */
  readonly limits: readonly (keyof typeof LIMITS)[];
  /** The name of the instance is the user's own. */
  readonly isNamedByUser?: true;
  /** For a program that must be refused. */
  readonly isRefused?: true;
}

export const LISTS = "DescribeDBInstances";
export const BACKUP_LISTS = "DescribeBackups";
export const CATALOGUE = "DescribeAvailableDBConfig";
export const ORDER = "CreateDBInstance";
export const BACKUP_ORDER = "CreateBackup";
export const DELETE = "DeleteDBInstance";
export const BACKUP_DELETE = "DeleteBackup";
export const DOWNLOAD = "DownloadBackup";
