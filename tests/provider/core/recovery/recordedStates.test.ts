import { readdirSync } from "node:fs";

import { FAKE_SECRETS } from "../../../../scripts/recordedProject.mts";
import type { Held, Step } from "../../../engineRun";
import {
  recordedNames,
  recordedNotes,
  recordedStack,
  STATES,
  type RecordedStack,
} from "../../../recordedStack";
import { inVirtualTime } from "../../../virtualTime";

/** What `pulumi up` of the recorded program does in a recorded state. */
interface Expected {
  /** What becomes of the instance and the backup; of other resources nothing. */
  readonly cache: Step["kind"];
  readonly backup: Step["kind"];
  /** What is ordered or deleted at the vendor. */
  readonly writes: readonly string[];
  /** Whether it takes over what an interrupted run ordered. */
  readonly takesOver?: true;
}

const NOTHING: Expected = { cache: "same", backup: "same", writes: [] };
const FINAL = "0.1.0-final";

const EXPECTED: Readonly<Record<string, Expected>> = {
  ready: NOTHING,
  tookOver: NOTHING,
  replacedAfterTakeOver: NOTHING,
  imported: NOTHING,
  partlyMade: { cache: "update", backup: "create", writes: ["CreateBackup"] },
  partlyMadeBackup: { cache: "same", backup: "update", writes: [] },
  drifted: {
    cache: "replace",
    backup: "replace",
    writes: [
      "CreateDBInstance",
      "CreateBackup",
      "DeleteBackup",
      "DeleteBackup",
      "DeleteDBInstance",
    ],
  },
  cliKilledAtInstance: {
    ...{ cache: "create", backup: "create", writes: ["CreateBackup"], takesOver: true },
  },
  hostKilledAtInstance: {
    ...{ cache: "create", backup: "create", writes: ["CreateBackup"], takesOver: true },
  },
  cliKilledAtBackup: { cache: "same", backup: "create", writes: [], takesOver: true },
  cliKilledAtNextBackup: {
    ...{ cache: "same", backup: "update", takesOver: true },
    // Of the earlier backup, one for each shard.
    writes: ["DeleteBackup", "DeleteBackup"],
  },
};

const recorded = readdirSync(STATES).flatMap((version) =>
  recordedNames(version).map((name) => [version, name] as const),
);

function nameOf({ urn }: { readonly urn: string }): string {
  return urn.split("::").at(-1) ?? "";
}

/** Values in clear become digests there. */
function withoutDelivered({ outputs, ...held }: Readonly<Held>): object {
  return { ...held, outputs: { ...outputs, __delivered: undefined } };
}

function kindOf(steps: readonly Step[], name: string): Step["kind"] {
  return steps.find((step) => nameOf(step) === name)?.kind ?? "same";
}

function writesAt({ vendor }: RecordedStack): string[] {
  return vendor.actions().filter((action) => /^(Create|Delete)/.test(action));
}

function instanceIds({ vendor }: RecordedStack): string[] {
  return vendor.api.store.instances().map(({ instanceUuid }) => instanceUuid);
}

function heldIds({ model }: RecordedStack, type: string): string[] {
  return model.held.filter(({ urn }) => urn.includes(`:${type}::`)).map(({ id }) => id);
}

/** The ids of all entries of a backup, and of its earlier ones. */
function entryIds({ outputs }: Readonly<Held>): string[] {
  type Entries = readonly { readonly backupId: string }[];
  const { entries = [], earlier = [] } = outputs as {
    entries?: Entries;
    earlier?: readonly { readonly entries: Entries }[];
  };
  return [entries, ...earlier.map((backup) => backup.entries)]
    .flat()
    .map(({ backupId }) => backupId);
}

/** The stack holds each instance and backup of the vendor's once, and no note is left. */
function expectNothingLeaked(stack: RecordedStack): void {
  expect(heldIds(stack, "RedisInstance").sort()).toEqual(instanceIds(stack).sort());
  const { store } = stack.vendor.api;
  expect(stack.model.held.flatMap(entryIds).sort()).toEqual(
    store
      .backups()
      .map(({ backupId }) => backupId)
      .sort(),
  );
  expect([...stack.stack.noted.values()]).toEqual([]);
}

/** Runs `pulumi up` of the recorded program, and expects what it does. */
async function expectUp(stack: RecordedStack, expected: Expected): Promise<void> {
  const { vendor, model, program, host } = stack;
  const before = instanceIds(stack);
  const { steps, failures } = await model.up(host(), program);
  expect(failures).toEqual([]);
  expect({ cache: kindOf(steps, "cache"), backup: kindOf(steps, "backup") }).toEqual({
    cache: expected.cache,
    backup: expected.backup,
  });
  expect(writesAt(stack).sort()).toEqual([...expected.writes].sort());
  if (expected.cache !== "replace") expect(instanceIds(stack)).toEqual(before);
  expect(vendor.warnings.join("\n").includes("took over")).toBe(expected.takesOver === true);
  expectNothingLeaked(stack);
}

test("every recorded state is tried here", () => {
  expect(recordedNames(FINAL).sort()).toEqual(Object.keys(EXPECTED).sort());
});

describe.each(recorded)("state of release %s, %s", (version, name) => {
  const expected = EXPECTED[name] ?? NOTHING;
  let stack: RecordedStack;
  beforeEach(async () => {
    stack = await recordedStack(version, name);
  });

  test("preview tells what up does, and changes nothing", () =>
    inVirtualTime(async () => {
      const { vendor, model, program, host } = stack;
      const before = vendor.api.store.snapshot();
      const steps = await model.preview(host(), program);
      expect(kindOf(steps, "cache")).toBe(expected.cache);
      expect(kindOf(steps, "backup")).toBe(expected.backup);
      expect(steps.filter((step) => !["cache", "backup"].includes(nameOf(step)))).toEqual([]);
      expect(vendor.api.store.snapshot()).toEqual(before);
    }));

  test("up leaves nothing to do, and destroy nothing at the vendor", () =>
    inVirtualTime(async () => {
      const { vendor, model, program, host } = stack;
      await expectUp(stack, expected);
      const { steps, failures } = await model.refresh(host());
      expect(failures).toEqual([]);
      expect(steps.every(({ kind }) => kind === "read")).toBe(true);
      expect(await model.preview(host(), program)).toEqual([]);
      const saved = model.held.filter(({ outputs }) => outputs["finalBackup"] !== undefined);
      expect((await model.destroy(host())).failures).toEqual([]);
      expect(vendor.api.store.snapshot()).toMatchObject({ instances: [], backups: [] });
      expect(vendor.fetches).toHaveLength(saved.length);
    }));

  test("refresh keeps what is there", () =>
    inVirtualTime(async () => {
      const { model, host } = stack;
      const before = structuredClone(model.held);
      expect((await model.refresh(host())).failures).toEqual([]);
      expect(model.held.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
      if (expected === NOTHING)
        expect(model.held.map(withoutDelivered)).toMatchObject(before.map(withoutDelivered));
    }));
});

describe("orders of killed runs", () => {
  const killed = Object.entries(EXPECTED).filter(([, { takesOver }]) => takesOver);
  const recordedByEngine = killed.filter(([name]) => name !== "hostKilledAtInstance");

  test.each(killed)(
    "%s: the note on disk is proof without the engine's record",
    async (name, expected) => {
      const stack = await recordedStack(FINAL, name);
      stack.stack.creating.length = 0;
      await inVirtualTime(() => expectUp(stack, expected));
    },
  );

  test.each(recordedByEngine)(
    "%s: the engine's record is proof without a note",
    async (name, expected) => {
      const stack = await recordedStack(FINAL, name);
      stack.stack.noted.clear();
      await inVirtualTime(() => expectUp(stack, expected));
    },
  );

  test.each(killed)("%s: the note says what was ordered, and nothing secret", async (name) => {
    const notes = await recordedNotes(FINAL, name);
    const { stack, model, program } = await recordedStack(FINAL, name);
    expect(notes).toEqual([
      {
        token: expect.stringMatching(/^[0-9a-f]{12}(-[0-9a-f]{8})?$/) as string,
        urn: expect.stringMatching(/::(cache|backup)$/) as string,
        provider: stack.provider,
        owner: { endpoint: "http://127.0.0.1:1", key: "d2f9eb22" },
        inputs: expect.any(Object) as object,
      },
    ]);
    expect(program.map(({ urn }) => urn)).toContain(notes[0]?.urn);
    const [instance] = model.held;
    const { instanceId = instance?.id } = notes[0]?.inputs ?? {};
    expect(instanceId).toBe(instance?.id);
    for (const secret of Object.values(FAKE_SECRETS))
      expect(JSON.stringify(notes)).not.toContain(secret);
  });

  test.each(["cliKilledAtBackup", "cliKilledAtNextBackup"])(
    "%s: a run that doesn't take over names the order",
    async (name) => {
      const { stack, model, vendor, host } = await recordedStack(FINAL, name);
      const [token = "no note"] = stack.noted.keys();
      await inVirtualTime(() => model.refresh(host()));
      expect(vendor.warnings.join("\n")).toContain(token);
      expect(stack.noted.has(token)).toBe(true);
    },
  );
});

test.each(["tookOver", "replacedAfterTakeOver"])(
  "%s: a replacement is another instance, at once, though the engine goes on recording settled orders",
  async (name) => {
    const stack = await recordedStack(FINAL, name);
    const { vendor, model, program, host } = stack;
    expect(stack.stack.creating).toHaveLength(2);
    await inVirtualTime(async () => {
      const [old] = instanceIds(stack);
      const cache = program.map(({ urn }) => urn).filter((urn) => urn.endsWith("::cache"));
      const { failures } = await model.up(host(), program, cache);
      expect(failures).toEqual([]);
      // A look for an unfinished order takes two minutes.
      expect(vendor.reports.join("\n")).not.toContain("looking for");
      expect(writesAt(stack).filter((action) => action === "CreateDBInstance")).toHaveLength(1);
      expect(instanceIds(stack)).not.toContain(old);
      expect(vendor.warnings.join("\n")).not.toContain("took over");
      expectNothingLeaked(stack);
    });
  },
);
