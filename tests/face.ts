/**
 * The one place where the black-box tests (the table of faults, the random histories, the model of
 * the engine) touch the provider's inside. They see the dynamic face alone, as the engine does.
 */
import type { dynamic } from "@pulumi/pulumi";

import { backupProvider } from "../provider/backup/backup";
import { systemClock } from "../provider/core/clock";
import { Context, type ContextOptions } from "../provider/core/context";
import { asShown } from "../provider/dynamic/shownErrors";
import { instanceProvider } from "../provider/instance/instance";

export { BACKUP_TYPE, INSTANCE_TYPE, providerLine } from "../provider/dynamic/contract";
export { parseOrder, type BegunOrder, type OrderJournal } from "../provider/core/journal";
export type { ReadStackRecord, RecordedResource } from "../provider/core/stackRecord";
export { parseDuration } from "../provider/core/timeouts";
export type { Context };

/** What a test decides about a host process. */
export type HostOptions = Omit<ContextOptions, "clock">;

/** A host process of its own. */
export function hostOf(options: HostOptions): Context {
  return new Context({ clock: systemClock, ...options });
}

type Bag = Record<string, unknown>;
type Provider = Required<dynamic.ResourceProvider<Bag, Bag>>;

/** What the engine's dynamic provider process loads as `redisInstance`, on a context of the test's. */
export function instanceFace(context: Context): Provider {
  return asShown(instanceProvider(context)) as Provider;
}

/** The same for `redisBackup`. */
export function backupFace(context: Context): Provider {
  return asShown(backupProvider(context)) as Provider;
}

/** Waits in the time of the test. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
