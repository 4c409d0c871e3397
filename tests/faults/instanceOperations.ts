import { FakeStack } from "../fakeStack";
import { SINGLE } from "../provider/backups";
import { instanceUrn, order, type Bag } from "../provider/orders";
import { StackModel, type Declared, type Program } from "../stackModel";
import {
  BACKUP_LISTS,
  BACKUP_ORDER,
  CATALOGUE,
  DELETE,
  DOWNLOAD,
  LISTS,
  ORDER,
  type Operation,
  type Phase,
} from "./operations";
import { LIMITS, type Scene } from "./scene";

const CACHE = instanceUrn("cache");

export function cache(change: Bag = {}): Declared {
  return { urn: CACHE, args: () => order({ __timeouts: LIMITS, ...change }) };
}

const one =
  (change: Bag = {}) =>
  (): Program => [cache(change)];

const catalogue: Phase = { role: "catalogue", action: CATALOGUE, calls: 1 };
const network: Phase = { role: "network", action: "DescribeVdc", calls: 1 };
const knownNetwork: Phase = { ...network, asIn: "create" };
const look: Phase = { role: "look", action: LISTS, before: ORDER, calls: 1 };
const ordering: Phase = { role: "order", action: ORDER, calls: 1 };
const wait: Phase = { role: "wait", action: LISTS, after: ORDER, before: DELETE, calls: "many" };
const delivered: Phase = {
  role: "wait",
  action: LISTS,
  slice: [1],
  calls: "many",
  like: "create",
};
const deleting: Phase = { role: "delete", action: DELETE, calls: 1 };
const gone: Phase = { role: "gone", action: LISTS, after: DELETE, calls: "many" };
const takeOver: Phase = { role: "takeOver", action: LISTS, slice: [0, 1], calls: 1 };

const SAFE = { safeguards: true } as const;

const MINE = { instanceName: "mine" };
const BIGGER = { ramGb: 20 };
/** Given up before it is ready. */
const HASTY = { __timeouts: { ...LIMITS, create: "1s" } };

export const CREATES: readonly Operation[] = [
  {
    name: "create",
    program: one(),
    phases: [catalogue, network, look, ordering, wait],
    leaves: 1,
    limits: ["create"],
  },
  {
    name: "create with a name of the user's",
    program: one(MINE),
    phases: [
      { ...catalogue, asIn: "create" },
      knownNetwork,
      // The name is looked for at preview, too.
      { ...look, calls: 2 },
      ordering,
      { ...wait, like: "create" },
    ],
    leaves: 1,
    isNamedByUser: true,
    limits: ["create"],
  },
  {
    name: "create at a vendor that answers no id",
    vendor: { edition: "first", deliverySeconds: 3 },
    program: one(),
    phases: [
      catalogue,
      knownNetwork,
      look,
      ordering,
      { ...wait, role: "find", slice: [0, 1], calls: 1 },
      { ...wait, slice: [1], like: "create" },
    ],
    leaves: 1,
    limits: ["create"],
  },
  {
    name: "create by which a region that is none is refused",
    program: one({ regionId: "CN_Nowhere_A" }),
    phases: [catalogue, { ...catalogue, action: "DescribeRegins" }],
    leaves: 0,
    limits: [],
    isRefused: true,
  },
];

export const RECOVERIES: readonly Operation[] = [
  {
    name: "create after a killed CLI had ordered",
    vendor: { deliverySeconds: 4 },
    arrange: (scene) => scene.interrupted([cache()], ORDER, "cli"),
    program: one(),
    phases: [catalogue, knownNetwork, takeOver, delivered],
    leaves: 1,
    limits: ["create"],
  },
  {
    name: "create after a killed host had ordered",
    vendor: { deliverySeconds: 4 },
    arrange: (scene) => scene.interrupted([cache()], ORDER, "host"),
    program: one(),
    phases: [catalogue, knownNetwork, takeOver, delivered],
    leaves: 1,
    limits: ["create"],
  },
  {
    name: "create after a killed CLI had not ordered yet",
    arrange: (scene) => scene.interrupted([cache()], ORDER, "cli", "before"),
    program: one(),
    phases: [
      { ...catalogue, asIn: "create" },
      knownNetwork,
      { ...takeOver, before: ORDER, slice: [0, -1], calls: "many" },
      { ...look, slice: [-1], asIn: "create" },
      ordering,
      { ...wait, asIn: "create" },
    ],
    leaves: 1,
    limits: ["create"],
  },
  {
    name: "import",
    arrange: madeElsewhere,
    program: ({ imported }) => [cache({ __import: imported })],
    phases: [
      { ...catalogue, role: "unneeded catalogue" },
      { role: "import", action: LISTS, slice: [0, 2], calls: 2 },
      { role: "wait", action: LISTS, slice: [2], calls: 1 },
    ],
    leaves: 1,
    limits: ["create"],
  },
  {
    name: "update that goes on waiting",
    vendor: { deliverySeconds: 5 },
    arrange: (scene) => scene.model.up(scene.host(), [cache(HASTY)]),
    program: one(HASTY),
    phases: [{ role: "wait", action: LISTS, calls: "many" }],
    leaves: 1,
    limits: ["update"],
  },
];

export const CHANGES: readonly Operation[] = [
  {
    name: "replacement",
    arrange: (scene) => scene.prepared([cache()]),
    program: one(BIGGER),
    phases: [
      catalogue,
      knownNetwork,
      look,
      ordering,
      { ...wait, like: "create" },
      deleting,
      { ...gone, like: "delete" },
    ],
    leaves: 1,
    limits: ["create", "delete"],
  },
  {
    name: "replacement under the same name",
    arrange: (scene) => scene.prepared([cache(MINE)]),
    program: one({ ...MINE, ...BIGGER }),
    phases: [
      catalogue,
      knownNetwork,
      deleting,
      { ...gone, before: ORDER, slice: [0, -1], like: "delete" },
      { ...look, after: DELETE, slice: [-1] },
      ordering,
      { role: "wait", action: LISTS, after: ORDER, calls: "many", like: "create" },
    ],
    leaves: 1,
    isNamedByUser: true,
    limits: ["delete", "create"],
  },
  {
    name: "refresh",
    arrange: (scene) => scene.prepared([cache()]),
    act: "refresh",
    program: one(),
    phases: [{ role: "read", action: LISTS, calls: 1 }],
    leaves: 1,
    limits: [],
  },
  {
    name: "delete",
    arrange: (scene) => scene.prepared([cache()]),
    program: () => [],
    phases: [deleting, gone],
    leaves: 0,
    limits: ["delete"],
  },
  {
    name: "delete with a final backup",
    arrange: (scene) => scene.prepared([cache({ ...SINGLE, finalBackup: true })]),
    program: () => [],
    phases: [
      { role: "look", action: BACKUP_LISTS, before: BACKUP_ORDER, calls: 1, ...SAFE },
      { role: "order", action: BACKUP_ORDER, calls: 1, ...SAFE },
      { role: "find", action: BACKUP_LISTS, after: BACKUP_ORDER, slice: [0, 1], calls: 1, ...SAFE },
      {
        role: "wait",
        action: BACKUP_LISTS,
        after: BACKUP_ORDER,
        slice: [1],
        calls: "many",
        ...SAFE,
      },
      { role: "read", action: DOWNLOAD, calls: 1, ...SAFE },
      { ...deleting, ...SAFE },
      { ...gone, ...SAFE, like: "delete" },
    ],
    leaves: 0,
    limits: ["delete"],
  },
];

/** An instance of another stack, which then forgets it. */
async function madeElsewhere(scene: Scene): Promise<void> {
  const other = new StackModel(new FakeStack("another stack's provider"));
  await other.up(scene.vendor.host({}, other.stack), [cache()]);
  scene.imported = other.held[0]?.id ?? "";
  scene.foreign.add(scene.imported);
}
