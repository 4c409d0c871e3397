import fc from "fast-check";

import type { Fault, FaultKind } from "../../emulator";
import {
  actionsOfKind,
  FAULT_KINDS,
  isContentKind,
  isListKind,
  isNotSentKind,
} from "../../emulator/faults/faultKinds";
import { classOf } from "../faults/expectations";

/** Two instances with names of their own, one with a name of the user's, two backups. */
export const RESOURCES = ["cache", "queue", "sessions", "nightly", "weekly"] as const;
export type ResourceName = (typeof RESOURCES)[number];

/** What the program says of one resource; a backup takes of it what it has. */
export interface Wish {
  readonly ramGb: 8 | 12 | 20;
  readonly port: 9736 | 7000;
  /** The name that the program gives to `sessions`. */
  readonly name: string;
  readonly trigger: number;
  readonly create: "4m" | "5m" | "30m";
  readonly delete: "50s" | "20m";
}

/** The call of an operation at which a process dies. */
export interface Death {
  /** Any, when it is left out. */
  readonly action?: string;
  readonly call: number;
  readonly when: "before" | "after";
  readonly process: "cli" | "host";
}

/** What somebody else does at the vendor, beside the stacks. */
export type Deed =
  | { readonly deed: "instance"; readonly name: string }
  | { readonly deed: "backup"; readonly of: number; readonly desc: string }
  | { readonly deed: "deleteInstance" | "deleteBackup"; readonly of: number }
  | { readonly deed: "changeRam"; readonly of: number; readonly ramGb: number };

/** Which of the two stacks, of one project and one name. */
export type Side = 0 | 1;

/** What goes wrong in an operation. */
export interface Mishaps {
  readonly faults?: readonly Fault[];
  readonly death?: Death;
  /** Done before the n-th call of the operation. */
  readonly meanwhile?: { readonly call: number; readonly deed: Deed };
}

export type Step =
  | { readonly do: "want"; readonly side: Side; readonly what: ResourceName; readonly wish: Wish }
  | { readonly do: "drop"; readonly side: Side; readonly what: ResourceName }
  | ({ readonly do: "up"; readonly side: Side; readonly replace?: ResourceName } & Mishaps)
  | ({ readonly do: "refresh"; readonly side: Side } & Mishaps)
  | ({ readonly do: "destroy"; readonly side: Side; readonly target?: ResourceName } & Mishaps)
  | { readonly do: "forget"; readonly side: Side }
  | ({ readonly do: "elsewhere" } & { readonly deed: Deed })
  | { readonly do: "pass"; readonly minutes: number }
  | { readonly do: "mend" };

export interface History {
  readonly deliverySeconds: number;
  readonly backupSeconds: number;
  readonly deleteSeconds: number;
  readonly edition: "first" | "newer";
  /** How many seconds lists are behind what is there. Default: 0. */
  readonly listLagSeconds?: number;
  /** Whether the other stack is worked on from the same machine. */
  readonly sameMachine: boolean;
  readonly first: readonly ResourceName[];
  readonly wish: Wish;
  readonly steps: readonly Step[];
}

/**
 * Lists that differ from the truth once, and then spell ids as before: a vendor that matches exactly
 * does not know an id as such a list spells it. The table of faults and attack.test.ts have them.
 */
const KINDS = FAULT_KINDS.filter((kind) => kind !== "upper-case-ids");

/** Lists that lie, so that what is there looks gone. */
const LYING_KINDS: readonly FaultKind[] = [
  ...(["empty-list", "stale-list", "null-data"] as const),
  ...(["hidden-entries", "lagging-list", "odd-entry", "control-names"] as const),
];
const ORDERS = ["CreateDBInstance", "CreateBackup"];

/** Whether what is there may look gone, or may look otherwise. */
export function lies({ kind, action = "" }: Fault): boolean {
  if (ORDERS.includes(action)) return false;
  const saysGone = kind === "http-404" && action === "DescribeBackups";
  return LYING_KINDS.includes(kind) || saysGone;
}

/** Whether an order was carried out that the vendor says, in clear words, not to have carried out. */
export function deniesOrder({ kind, action = "", when }: Fault): boolean {
  return (
    ORDERS.includes(action) && when === "after" && ["refusal", "notFound"].includes(classOf(kind))
  );
}

/** Whether an order was carried out that the vendor says to be one call too many: looked for in lists of a second. */
export function deniesOrderBriefly({ kind, action = "", when }: Fault): boolean {
  return ORDERS.includes(action) && when === "after" && classOf(kind) === "limited";
}

const ACTIONS = [
  ...["CreateDBInstance", "CreateDBInstance", "DeleteDBInstance", "DescribeDBInstances"],
  ...["CreateBackup", "DeleteBackup", "DescribeBackups", "DescribeAvailableDBConfig"],
];

const any = fc.record({ action: fc.constantFrom(...ACTIONS), kinds: fc.constant(KINDS) });
/** Lists that show something otherwise than it is. */
const listing = fc.record({
  action: fc.constantFrom("DescribeDBInstances", "DescribeBackups"),
  kinds: fc.constant(KINDS.filter((kind) => isListKind(kind) || LYING_KINDS.includes(kind))),
});
/** Orders of which the answer says what is not so, or that lists show late. */
const ordering = fc.record({
  action: fc.constantFrom(...ORDERS),
  kinds: fc.constant(
    KINDS.filter(
      (kind) =>
        ["keyRefused", "busy", "limited"].includes(classOf(kind)) ||
        /^(doubled-request|late-entry|other-)/.test(kind),
    ),
  ),
});

const fault: fc.Arbitrary<Fault> = fc
  .record({
    met: fc.oneof(
      { weight: 3, arbitrary: any },
      { weight: 1, arbitrary: listing },
      { weight: 1, arbitrary: ordering },
    ),
    // fast-check likes small numbers, which would be the same few kinds.
    pick: fc.noBias(fc.nat(10_000)),
    call: fc.constantFrom(1, 1, 1, 2, 3),
    times: fc.constantFrom(1, 1, 1, 2, 3, 6, 15),
    when: fc.constantFrom<("before" | "after")[]>("before", "after"),
    seconds: fc.constantFrom(4, 10, 60, 100),
    forSeconds: fc.constantFrom(5, 15, 25),
  })
  .map(({ met: { action, kinds }, pick, call, times, when, seconds, forSeconds }) => {
    const possible = kinds.filter((kind) => actionsOfKind(kind).includes(action));
    const kind = possible[pick % possible.length] ?? "reset";
    const forced = isContentKind(kind) ? "after" : isNotSentKind(kind) ? "before" : when;
    const late = ["late-entry", "lagging-list"].includes(kind) ? { seconds } : {};
    const made: Fault = { kind, action, call, when: forced, ...late };
    // Half a minute is a proof, by the vendor's word.
    return lies(made) && times > 2 ? { ...made, forSeconds } : { ...made, times };
  })
  .filter((made) => !deniesOrder(made));

const death: fc.Arbitrary<Death> = fc.oneof(
  fc.record({
    action: fc.constantFrom(...ACTIONS.slice(0, -1)),
    call: fc.constantFrom(1, 1, 2),
    when: fc.constantFrom<("before" | "after")[]>("before", "after"),
    process: fc.constantFrom<("cli" | "host")[]>("cli", "host"),
  }),
  fc.record({
    call: fc.integer({ min: 1, max: 30 }),
    when: fc.constantFrom<("before" | "after")[]>("before", "after"),
    process: fc.constantFrom<("cli" | "host")[]>("cli", "host"),
  }),
);

const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({
    deed: fc.constant("instance" as const),
    name: fc.constantFrom("shop-sessions", "shop-sessions-2", "cache-ffffff1", "cache", "queue-1"),
  }),
  fc.record({
    deed: fc.constant("backup" as const),
    of: fc.nat(3),
    desc: fc.constantFrom("", "by hand", "pulumi-ffffffffff01"),
  }),
  fc.record({
    deed: fc.constantFrom("deleteInstance" as const, "deleteBackup" as const),
    of: fc.nat(3),
  }),
  fc.record({
    deed: fc.constant("changeRam" as const),
    of: fc.nat(3),
    ramGb: fc.constantFrom(12, 20),
  }),
);

/** The name is taken before an operation, not in the moment between its look and its order. */
const deedMeanwhile = deed.filter(
  (one) => !(one.deed === "instance" && one.name.startsWith("shop-")),
);

/** Mostly one thing goes wrong at a time, and often none. */
const mishaps: fc.Arbitrary<Mishaps> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 4, arbitrary: fc.record({ faults: fc.array(fault, { minLength: 1, maxLength: 2 }) }) },
  { weight: 4, arbitrary: fc.record({ death }) },
  { weight: 1, arbitrary: fc.record({ death, faults: fc.tuple(fault) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      meanwhile: fc.record({ call: fc.integer({ min: 1, max: 20 }), deed: deedMeanwhile }),
    }),
  },
);

const wish: fc.Arbitrary<Wish> = fc.record({
  ramGb: fc.constantFrom<Wish["ramGb"][]>(8, 12, 20),
  port: fc.constantFrom<Wish["port"][]>(9736, 7000),
  name: fc.constantFrom("shop-sessions", "shop-sessions-2"),
  trigger: fc.nat(2),
  // To look for an order of an interrupted run takes two minutes; less never gets there, and says so.
  create: fc.constantFrom<Wish["create"][]>("30m", "5m", "4m"),
  delete: fc.constantFrom<Wish["delete"][]>("20m", "20m", "50s"),
});

const side: fc.Arbitrary<Side> = fc.constantFrom<Side[]>(0, 0, 0, 0, 1);
const what = fc.constantFrom(...RESOURCES, "cache" as const);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("want" as const), side, what, wish }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("drop" as const), side, what }) },
  { weight: 12, arbitrary: operation("up") },
  {
    weight: 2,
    arbitrary: fc.tuple(operation("up"), what).map(([up, replace]) => ({ ...up, replace })),
  },
  { weight: 2, arbitrary: operation("refresh") },
  { weight: 1, arbitrary: operation("destroy") },
  {
    weight: 1,
    arbitrary: fc
      .tuple(operation("destroy"), what)
      .map(([destroy, target]) => ({ ...destroy, target })),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("forget" as const), side }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("elsewhere" as const), deed }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      minutes: fc.constantFrom(1, 10, 200),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("mend" as const) }) },
);

function operation<T extends "up" | "refresh" | "destroy">(
  name: T,
): fc.Arbitrary<{ readonly do: T; readonly side: Side } & Mishaps> {
  return fc
    .tuple(fc.record({ do: fc.constant(name), side }), mishaps)
    .map(([head, wrong]) => ({ ...head, ...wrong }));
}

/** A few steps with little to wait for: what goes wrong takes no more. */
export const history: fc.Arbitrary<History> = fc.record({
  // At times longer than `4m` allows.
  deliverySeconds: fc.constantFrom(1, 1, 2, 3, 3, 4, 4, 6, 8, 8, 10, 12, 15, 20, 30, 300),
  backupSeconds: fc.constantFrom(1, 4, 15),
  deleteSeconds: fc.constantFrom(0, 1, 6),
  edition: fc.constantFrom<History["edition"][]>("newer", "newer", "first"),
  listLagSeconds: fc.constantFrom(0, 0, 0, 0, 3, 15),
  sameMachine: fc.boolean(),
  first: fc.subarray([...RESOURCES], { minLength: 1, maxLength: 3 }),
  wish,
  steps: fc.array(step, { minLength: 1, maxLength: 7, size: "max" }),
});
