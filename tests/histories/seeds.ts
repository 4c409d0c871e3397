import type { History, Wish } from "./history";

/** What a random history found once, as short as fast-check could make it. Replayed with each run. */
export interface Seed {
  /** What was wrong. */
  readonly found: string;
  /** The steps themselves: a seed and a path mean nothing any more once the generator has changed. */
  readonly history: History;
}

const wish: Wish = {
  ramGb: 8,
  port: 9736,
  name: "shop-sessions",
  trigger: 0,
  create: "30m",
  delete: "20m",
};
const quick = {
  deliverySeconds: 1,
  backupSeconds: 1,
  deleteSeconds: 0,
  edition: "newer",
  sameMachine: false,
  wish,
} as const;

/** Mended since. */
export const SEEDS: readonly Seed[] = [
  {
    found:
      "a backup of which somebody deleted a shard meanwhile was waited for after a refresh, too",
    history: {
      ...quick,
      listLagSeconds: 0,
      first: ["cache", "nightly"],
      steps: [
        { do: "up", side: 0, meanwhile: { call: 15, deed: { deed: "deleteBackup", of: 0 } } },
        { do: "want", side: 0, what: "weekly", wish },
      ],
    },
  },
  {
    found: "the same, after a replacement that was killed, beside a backup that somebody else took",
    history: {
      ...quick,
      listLagSeconds: 0,
      first: ["cache", "weekly"],
      steps: [
        {
          do: "up",
          side: 0,
          death: { call: 8, when: "before", process: "cli" },
          replace: "cache",
        },
        { do: "up", side: 0, meanwhile: { call: 12, deed: { deed: "deleteBackup", of: 0 } } },
        { do: "elsewhere", deed: { deed: "backup", of: 0, desc: "" } },
        { do: "up", side: 0 },
      ],
    },
  },
  {
    found: "an order of an interrupted run, taken over under its old name, was not said to change",
    history: {
      ...quick,
      first: ["sessions"],
      steps: [
        { do: "up", side: 0, death: { call: 3, when: "after", process: "cli" } },
        { do: "want", side: 0, what: "sessions", wish: { ...wish, name: "shop-sessions-2" } },
      ],
    },
  },
  {
    found:
      "`--replace` of a named instance took the old one for the new one, after a list lacked it",
    history: {
      ...quick,
      first: ["cache", "sessions"],
      steps: [
        { do: "up", side: 0 },
        {
          do: "up",
          side: 0,
          replace: "sessions",
          faults: [
            { kind: "stale-list", action: "DescribeDBInstances" },
            { kind: "dns", action: "CreateDBInstance" },
          ],
        },
      ],
    },
  },
  {
    found: "a run that died before it ordered made the next take over an instance of another stack",
    history: {
      ...quick,
      first: ["sessions"],
      steps: [
        { do: "want", side: 1, what: "sessions", wish },
        { do: "up", side: 1 },
        {
          do: "up",
          side: 0,
          death: { action: "DescribeDBInstances", call: 1, when: "before", process: "cli" },
        },
        { do: "up", side: 0 },
      ],
    },
  },
  {
    found:
      "a backup of an interrupted run was forgotten where the program had moved to another instance",
    history: {
      ...quick,
      first: ["cache", "weekly"],
      steps: [
        {
          do: "up",
          side: 0,
          death: { action: "CreateBackup", call: 1, when: "after", process: "cli" },
        },
        { do: "want", side: 0, what: "sessions", wish },
        { do: "up", side: 0 },
      ],
    },
  },
  {
    found: "of two instances with the name of an order that was cut short only one was named",
    history: {
      ...quick,
      first: ["sessions"],
      steps: [
        {
          do: "up",
          side: 0,
          death: { action: "CreateDBInstance", call: 1, when: "after", process: "cli" },
        },
        { do: "elsewhere", deed: { deed: "instance", name: "shop-sessions" } },
      ],
    },
  },
  {
    found: "one list that lacked a shard of a backup made a refresh drop it from the state",
    history: {
      ...quick,
      first: ["cache", "weekly"],
      steps: [
        { do: "up", side: 0 },
        { do: "refresh", side: 0, faults: [{ kind: "stale-list", action: "DescribeBackups" }] },
      ],
    },
  },
  {
    found: "a backup that a 409 denied was started again, after a list that said not found",
    history: {
      ...quick,
      first: ["sessions", "weekly"],
      steps: [
        {
          do: "up",
          side: 0,
          faults: [
            { kind: "http-404", action: "DescribeBackups", call: 1, times: 2, when: "before" },
            { kind: "http-409", action: "CreateBackup", call: 1, times: 1, when: "after" },
          ],
        },
      ],
    },
  },
];
