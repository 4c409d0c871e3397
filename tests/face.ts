/**
 * The one place where the black-box tests (the table of faults, the random histories, the model of
 * the engine) touch the provider's inside. They see the dynamic face alone, as the engine does.
 */
import type { dynamic } from "@pulumi/pulumi";

import { backupLife } from "../provider/backup/backup";
import { Context, type ContextOptions } from "../provider/core/context";
import { DynamicFace } from "../provider/dynamic/face";
import { instanceLife } from "../provider/instance/instance";
import { sleep } from "../provider/time";

export {
  notesInFolder as journalInFolder,
  parseNote as parseOrder,
  parseStackRecord,
} from "../provider/core/records";
export type {
  OrderNote as BegunOrder,
  OrderNotes as OrderJournal,
  ReadStackRecord,
  RecordedResource,
} from "../provider/core/records";
export { parseDuration } from "../provider/time";
export { BACKUP_TYPE, INSTANCE_TYPE, providerLine } from "../provider/dynamic/contract";
export { sleep };
export type { Context };

/** What a test decides about a host process. */
export type HostOptions = Omit<ContextOptions, "notes"> & {
  readonly journal: ContextOptions["notes"];
};

/** A host process of its own. */
export function hostOf({ journal, ...options }: HostOptions): Context {
  return new Context({ ...options, notes: journal });
}

type Bag = Record<string, unknown>;
type Provider = Required<dynamic.ResourceProvider<Bag, Bag>>;

/** What the engine's dynamic provider process loads as `redisInstance`, on a context of the test's. */
export function instanceFace(context: Context): Provider {
  return new DynamicFace(context, instanceLife);
}

/** The same for `redisBackup`. */
export function backupFace(context: Context): Provider {
  return new DynamicFace(context, backupLife);
}
