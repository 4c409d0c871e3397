// Faults that come where two mechanisms meet: each of the two may do what it should alone,
// and these rules must hold of both together.

import { runtime } from "@pulumi/pulumi";

import { emulatedVendor, type EmulatedVendor, type Kill } from "../emulatedVendor";
import { partlyMade, type Failure } from "../engineRun";
import { BACKUP_TYPE } from "../face";
import { FakeStack } from "../fakeStack";
import { CLUSTER, ids, SINGLE, storedIds, withInstance } from "../provider/backups";
import { only, twinOf as twinOfInstance } from "../provider/observed";
import {
  answerInstead,
  backupLife,
  backupOrder,
  failureOf,
  instanceLife,
  instanceUrn,
  jsonAnswer,
  order,
  type Bag,
} from "../provider/orders";
import type { Declared } from "../stackModel";
import { inVirtualTime } from "../virtualTime";
import { both } from "./backupOperations";
import { cache } from "./instanceOperations";
import { BACKUP_DELETE, BACKUP_LISTS, BACKUP_ORDER, LISTS, ORDER } from "./operations";
import { LIMITS, Scene, type Billed } from "./scene";

const CACHE = instanceUrn("cache");
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** The limits of the provider itself. */
const UNLIMITED = { __timeouts: undefined };
const NOT_HELD = "no stack holds them";
/** A value that the engine has encrypted. */
const ENCRYPTED = { [runtime.specialSigKey]: runtime.specialSecretSig, ciphertext: "v1:x" };

afterEach(() => {
  jest.restoreAllMocks();
});

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Resolves when the host of the task dies. */
async function dies(
  vendor: EmulatedVendor,
  kill: Kill,
  task: () => Promise<unknown>,
): Promise<void> {
  const killed = new Promise<void>((resolve) => {
    vendor.killAt(kill, resolve);
  });
  task().catch(() => undefined);
  await killed;
}

function messages(failures: readonly Failure[]): string[] {
  return failures.map(({ error }) => String(error));
}

function actions(scene: Scene): string[] {
  return scene.writes.map(({ action }) => action);
}

function idsHeld(scene: Scene): string[] {
  return scene.model.held.map(({ id }) => id.toLowerCase());
}

function another(change: Bag): Declared {
  const urn = instanceUrn("two");
  return { ...cache({ __urn: urn, ...change }), urn };
}

describe("a busy refusal near the deadline", () => {
  test("of an order that was carried out and listed too late: the next up takes it over", () =>
    inVirtualTime(async () => {
      const scene = new Scene({ listLagSeconds: 25 });
      scene.vendor.faults.add({ kind: "http-409", action: ORDER, when: "after" });
      const short = cache({ __timeouts: { ...LIMITS, create: "20s" } });
      const { failures } = await scene.model.up(scene.host(), [short]);
      expect(messages(failures)).toEqual([expect.stringContaining("is not known")]);
      expect(scene.vendor.stack.noted.size).toBe(1);
      await scene.prepared([cache(UNLIMITED)]);
      expect(scene.billed()).toHaveLength(1);
      expect(scene.leaked()).toEqual([]);
    }));

  test("of a backup that was carried out and listed too late: the next up takes it over", () =>
    inVirtualTime(async () => {
      const scene = new Scene({ listLagSeconds: 25 });
      const shape = { ...SINGLE, ...UNLIMITED };
      await scene.prepared([cache(shape)]);
      scene.vendor.faults.add({ kind: "http-409", action: BACKUP_ORDER, when: "after" });
      const short = both(shape, { __timeouts: { create: "20s" } });
      const { failures } = await scene.model.up(scene.host(), short());
      expect(failures).toHaveLength(1);
      expect(scene.vendor.stack.noted.size).toBe(1);
      await scene.prepared(both(shape, UNLIMITED)());
      expect(scene.billed()).toHaveLength(2);
      expect(scene.leaked()).toEqual([]);
    }));

  test("while the name is listed with another size: nobody says that nothing was ordered", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      vendor.faults.add({ kind: "other-size", action: ORDER });
      answerInstead(vendor.api, ORDER, (carryOut) => {
        carryOut();
        return jsonAnswer(409, { Code: "ResourceInUse", Data: {} });
      });
      const mine = order({ instanceName: "mine" });
      const error = await failureOf(instanceLife(vendor.host()).create(mine));
      expect(String(error)).not.toContain("Nothing was ordered");
      expect(String(error)).toContain(only(vendor.api).instanceUuid);
      expect(vendor.stack.noted.size).toBe(1);
    }));
});

describe("a refresh after a backup that was not finished", () => {
  test("while one shard alone was listed: the next up waits for the others", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([cache(CLUSTER)]);
      const [instance] = scene.billed();
      answerInstead(scene.vendor.api, BACKUP_LISTS, (carryOut) => {
        const { Data, ...others } = JSON.parse(carryOut().body) as { Data: Bag[] };
        return jsonAnswer(200, { ...others, Data: Data.slice(0, 1) });
      });
      const short = both(CLUSTER, { __timeouts: { create: "40s" } });
      const { failures } = await scene.model.up(scene.host(), short());
      expect(messages(failures)).toEqual([expect.stringContaining("not finished")]);
      await scene.model.refresh(scene.host());
      jest.restoreAllMocks();
      await scene.prepared(both(CLUSTER, UNLIMITED)());
      const held = ids(scene.model.held.at(-1)?.outputs["entries"]);
      expect(held.sort()).toEqual(storedIds(scene.vendor.api, instance?.id ?? "").sort());
      expect(scene.model.held.at(-1)?.outputs).not.toHaveProperty("__isUnfinished");
    }));

  test("while an earlier one could not be deleted: the next up deletes it", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared(both(SINGLE)());
      scene.vendor.faults.add({ kind: "http-403", action: BACKUP_DELETE, times: "always" });
      const next = both(SINGLE, { triggers: ["b"] });
      const { failures } = await scene.model.up(scene.host(), next());
      expect(messages(failures)).toEqual([expect.stringContaining("are not gone")]);
      await scene.model.refresh(scene.host());
      scene.vendor.faults.clear();
      await scene.prepared(next());
      expect(scene.vendor.api.store.backups()).toHaveLength(1);
    }));
});

test("a refresh of a cluster's backup that lost a shard says so, once", () =>
  inVirtualTime(async () => {
    const scene = new Scene();
    await scene.prepared(both(CLUSTER)());
    const [shard = ""] = ids(scene.model.held.at(-1)?.outputs["entries"]);
    scene.vendor.api.store.removeBackup(shard);
    await scene.model.refresh(scene.host());
    await scene.model.refresh(scene.host());
    const said = scene.vendor.warnings.filter((text) => text.includes(`has lost ${shard}`));
    expect(said).toHaveLength(1);
    expect(ids(scene.model.held.at(-1)?.outputs["entries"])).toHaveLength(4);
  }));

describe("private values and the digests of them", () => {
  test("a name that drifts, that a list then lacks, and that comes back is the ordered one", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id, outs } = await instanceLife(vendor.host()).create(
        order({ instanceName: "canary" }),
      );
      let state = outs;
      for (const instanceName of ["theirs", "", "canary"]) {
        vendor.api.store.changeInstance(id, { instanceName });
        state = (await instanceLife(vendor.host()).read(id, state)).props;
      }
      expect(state["instanceName"]).toBe("canary");
    }));

  test("taken over while the program says another network, which it then takes back: no replacement", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.interrupted([cache()], ORDER, "host");
      const { failures } = await scene.model.up(scene.host(), [cache({ vdcId: "vdc-2" })]);
      expect(messages(failures)).toEqual([expect.stringContaining("has changed since (vdcId)")]);
      const steps = await scene.model.preview(scene.host(), [cache()]);
      expect(steps.map(({ kind }) => kind)).not.toContain("replace");
    }));
});

describe("secrets in the engine's record, which alone proves an order", () => {
  test("an encrypted vdcId: taken over, and a later up orders nothing", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.interrupted([cache()], ORDER, "cli");
      const { noted, creating } = scene.vendor.stack;
      noted.clear();
      Object.assign(creating[0]?.inputs ?? {}, { vdcId: ENCRYPTED });
      await scene.prepared([cache()]);
      await scene.model.refresh(scene.host());
      await scene.prepared([cache()]);
      expect(actions(scene)).toEqual([ORDER]);
    }));

  test("an encrypted instanceId of a backup: taken over, not taken twice", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      const nightly = backupOrder(instanceId);
      await dies(vendor, { action: BACKUP_ORDER, when: "after" }, () =>
        backupLife(vendor.host()).create(nightly),
      );
      const { noted, creating } = vendor.stack;
      noted.clear();
      Object.assign(creating.at(-1)?.inputs ?? {}, { instanceId: ENCRYPTED });
      await backupLife(vendor.host()).create(nightly);
      expect(storedIds(vendor.api, instanceId)).toHaveLength(1);
    }));
});

describe("deletes of backups, and backups before a delete", () => {
  test("one entry of five is answered 404 while lists lack it: no entry is left behind", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared(both(CLUSTER)());
      // Deleted in the order of the state.
      const id = ids(scene.model.held.at(-1)?.outputs["entries"])[2] ?? "";
      const { faults } = scene.vendor;
      faults.add({ kind: "http-404", action: BACKUP_DELETE, call: 3 });
      faults.add({ kind: "hidden-entries", action: BACKUP_LISTS, id, forSeconds: 20 });
      await scene.model.up(scene.host(), [cache(CLUSTER)]);
      expect(scene.leaked()).toEqual([]);
    }));

  test("404 to all that is asked of backups, while the instance is listed: an error, and it is kept", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared(both(SINGLE)());
      for (const action of [BACKUP_DELETE, BACKUP_LISTS])
        scene.vendor.faults.add({ kind: "http-404", action, times: "always" });
      const { failures } = await scene.model.up(scene.host(), [cache(SINGLE)]);
      expect(failures).toHaveLength(1);
      expect(scene.model.held).toHaveLength(2);
      expect(scene.leaked()).toEqual([]);
    }));

  test("a final backup of one that was taken over running: nobody says that it was never ready", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 1 });
      const saved = order({ ...SINGLE, finalBackup: true });
      await dies(vendor, { action: ORDER, when: "after" }, () =>
        instanceLife(vendor.host()).create(saved),
      );
      await pause(MINUTE);
      const changed = { ...saved, port: 7000 };
      const made = partlyMade(await failureOf(instanceLife(vendor.host()).create(changed)));
      const { id = "", properties = {} } = made ?? {};
      vendor.api.store.changeInstance(id, { status: "MAINTAINING" });
      const deleting = instanceLife(vendor.host()).delete(id, properties);
      await pause(MINUTE);
      vendor.api.store.changeInstance(id, { status: "RUNNING" });
      await deleting;
      expect(vendor.warnings.join("\n")).not.toContain("was never ready");
      expect(vendor.fetches).toHaveLength(1);
    }));
});

describe("an import beside another import or a take-over, in one run", () => {
  /** A backup that another resource than the program's own imports. */
  function imported(instanceId: string, backupId: string): Declared {
    const urn = `urn:pulumi:dev::shop::${BACKUP_TYPE}::kept`;
    const __import = `${instanceId}/${backupId}`;
    const args = (): Bag => backupOrder(instanceId, { __import }, "kept");
    return { urn, dependsOn: [CACHE], args };
  }

  test("an instance that its resource takes over and another imports: one of them holds it", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.interrupted([cache()], ORDER, "host");
      const [made] = scene.billed();
      await scene.model.up(scene.host(), [another({ __import: made?.id }), cache()]);
      const held = idsHeld(scene);
      expect(held).toContain(made?.id);
      expect(new Set(held).size).toBe(held.length);
    }));

  test("a backup that its resource takes over and another imports: one of them holds it", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([cache(SINGLE)]);
      await scene.interrupted(both(SINGLE)(), BACKUP_ORDER, "host");
      await pause(MINUTE);
      const [backup] = scene.vendor.api.store.backups();
      const kept = imported(backup?.instanceUuid ?? "", backup?.backupId ?? "");
      await scene.model.up(scene.host(), both(SINGLE)().toSpliced(1, 0, kept));
      const held = idsHeld(scene);
      expect(held).toContain(`${backup?.instanceUuid ?? ""}/${backup?.backupId ?? ""}`);
      expect(new Set(held).size).toBe(held.length);
    }));

  test("one shard of a cluster's backup is imported: what prunes the others keeps all of it", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      const { store } = scene.vendor.api;
      await scene.prepared(both(CLUSTER)());
      await scene.interrupted(both(CLUSTER, { triggers: ["b"] })(), BACKUP_ORDER, "host");
      await pause(MINUTE);
      const begun = store.backups().filter(({ backupId }) => !scene.heldIds().has(backupId));
      expect(begun).toHaveLength(5);
      const kept = imported(begun[0]?.instanceUuid ?? "", begun[0]?.backupId ?? "");
      const [, ...backups] = both(CLUSTER, { triggers: ["c"], ...UNLIMITED })();
      const later = backups.map((one) => ({ ...one, dependsOn: [CACHE, kept.urn] }));
      await scene.prepared([cache(CLUSTER), kept, ...later]);
      const left = ids(store.backups());
      expect(begun.filter(({ backupId }) => !left.includes(backupId))).toEqual([]);
    }));

  test("two imports of one instance, the id in lower and in upper case: one of them holds it", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([cache()]);
      const { id = "" } = scene.model.held[0] ?? {};
      scene.model.forget(CACHE);
      const two = another({ __import: id.toUpperCase() });
      const { failures } = await scene.model.up(scene.host(), [cache({ __import: id }), two]);
      expect(failures).toHaveLength(1);
      expect(scene.model.held).toHaveLength(1);
    }));
});

test("of an import without instanceName, nobody says that no stack holds another of its name", () =>
  inVirtualTime(async () => {
    const scene = new Scene();
    await scene.prepared([cache()]);
    const { id = "" } = scene.model.held[0] ?? {};
    scene.vendor.api.store.changeInstance(id, { instanceName: "prod" });
    scene.model.forget(CACHE);
    twinOfInstance(scene.vendor.api, id);
    await scene.prepared([cache({ __import: id })]);
    expect(scene.vendor.warnings.join("\n")).not.toContain(NOT_HELD);
    expect(scene.vendor.warnings.join("\n")).toContain("of the name prod, too");
  }));

describe("a twin that the stack holds", () => {
  /** The one of two instances for one order that the stack does not hold. */
  function twinOf(scene: Scene): Billed {
    const [twin, ...others] = scene.billed().filter(({ id }) => !scene.heldIds().has(id));
    if (twin === undefined || others.length > 0) throw new Error("not one twin");
    return twin;
  }

  function importing({ id, mark }: Billed): Declared {
    return another({ __import: id, instanceName: mark });
  }

  test("imported after its first one was taken over: nobody says that no stack holds it", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      scene.vendor.faults.add({ kind: "two-ids", action: ORDER });
      await scene.interrupted([cache()], ORDER, "host");
      await scene.model.up(scene.host(), [cache()]);
      const two = importing(twinOf(scene));
      await scene.model.up(scene.host(), [cache(), two]);
      expect(scene.model.held).toHaveLength(2);
      scene.vendor.warnings.splice(0);
      await scene.prepared([cache({ finalBackup: true }), two]);
      expect(scene.vendor.warnings.join("\n")).not.toContain(NOT_HELD);
    }));

  test("imported in the run in which its first one is updated: nobody says that no stack holds it", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      scene.vendor.faults.add({ kind: "two-ids", action: ORDER });
      await scene.model.up(scene.host(), [cache()]);
      const two = importing(twinOf(scene));
      // The record may have been read before the import ended.
      const later = { ...cache({ finalBackup: true }), dependsOn: [two.urn] };
      await scene.model.up(scene.host(), [two, later]);
      expect(scene.model.held).toHaveLength(2);
      expect(scene.vendor.warnings.join("\n")).not.toContain(NOT_HELD);
    }));
});

describe("orders of elsewhere", () => {
  /** An order of which only a note tells, which names no stack: the record could not be read. */
  async function doubtfulOrder(): Promise<{ readonly stack: FakeStack; readonly name: string }> {
    const vendor = emulatedVendor();
    const { stack } = vendor;
    stack.unreadable = new Error("no login");
    await dies(vendor, { action: ORDER, when: "after" }, () =>
      instanceLife(vendor.host()).create(order()),
    );
    stack.creating.splice(0);
    stack.unreadable = undefined;
    return { stack, name: only(vendor.api).instanceName };
  }

  /** What an `up` from another place says. */
  async function warnedBy(
    vendor: EmulatedVendor,
    config: Readonly<Record<string, string>>,
    stack: FakeStack,
  ): Promise<string> {
    // The next mark is another one.
    for (let used = 0; used < 9; used += 1) vendor.host().randomHex(7);
    await instanceLife(vendor.host(config, stack)).create(order());
    return vendor.warnings.join("\n");
  }

  test("a doubtful one at another endpoint is named", () =>
    inVirtualTime(async () => {
      const { stack, name } = await doubtfulOrder();
      const config = { "cds:endpoint": "asia" };
      expect(await warnedBy(emulatedVendor(), config, stack)).toContain(name);
    }));

  test("a doubtful one with another access key is named", () =>
    inVirtualTime(async () => {
      const { stack, name } = await doubtfulOrder();
      const accessKeyId = "another-key";
      const config = { "cds:accessKeyId": accessKeyId };
      expect(await warnedBy(emulatedVendor({ accessKeyId }), config, stack)).toContain(name);
    }));

  test("another stack's instance of an interrupted name, beside a take-over: named, but not as nobody's", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const mine = order({ instanceName: "mine" });
      await dies(vendor, { action: ORDER, when: "before" }, () =>
        instanceLife(vendor.host()).create(mine),
      );
      const elsewhere = vendor.host({}, new FakeStack("another stack's provider"));
      const theirs = await instanceLife(elsewhere).create(mine);
      await dies(vendor, { action: ORDER, when: "after" }, () =>
        instanceLife(vendor.host()).create(order()),
      );
      vendor.warnings.splice(0);
      const { id } = await instanceLife(vendor.host()).create(order());
      expect(id).not.toBe(theirs.id);
      expect(vendor.api.store.instances()).toHaveLength(2);
      const warned = vendor.warnings.join("\n");
      expect(warned).not.toContain(NOT_HELD);
      expect(warned).toContain(theirs.id);
    }));
});

describe("limits", () => {
  test("a list of instances that hangs past a backup's deadline: given up within 20 seconds after it", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([cache(SINGLE)]);
      scene.vendor.faults.add({ kind: "hang", action: LISTS, times: "always" });
      const short = both(SINGLE, { __timeouts: { ...LIMITS, create: "10s" } });
      const start = Date.now();
      await scene.model.up(scene.host(), short());
      expect(Date.now() - start).toBeLessThan(30 * SECOND);
    }));

  test("a query by the id that hangs past an order's deadline: given up within 20 seconds after it", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      const { api, faults } = scene.vendor;
      faults.add({ kind: "empty-list", action: LISTS, times: "always" });
      const handle = api.handle.bind(api);
      jest.spyOn(api, "handle").mockImplementation((request) => {
        const answer = handle(request);
        const isQuery =
          request.url.includes(`Action=${LISTS}&`) && request.url.includes("InstanceUuid=");
        return isQuery ? { ...answer, transport: "hang" } : answer;
      });
      const start = Date.now();
      const short = cache({ __timeouts: { ...LIMITS, create: "45s" } });
      const { failures } = await scene.model.up(scene.host(), [short]);
      expect(Date.now() - start).toBeLessThan(65 * SECOND);
      expect(partlyMade(failures[0]?.error)?.id).toBe(scene.billed()[0]?.id);
    }));

  test("an update that times out keeps what is known of the instance", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([cache()]);
      const { id = "", outputs: before = {} } = scene.model.held[0] ?? {};
      scene.vendor.api.store.changeInstance(id, { status: "RESTARTING" });
      const short = cache({ finalBackup: true, __timeouts: { update: "10s" } });
      const { failures } = await scene.model.up(scene.host(), [short]);
      expect(partlyMade(failures[0]?.error)?.id).toBe(id);
      const { ip, connectionString, createdTime } = before;
      expect(ip).toBeDefined();
      expect(scene.model.held[0]?.outputs).toMatchObject({ ip, connectionString, createdTime });
    }));
});
