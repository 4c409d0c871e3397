import { partlyMade } from "../engineRun";
import { emulatedVendor } from "../emulatedVendor";
import { FakeStack } from "../fakeStack";
import { CLUSTER, SINGLE } from "../provider/backups";
import { instanceUrn, type Bag } from "../provider/orders";
import { StackModel, type Declared, type Program } from "../stackModel";
import { inVirtualTime } from "../virtualTime";
import { both } from "./backupOperations";
import { cache } from "./instanceOperations";
import { BACKUP_LISTS, BACKUP_ORDER, DELETE, LISTS, ORDER } from "./operations";
import { LIMITS, Scene } from "./scene";

// What got through release 0.1.0: faults that last, come together, or hit more than one run.

const USERS_NAME = { instanceName: "mine" };
/** The limits of the provider itself. */
const UNLIMITED = { __timeouts: undefined };
const HASTY = { __timeouts: { ...LIMITS, create: "10s", update: "10s" } };
/** Advice by which something leaves the state, or the vendor. */
const TO_DROP = /pulumi refresh|state delete|[Dd]elete (it|them|there|what)|no stack holds/;

function postsOf(scene: Scene, action: string): number {
  return scene.writes.filter((write) => write.action === action).length;
}

function only(scene: Scene): string {
  const [held, ...others] = scene.model.held;
  if (held === undefined || others.length > 0) throw new Error("the stack does not hold one");
  return held.id;
}

/** The warnings and errors of a task. */
async function toldIn(scene: Scene, task: () => Promise<unknown>): Promise<string> {
  const before = scene.told().length;
  await task();
  return scene.told().slice(before);
}

/** All is deleted at the end, and nothing was ordered twice. */
async function endsClean(scene: Scene, orders = 1): Promise<void> {
  expect(postsOf(scene, ORDER)).toBe(orders);
  await scene.prepared([]);
  expect(scene.model.held).toEqual([]);
  expect(scene.billed()).toEqual([]);
}

/** Somebody, or the vendor by mistake, makes another instance just like this one. */
function makeTwin(scene: Scene, id: string): string {
  const { store } = scene.vendor.api;
  const instance = store.findInstance(id);
  if (instance === undefined) throw new Error(`no instance ${id}`);
  const [twin = ""] = store.createInstances({ ...instance, isCluster: true }, 1);
  return twin;
}

describe("an order that no list shows yet is not gone (row 1)", () => {
  test("listed 60 seconds late: waited for", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      scene.vendor.faults.add({ kind: "late-entry", action: ORDER, seconds: 60, byId: true });
      const told = await toldIn(scene, () => scene.prepared([cache()]));
      expect(told).not.toMatch(TO_DROP);
      await endsClean(scene);
    }));

  test("listed after the deadline: kept with its id, without advice to drop it; the next up goes on", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      scene.vendor.faults.add({ kind: "late-entry", action: ORDER, seconds: 120, byId: true });
      const { failures } = await scene.model.up(scene.host(), [cache(HASTY)]);
      expect(partlyMade(failures[0]?.error)?.id).toBe(scene.billed()[0]?.id);
      expect(String(failures[0]?.error)).toContain("`pulumi up`");
      await scene.model.refresh(scene.host());
      expect(only(scene)).toBe(scene.billed()[0]?.id);
      expect(scene.told()).not.toMatch(TO_DROP);
      await scene.prepared([cache()]);
      await endsClean(scene);
    }));

  test.each([20, 60])("lists that lag %i seconds: a whole life without a loss", (listLagSeconds) =>
    inVirtualTime(async () => {
      const scene = new Scene({ listLagSeconds });
      await scene.prepared([cache(UNLIMITED)]);
      const id = only(scene);
      const { steps } = await scene.model.refresh(scene.host());
      expect(steps.map(({ kind }) => kind)).toEqual(["read"]);
      expect(only(scene)).toBe(id);
      expect(scene.told()).not.toMatch(TO_DROP);
      await endsClean(scene);
    }),
  );

  // The state takes the spelling of the last list over, and the vendor may know an id only as it told it first.
  test.failing("lists with ids in upper case: a whole life of an instance and a backup", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared(both(SINGLE)());
      for (const action of [LISTS, BACKUP_LISTS])
        scene.vendor.faults.add({ kind: "upper-case-ids", action, times: "always" });
      const { steps } = await scene.model.refresh(scene.host());
      expect(steps.map(({ kind }) => kind)).toEqual(["read", "read"]);
      expect(await scene.model.preview(scene.host(), both(SINGLE)())).toEqual([]);
      expect(scene.told()).not.toMatch(TO_DROP);
      // Deleted under the ids by which the vendor told them first: it may know no other spelling.
      await endsClean(scene);
    }),
  );

  test("a backup taken while lists have ids in upper case", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([cache(SINGLE)]);
      const fault = { kind: "upper-case-ids", action: BACKUP_LISTS } as const;
      scene.vendor.faults.add({ ...fault, call: 2, times: "always" });
      await scene.prepared(both(SINGLE)());
      const { steps } = await scene.model.refresh(scene.host());
      expect(steps.map(({ kind }) => kind)).toEqual(["read", "read"]);
      scene.vendor.faults.clear();
      await scene.model.refresh(scene.host());
      expect(await scene.model.preview(scene.host(), both(SINGLE)())).toEqual([]);
      expect(postsOf(scene, BACKUP_ORDER)).toBe(1);
      expect(scene.leaked()).toEqual([]);
    }));

  test("ordered while lists have ids in upper case", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      scene.vendor.faults.add({ kind: "upper-case-ids", action: LISTS, times: "always" });
      await scene.prepared([cache()]);
      await scene.model.refresh(scene.host());
      expect(only(scene)).toBe(scene.billed()[0]?.id);
      await endsClean(scene);
    }));

  test("lists cut short, which lack it for ever: found by its id", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      scene.vendor.faults.add({ kind: "hidden-entries", action: LISTS, times: "always" });
      await scene.prepared([cache()]);
      const { steps } = await scene.model.refresh(scene.host());
      expect(steps.map(({ kind }) => kind)).toEqual(["read"]);
      expect(await scene.model.preview(scene.host(), [cache()])).toEqual([]);
      expect(scene.told()).not.toMatch(TO_DROP);
      await endsClean(scene);
    }));

  test("nothing shows it for ever: waited for to the deadline, and kept", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      scene.vendor.faults.add({ kind: "empty-list", action: LISTS, times: "always" });
      const start = Date.now();
      const { failures } = await scene.model.up(scene.host(), [cache()]);
      expect(Date.now() - start).toBeGreaterThanOrEqual(200_000);
      expect(partlyMade(failures[0]?.error)?.id).toBe(scene.billed()[0]?.id);
      expect(scene.told()).not.toMatch(TO_DROP);
      scene.vendor.faults.clear();
      await scene.prepared([cache()]);
      await endsClean(scene);
    }));
});

describe("a final backup while lists lack the live instance (row 2)", () => {
  const saved = cache({ ...SINGLE, finalBackup: true, ...UNLIMITED });

  test.each(["hidden-entries", "empty-list"] as const)("%s: it is saved, then deleted", (kind) =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([saved]);
      scene.vendor.faults.add({ kind, action: LISTS, times: "always" });
      await scene.prepared([]);
      expect(scene.vendor.fetches).toHaveLength(1);
      expect(postsOf(scene, DELETE)).toBe(1);
      expect(scene.billed()).toEqual([]);
    }),
  );

  test("one that is really gone: success, and a warning that names it", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([saved]);
      const id = only(scene);
      scene.vendor.api.store.removeInstance(id);
      const told = await toldIn(scene, () => scene.prepared([]));
      expect(told).toContain(id);
      expect(scene.model.held).toEqual([]);
      expect(postsOf(scene, DELETE)).toBe(0);
    }));

  test("the backup's 404 alone proves nothing: an error, the state kept, and the variable named", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([saved]);
      const id = only(scene);
      scene.vendor.faults.add({ kind: "http-404", action: BACKUP_ORDER, times: "always" });
      scene.vendor.faults.add({ kind: "hidden-entries", action: LISTS, times: "always" });
      const { failures } = await scene.model.up(scene.host(), []);
      expect(String(failures[0]?.error)).toContain("CDS_SKIP_FINAL_BACKUP");
      expect(only(scene)).toBe(id);
      expect(postsOf(scene, DELETE)).toBe(0);
    }));

  test.each(["http-500", "html", "reset"] as const)(
    "%s for ever: an error, the state kept",
    (kind) =>
      inVirtualTime(async () => {
        const scene = new Scene();
        await scene.prepared([saved]);
        const id = only(scene);
        scene.vendor.faults.add({ kind, action: BACKUP_ORDER, times: "always" });
        scene.vendor.faults.add({ kind: "empty-list", action: LISTS, times: "always" });
        const { failures } = await scene.model.up(scene.host(), []);
        expect(String(failures[0]?.error)).toContain("CDS_SKIP_FINAL_BACKUP");
        expect(only(scene)).toBe(id);
        expect(postsOf(scene, DELETE)).toBe(0);
        expect(scene.leaked()).toEqual([]);
      }),
  );

  test("without a final backup the delete is sent whatever the lists say", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([cache()]);
      scene.vendor.faults.add({ kind: "empty-list", action: LISTS, times: "always" });
      await scene.prepared([]);
      expect(postsOf(scene, DELETE)).toBe(1);
      expect(scene.billed()).toEqual([]);
    }));
});

describe("a refresh while lists lack the live instance (row 3)", () => {
  test("the vendor knows its id: it stays, however long the lists lack it", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([cache()]);
      scene.vendor.faults.add({ kind: "hidden-entries", action: LISTS, times: "always" });
      const { steps } = await scene.model.refresh(scene.host());
      expect(steps.map(({ kind }) => kind)).toEqual(["read"]);
      expect(await scene.model.preview(scene.host(), [cache()])).toEqual([]);
      await endsClean(scene);
    }));

  test("neither lists nor the query by its id show it: dropped, with a warning that names it", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([cache()]);
      const id = only(scene);
      scene.vendor.faults.add({ kind: "empty-list", action: LISTS, times: "always" });
      const start = Date.now();
      const told = await toldIn(scene, () => scene.model.refresh(scene.host()));
      expect(Date.now() - start).toBeGreaterThanOrEqual(30_000);
      expect(told).toContain(id);
      expect(scene.model.held).toEqual([]);
      expect(scene.leaked()).toEqual([]);
    }));

  test("a query by the id that fails keeps it", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([cache()]);
      const { faults } = scene.vendor;
      faults.add({ kind: "hidden-entries", action: LISTS, forSeconds: 60 });
      // Those that fail are the queries by id: lists are hit by the first fault.
      faults.add({ kind: "http-500", action: LISTS, times: "always" });
      const { failures } = await scene.model.refresh(scene.host());
      expect(failures).toHaveLength(1);
      expect(scene.model.held).toHaveLength(1);
    }));

  test("fifty that are gone cost one window of 30 seconds", () =>
    inVirtualTime(async () => {
      const scene = new Scene({ deliverySeconds: 0 });
      const fifty: Program = Array.from({ length: 50 }, (_one, index) => named(`cache${index}`));
      await scene.prepared(fifty);
      const ids = scene.model.held.map(({ id }) => id);
      for (const id of ids) scene.vendor.api.store.removeInstance(id);
      const start = Date.now();
      const told = await toldIn(scene, () => scene.model.refresh(scene.host()));
      expect(Date.now() - start).toBeLessThan(45_000);
      expect(scene.model.held).toEqual([]);
      expect(ids.filter((id) => !told.includes(id))).toEqual([]);
    }));
});

function named(name: string, change: Bag = {}): Declared {
  const urn = instanceUrn(name);
  return { ...cache({ __urn: urn, ...change }), urn };
}

describe("a refusal after the order was carried out (row 4)", () => {
  const refusals = ["http-403-gateway", "http-403", "http-401", "doubled-request"] as const;
  const all = [...refusals, "doubled-request-400"] as const;

  test.each(all.flatMap((kind) => [0, 4, 10].map((lag) => [kind, lag] as const)))(
    "%s, lists %i seconds late: one order, and it is in the state",
    (kind, listLagSeconds) =>
      inVirtualTime(async () => {
        const scene = new Scene({ listLagSeconds });
        scene.vendor.faults.add({ kind, action: ORDER, when: "after" });
        await scene.prepared([cache()]);
        expect(only(scene)).toBe(scene.billed()[0]?.id);
        await endsClean(scene);
      }),
  );

  test.each(all)("%s, lists two minutes late: named, and the next up takes it over", (kind) =>
    inVirtualTime(async () => {
      const scene = new Scene({ listLagSeconds: 120 });
      scene.vendor.faults.add({ kind, action: ORDER, when: "after" });
      await scene.model.up(scene.host(), [cache(UNLIMITED)]);
      expect(scene.leaked()).toEqual([]);
      await scene.prepared([cache(UNLIMITED)]);
      expect(only(scene)).toBe(scene.billed()[0]?.id);
      await endsClean(scene);
    }),
  );

  test.each(all)(
    "%s of a backup, lists 10 seconds late: one backup, and it is in the state",
    (kind) =>
      inVirtualTime(async () => {
        const scene = new Scene({ listLagSeconds: 10 });
        await scene.prepared([cache(SINGLE)]);
        scene.vendor.faults.add({ kind, action: BACKUP_ORDER, when: "after" });
        await scene.prepared(both(SINGLE)());
        expect(postsOf(scene, BACKUP_ORDER)).toBe(1);
        expect(scene.leaked()).toEqual([]);
        await endsClean(scene);
      }),
  );

  test.each(refusals.slice(0, 3))(
    "%s before it was carried out: the note stays, and the next up settles it with one order",
    (kind) =>
      inVirtualTime(async () => {
        const scene = new Scene();
        scene.vendor.faults.add({ kind, action: ORDER, when: "before" });
        const { failures } = await scene.model.up(scene.host(), [cache()]);
        expect(failures).toHaveLength(1);
        expect(scene.vendor.stack.noted.size).toBe(1);
        await scene.prepared([cache()]);
        expect(scene.billed()).toHaveLength(1);
        expect(scene.vendor.stack.noted.size).toBe(0);
        expect(await scene.model.preview(scene.host(), [cache()])).toEqual([]);
        await endsClean(scene, 2);
      }),
  );

  test("with another key the next up names the note and goes on", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      scene.vendor.faults.add({ kind: "http-403-gateway", action: ORDER });
      await scene.model.up(scene.host(), [cache()]);
      const [note = ""] = scene.vendor.stack.noted.keys();
      const accessKeyId = "another-key";
      const { stack, api } = scene.vendor;
      const later = emulatedVendor({ accessKeyId }, api.store.snapshot());
      // The next mark is another one.
      for (let used = 0; used < 10; used += 1) later.host().randomHex(1);
      const host = later.host({ "cds:accessKeyId": accessKeyId }, stack);
      expect((await scene.model.up(host, [cache()])).failures).toEqual([]);
      expect(later.warnings.join("\n")).toContain(stack.journal.place(note));
      expect(later.api.store.instances().map(({ instanceUuid }) => instanceUuid)).toEqual([
        only(scene),
      ]);
    }));
});

describe("two instances for one order (row 5)", () => {
  test("the wait ends early: the next up names the twin", () =>
    inVirtualTime(async () => {
      const scene = new Scene({ deliverySeconds: 30 });
      await scene.model.up(scene.host(), [cache(HASTY)]);
      const twin = makeTwin(scene, only(scene));
      const told = await toldIn(scene, () => scene.prepared([cache()]));
      expect(told).toContain(twin);
      expect(scene.leaked()).toEqual([]);
    }));

  test.each(["http-409", "http-429", "reset", "http-403-gateway", "no-id"] as const)(
    "the order is answered with %s, both are listed, and the wait ends early: both are named",
    (kind) =>
      inVirtualTime(async () => {
        const scene = new Scene({ deliverySeconds: 600 });
        scene.vendor.faults.add({ kind, action: ORDER, when: "after" });
        const ordering = scene.model.up(scene.host(), [cache()]);
        await until(() => scene.billed().length > 0);
        makeTwin(scene, scene.billed()[0]?.id ?? "");
        expect((await ordering).failures).toHaveLength(1);
        expect(scene.leaked()).toEqual([]);
        expect(postsOf(scene, ORDER)).toBe(1);
        const told = await toldIn(scene, () => scene.model.up(scene.host(), [cache()]));
        expect(scene.billed().filter(({ id }) => id !== only(scene) && !told.includes(id))).toEqual(
          [],
        );
      }),
  );

  test("with a name of the user's: named in a warning, and nobody is told to delete it", () =>
    inVirtualTime(async () => {
      const scene = new Scene({ deliverySeconds: 30 });
      await scene.model.up(scene.host(), [cache({ ...USERS_NAME, ...HASTY })]);
      const twin = makeTwin(scene, only(scene));
      const told = await toldIn(scene, () => scene.prepared([cache(USERS_NAME)]));
      expect(told).toContain(twin);
      expect(told).not.toMatch(TO_DROP);
    }));
});

/** Waits for something that others do. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe("two stacks that order one name at once, while lists are late (row 6)", () => {
  /** Both stacks order; gives what each was told. */
  async function atOnce(scene: Scene, other: StackModel): Promise<[string, string]> {
    const mine = cache(USERS_NAME);
    const warned = scene.vendor.warnings;
    const runs = await Promise.all([
      scene.model.up(scene.host(), [mine]),
      other.up(scene.vendor.host({}, other.stack), [mine]),
    ]);
    const [one = "", two = ""] = runs.map(({ failures }) =>
      [...failures.map(({ error }) => String(error)), ...warned].join("\n"),
    );
    return [one, two];
  }

  test.each([5, 40])(
    "lists %i seconds late: each has its own, and nobody is told to delete",
    (lag) =>
      inVirtualTime(async () => {
        const scene = new Scene({ listLagSeconds: lag });
        const other = new StackModel(new FakeStack("another stack's provider"));
        const told = await atOnce(scene, other);
        const ids = [...scene.model.held, ...other.held].map(({ id }) => id);
        expect(new Set(ids)).toEqual(new Set(scene.billed().map(({ id }) => id)));
        expect(ids).toHaveLength(2);
        for (const text of told) expect(text).not.toMatch(TO_DROP);
      }),
  );

  test.each([5, 40])(
    "a vendor that answers no ids, lists %i seconds late: what can't be told apart is said so",
    (lag) =>
      inVirtualTime(async () => {
        const scene = new Scene({ listLagSeconds: lag, edition: "first" });
        const other = new StackModel(new FakeStack("another stack's provider"));
        const told = await atOnce(scene, other);
        expect(postsOf(scene, ORDER)).toBe(2);
        const held = [...scene.model.held, ...other.held].map(({ id }) => id);
        // Neither stack holds what the other one holds.
        expect(new Set(held).size).toBe(held.length);
        for (const { id } of scene.billed())
          if (!held.includes(id)) for (const text of told) expect(text).toContain(id);
        for (const text of told) expect(text).not.toMatch(/no stack holds/);
        // Which of them to take over nobody can say.
        const again = await toldIn(scene, () => scene.model.up(scene.host(), [cache(USERS_NAME)]));
        for (const { id } of scene.billed()) {
          expect(again).toContain(id);
          expect(again).not.toContain(`import: "${id}"`);
        }
      }),
  );

  test("no ids, and one of the two is listed later: told that it was found by its name alone", () =>
    inVirtualTime(async () => {
      const scene = new Scene({ edition: "first" });
      const other = new StackModel(new FakeStack("another stack's provider"));
      scene.vendor.faults.add({ kind: "late-entry", action: ORDER, seconds: 40 });
      await atOnce(scene, other);
      const ids = [...scene.model.held, ...other.held].map(({ id }) => id);
      const notes = scene.vendor.warnings.filter((text) => text.includes("by its name alone"));
      expect(notes.filter((text) => ids.some((id) => text.includes(id)))).toHaveLength(2);
    }));
});

describe("a CLI that was killed after the order (row 7)", () => {
  test("a refresh, and an up without it, say to run `pulumi up` first, and name it", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([named("queue")]);
      await scene.interrupted([named("queue"), cache()], ORDER, "cli");
      const [made] = scene.billed().filter(({ id }) => !scene.heldIds().has(id));
      for (const act of [
        () => scene.model.refresh(scene.host()),
        () => scene.model.up(scene.host(), [named("queue")]),
      ]) {
        const told = await toldIn(scene, act);
        expect(told).toContain("Run `pulumi up` first");
        expect(told).toContain(made?.mark);
      }
    }));

  test("the record cleared on the same machine: the note proves it, and up takes it over", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.interrupted([cache()], ORDER, "cli");
      scene.model.clearPendingCreates();
      await scene.model.refresh(scene.host());
      await scene.prepared([cache()]);
      expect(only(scene)).toBe(scene.billed()[0]?.id);
      await endsClean(scene);
    }));
});

describe("delivered otherwise than ordered (row 8)", () => {
  test.each([
    ["other-size", "ramGb 16 instead of 8"],
    ["other-version", "version 4.0 instead of 5.0"],
    ["other-port", "port 9737 instead of 9736"],
  ] as const)("%s: told at create and at each refresh, and replaced by nobody", (kind, text) =>
    inVirtualTime(async () => {
      const scene = new Scene();
      scene.vendor.faults.add({ kind, action: ORDER });
      expect(await toldIn(scene, () => scene.prepared([cache()]))).toContain(text);
      expect(await toldIn(scene, () => scene.model.refresh(scene.host()))).toContain(text);
      expect(await toldIn(scene, () => scene.model.refresh(scene.host()))).toContain(text);
      expect(await scene.model.preview(scene.host(), [cache()])).toEqual([]);
      await endsClean(scene);
    }),
  );
});

describe("a status that is not RUNNING (row 9)", () => {
  test.each(["ERROR", "STOPPED"])(
    "%s: told at refresh, and at up from the recorded status",
    (status) =>
      inVirtualTime(async () => {
        const scene = new Scene();
        await scene.prepared([cache()]);
        scene.vendor.api.store.changeInstance(only(scene), { status });
        expect(await toldIn(scene, () => scene.model.refresh(scene.host()))).toContain(status);
        expect(await toldIn(scene, () => scene.model.up(scene.host(), [cache()]))).toContain(
          status,
        );
        expect(postsOf(scene, ORDER)).toBe(1);
        scene.vendor.api.store.changeInstance(only(scene), { status: "RUNNING" });
        await scene.model.refresh(scene.host());
        expect(await toldIn(scene, () => scene.prepared([cache()]))).toBe("");
      }),
  );
});

describe("lists with odd entries (rows 12, 13 and 15)", () => {
  test.each(["newer", "first"] as const)("each entry twice, answers of the %s edition", (edition) =>
    inVirtualTime(async () => {
      const scene = new Scene({ edition });
      for (const action of [LISTS, BACKUP_LISTS])
        scene.vendor.faults.add({ kind: "doubled-entries", action, times: "always" });
      await scene.prepared(both(CLUSTER)());
      expect(scene.heldIds().size).toBe(1 + 5);
      await scene.model.refresh(scene.host());
      expect(await scene.model.preview(scene.host(), both(CLUSTER)())).toEqual([]);
      expect(scene.told()).not.toMatch(TO_DROP);
      await endsClean(scene);
    }),
  );

  test("another's entry with empty fields hides nothing", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([named("other")]);
      const id = only(scene);
      scene.foreign.add(id);
      scene.model.forget(instanceUrn("other"));
      scene.vendor.faults.add({ kind: "odd-entry", action: LISTS, times: "always", id });
      await scene.prepared([cache()]);
      expect(scene.model.held).toHaveLength(1);
      await scene.model.refresh(scene.host());
      expect(await scene.model.preview(scene.host(), [cache()])).toEqual([]);
      await endsClean(scene, 2);
    }));

  test("its own entry with empty fields: what can't be read is no drift", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([cache()]);
      scene.vendor.faults.add({ kind: "odd-entry", action: LISTS, times: "always" });
      await scene.model.refresh(scene.host());
      expect(await scene.model.preview(scene.host(), [cache()])).toEqual([]);
      await endsClean(scene);
    }));

  test("an empty list that is null: the first order of an account, and the first backup", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      for (const action of [LISTS, BACKUP_LISTS])
        scene.vendor.faults.add({ kind: "null-empty-list", action, times: "always" });
      await scene.prepared(both(SINGLE)());
      expect(scene.model.held).toHaveLength(2);
      await scene.model.refresh(scene.host());
      await endsClean(scene);
    }));
});

describe("a cluster's final backup with a shard that is listed late (row 16)", () => {
  test.each([20, 45])("%i seconds: all files are saved, and their number is told", (seconds) =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([cache({ ...CLUSTER, finalBackup: true, ...UNLIMITED })]);
      scene.vendor.faults.add({ kind: "late-entry", action: BACKUP_ORDER, shard: 5, seconds });
      const told = await toldIn(scene, () => scene.prepared([]));
      expect(scene.vendor.fetches.map(({ entries }) => entries.length)).toEqual([5]);
      expect(told).toContain("5 files");
      expect(told).toContain("does not tell how many shards");
      expect(scene.billed()).toEqual([]);
    }),
  );
});
