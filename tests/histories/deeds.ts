import type { EmulatorStore, InstanceOrder } from "../../emulator";
import { REGION } from "../provider/orders";
import type { Deed } from "./history";

const ORDER: InstanceOrder = {
  instanceName: "",
  regionId: REGION,
  displayName: "",
  vdcId: "vdc-1",
  vdcName: "",
  basePipeId: "pipe-1",
  paasGoodsId: 8063,
  ramGb: 8,
  version: "5.0",
  subProductName: "Redis 集群版",
  isCluster: true,
  linkType: "",
  linkName: "",
  port: 9736,
};

export interface Outcome {
  /** Ids of what is somebody else's now. */
  readonly made: readonly string[];
  /** Whether something of a stack's may be other than its state says. */
  readonly changedOurs: boolean;
}

/**
 * Carries out what somebody does in the console. The memory of what has not been delivered yet is
 * left alone: what an order is told to be at its delivery is taken for the vendor's way to count.
 * Nobody deletes what no list has shown: for the stack it is on its way, for ever.
 */
export function dueTo(
  deed: Deed,
  store: EmulatorStore,
  others: ReadonlySet<string>,
  { delivered, shown }: { delivered: ReadonlySet<string>; shown: ReadonlySet<string> },
): Outcome {
  if (deed.deed === "instance")
    return {
      made: store.createInstances({ ...ORDER, instanceName: deed.name }, 1),
      changedOurs: false,
    };
  const nothing: Outcome = { made: [], changedOurs: false };
  if (deed.deed === "deleteBackup") {
    const backups = store.backups();
    const backup = backups[deed.of % Math.max(backups.length, 1)];
    if (backup === undefined) return nothing;
    store.removeBackup(backup.backupId);
    return { made: [], changedOurs: true };
  }
  const instances = store.instances();
  const instance = instances[deed.of % Math.max(instances.length, 1)];
  if (instance === undefined) return nothing;
  const { instanceUuid: id } = instance;
  if (deed.deed === "backup")
    return { made: store.createBackup(id, deed.desc), changedOurs: false };
  const mayBeHit = others.has(id) || (deed.deed === "changeRam" ? delivered : shown).has(id);
  if (!mayBeHit) return nothing;
  if (deed.deed === "changeRam") store.changeInstance(id, { ramGb: deed.ramGb });
  else store.removeInstance(id);
  return { made: [], changedOurs: !others.has(id) };
}
