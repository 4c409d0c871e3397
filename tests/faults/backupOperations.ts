import { BACKUP_TYPE } from "../face";
import { CLUSTER as FIVE_SHARDS, SINGLE } from "../provider/backups";
import { backupOrder, type Bag } from "../provider/orders";
import type { Program } from "../stackModel";
import { cache } from "./instanceOperations";
import {
  BACKUP_DELETE,
  BACKUP_LISTS,
  BACKUP_ORDER,
  LISTS,
  type Operation,
  type Phase,
} from "./operations";
import { LIMITS, type Scene } from "./scene";

const BACKUP = `urn:pulumi:dev::shop::${BACKUP_TYPE}::nightly`;
const SHARDS = 5;

/** An instance of that shape and its backup. */
export const both =
  (shape: Bag, change: Bag = {}) =>
  (): Program => {
    const instance = cache(shape);
    return [
      instance,
      {
        urn: BACKUP,
        dependsOn: [instance.urn],
        args: (idOf) => backupOrder(idOf(instance.urn), { __timeouts: LIMITS, ...change }),
      },
    ];
  };

const ordered = { action: BACKUP_LISTS, after: BACKUP_ORDER, before: BACKUP_DELETE } as const;
const look: Phase = { role: "look", action: BACKUP_LISTS, before: BACKUP_ORDER, calls: 1 };
const ordering: Phase = { role: "order", action: BACKUP_ORDER, calls: 1 };
/** What the instance is, so how many entries there may be. */
const shards: Phase = { role: "shards", action: LISTS, calls: 1 };
const find: Phase = { role: "find", ...ordered, slice: [0, 1], calls: 1 };
const wait: Phase = { role: "wait", ...ordered, slice: [1], calls: "many" };
const deleting: Phase = { role: "delete", action: BACKUP_DELETE, calls: 1 };
const gone: Phase = { role: "gone", action: BACKUP_LISTS, after: BACKUP_DELETE, calls: "many" };
/** Of the backup before the new one. */
const pruning: readonly Phase[] = [
  { ...deleting, prunes: true },
  { ...gone, prunes: true, like: "delete of a backup" },
];
const takeOver: Phase = { role: "takeOver", action: BACKUP_LISTS, slice: [0, 1], calls: 1 };
const taken: Phase = {
  role: "wait",
  action: BACKUP_LISTS,
  slice: [1],
  calls: "many",
  like: "backup",
};

const HASTY = { __timeouts: { ...LIMITS, create: "1s" } };

/** The instance alone, and then the backup up to the call that starts it. */
async function interrupted(scene: Scene, process: "cli" | "host"): Promise<void> {
  await scene.prepared([cache(SINGLE)]);
  await scene.interrupted(both(SINGLE)(), BACKUP_ORDER, process);
}

/** A backup, and the next one up to the call that starts it. */
async function interruptedAnother(scene: Scene, process: "cli" | "host"): Promise<void> {
  await scene.prepared(both(SINGLE)());
  await scene.interrupted(both(SINGLE, { triggers: ["again"] })(), BACKUP_ORDER, process);
}

async function takenByHand(scene: Scene): Promise<void> {
  await scene.prepared([cache(SINGLE)]);
  const instanceId = scene.model.held[0]?.id ?? "";
  const [backupId = ""] = scene.vendor.api.store.createBackup(instanceId, "");
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  scene.imported = `${instanceId}/${backupId}`;
  scene.foreign.add(backupId);
}

export const BACKUP_CREATES: readonly Operation[] = [
  {
    name: "backup",
    arrange: (scene) => scene.prepared([cache(SINGLE)]),
    program: both(SINGLE),
    phases: [look, ordering, find, shards, wait],
    leaves: 2,
    limits: ["create"],
  },
  {
    name: "backup of a cluster",
    arrange: (scene) => scene.prepared([cache(FIVE_SHARDS)]),
    program: both(FIVE_SHARDS),
    // Most of its calls come when all is finished, and a late shard may still be listed.
    phases: [look, ordering, find, shards, { ...wait, isMostlyReady: true }],
    leaves: 1 + SHARDS,
    limits: ["create"],
  },
  {
    name: "backup after a killed CLI had started it",
    vendor: { backupSeconds: 4 },
    arrange: (scene) => interrupted(scene, "cli"),
    program: both(SINGLE),
    phases: [takeOver, shards, taken],
    leaves: 2,
    limits: ["create"],
  },
  {
    name: "backup after a killed host had started it",
    vendor: { backupSeconds: 4 },
    arrange: (scene) => interrupted(scene, "host"),
    program: both(SINGLE),
    phases: [takeOver, shards, taken],
    leaves: 2,
    limits: ["create"],
  },
  {
    name: "import of a backup",
    arrange: takenByHand,
    program: ({ imported }) => both(SINGLE, { __import: imported })(),
    phases: [
      { role: "import", action: BACKUP_LISTS, slice: [0, 2], calls: 2 },
      { role: "wait", action: BACKUP_LISTS, slice: [2], calls: 1 },
    ],
    leaves: 2,
    limits: ["create"],
  },
];

export const BACKUP_CHANGES: readonly Operation[] = [
  {
    name: "update of a backup that goes on waiting",
    vendor: { backupSeconds: 5 },
    arrange: async (scene) => {
      await scene.prepared([cache(SINGLE)]);
      await scene.model.up(scene.host(), both(SINGLE, HASTY)());
    },
    program: both(SINGLE, HASTY),
    phases: [shards, { role: "wait", action: BACKUP_LISTS, calls: "many", like: "backup" }],
    leaves: 2,
    limits: ["update"],
  },
  {
    name: "another backup for a changed trigger",
    arrange: (scene) => scene.prepared(both(SINGLE)()),
    program: both(SINGLE, { triggers: ["again"] }),
    phases: [look, ordering, find, shards, { ...wait, like: "backup" }, ...pruning],
    leaves: 2,
    limits: ["update"],
  },
  {
    name: "another backup that is kept beside the first",
    arrange: (scene) => scene.prepared(both(SINGLE, { keepLatest: 2 })()),
    program: both(SINGLE, { keepLatest: 2, triggers: ["again"] }),
    phases: [look, ordering, find, shards, { ...wait, like: "backup" }],
    leaves: 3,
    limits: ["update"],
  },
  {
    name: "another backup after a killed CLI had started it",
    vendor: { backupSeconds: 4 },
    arrange: (scene) => interruptedAnother(scene, "cli"),
    program: both(SINGLE, { triggers: ["again"] }),
    phases: [takeOver, shards, { ...taken, before: BACKUP_DELETE }, ...pruning],
    leaves: 2,
    limits: ["update"],
  },
  {
    name: "refresh of a backup",
    arrange: (scene) => scene.prepared(both(SINGLE)()),
    act: "refresh",
    program: both(SINGLE),
    phases: [
      { role: "read", action: LISTS, calls: 1 },
      { role: "read", action: BACKUP_LISTS, calls: 1 },
    ],
    leaves: 2,
    limits: [],
  },
  {
    name: "delete of a backup",
    arrange: (scene) => scene.prepared(both(SINGLE)()),
    program: () => [cache(SINGLE)],
    phases: [deleting, gone],
    leaves: 1,
    limits: ["delete"],
  },
  {
    name: "delete of a cluster's backup",
    arrange: (scene) => scene.prepared(both(FIVE_SHARDS)()),
    program: () => [cache(FIVE_SHARDS)],
    phases: [
      { ...deleting, calls: "many" },
      { ...gone, like: "delete of a backup" },
    ],
    leaves: 1,
    limits: ["delete"],
  },
];
