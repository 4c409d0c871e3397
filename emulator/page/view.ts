import type { FaultInjector, PendingFault } from "../faults/faults";
import type { EmulatorBackup, EmulatorInstance } from "../records";
import type { RequestLog, ShownCall } from "../requestLog";
import type { EmulatorStore } from "../store";

const SHOWN_SECONDS = 60;

/** What the page shows: the emulated account, the faults and the latest calls. It holds no secret. */
export interface EmulatorView {
  /** Milliseconds since 1970, by the emulator's clock. */
  readonly now: number;
  readonly instances: readonly EmulatorInstance[];
  readonly backups: readonly EmulatorBackup[];
  /** The faults that may still hit. */
  readonly faults: readonly PendingFault[];
  /** How many calls faults have hit. */
  readonly hits: number;
  /** The latest 50 calls, oldest first. */
  readonly calls: readonly ShownCall[];
  /** How many calls came in each of the last 60 seconds, the present one last. */
  readonly callsPerSecond: readonly number[];
}

export function viewOf(
  store: EmulatorStore,
  faults: FaultInjector,
  log: RequestLog,
  now: number,
): EmulatorView {
  return {
    now,
    instances: store.instances(),
    backups: store.backups(),
    faults: faults.faults,
    hits: faults.hits.length,
    calls: log.shown,
    callsPerSecond: log.perSecond(now, SHOWN_SECONDS),
  };
}
