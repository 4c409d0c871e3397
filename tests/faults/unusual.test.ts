import { partlyMade } from "../engineRun";
import { SINGLE } from "../provider/backups";
import { instanceUrn } from "../provider/orders";
import type { Program } from "../stackModel";
import { inVirtualTime } from "../virtualTime";
import { both } from "./backupOperations";
import { cache } from "./instanceOperations";
import { BACKUP_LISTS, BACKUP_ORDER, DELETE, LISTS, ORDER } from "./operations";
import { Scene } from "./scene";

// What the table of single faults has no cell for.

const HOUR = 3_600_000;

function postsOf(scene: Scene, action: string): number {
  return scene.writes.filter((write) => write.action === action).length;
}

describe("lists that lack what is there", () => {
  const lists = [
    ["empty-list", LISTS],
    ["stale-list", LISTS],
    ["empty-list", BACKUP_LISTS],
    ["stale-list", BACKUP_LISTS],
  ] as const;

  test.each(
    lists.flatMap(([kind, action]) => [2, 3].map((times) => [kind, action, times] as const)),
  )("%s of %s, %i times: a refresh drops nothing", (kind, action, times) =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared(both(SINGLE)());
      scene.vendor.faults.add({ kind, action, times });
      const { steps, failures } = await scene.model.refresh(scene.host());
      expect([failures, steps.map(({ kind: did }) => did)]).toEqual([[], ["read", "read"]]);
      expect(scene.model.held).toHaveLength(2);
    }),
  );

  test.each(lists)("%s of %s for 25 seconds: a refresh drops nothing", (kind, action) =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared(both(SINGLE)());
      scene.vendor.faults.add({ kind, action, forSeconds: 25 });
      const { steps, failures } = await scene.model.refresh(scene.host());
      expect([failures, steps.map(({ kind: did }) => did)]).toEqual([[], ["read", "read"]]);
    }),
  );

  // Nobody can ask the vendor for a backup by its id.
  test.each(["empty-list", "stale-list"] as const)(
    "%s of the backups for a minute: gone, as far as anybody can tell, and named",
    (kind) =>
      inVirtualTime(async () => {
        const scene = new Scene();
        await scene.prepared(both(SINGLE)());
        scene.vendor.faults.add({ kind, action: BACKUP_LISTS, forSeconds: 60 });
        const { steps } = await scene.model.refresh(scene.host());
        expect(steps.map(({ kind: did }) => did).sort()).toEqual(["drop", "read"]);
        expect(scene.leaked()).toEqual([]);
      }),
  );

  test("empty-list for two minutes after an unclear answer: named, and taken over by the next up", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      const { faults } = scene.vendor;
      faults.add({ kind: "reset", action: ORDER, when: "after" });
      faults.add({ kind: "empty-list", action: LISTS, times: "always" });
      const { failures } = await scene.model.up(scene.host(), [cache()]);
      expect(failures).toHaveLength(1);
      expect(scene.model.held).toEqual([]);
      expect(scene.leaked()).toEqual([]);
      faults.clear();
      await scene.prepared([cache()]);
      expect(scene.billed().map(({ id }) => id)).toEqual(scene.model.held.map(({ id }) => id));
      expect(postsOf(scene, ORDER)).toBe(1);
    }));

  test("empty-list for two minutes after an unclear answer: a backup is named and taken over, too", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      const { faults } = scene.vendor;
      await scene.prepared([cache(SINGLE)]);
      faults.add({ kind: "reset", action: BACKUP_ORDER, when: "after" });
      faults.add({ kind: "empty-list", action: BACKUP_LISTS, times: "always" });
      const { failures } = await scene.model.up(scene.host(), both(SINGLE)());
      expect(failures).toHaveLength(1);
      expect(scene.leaked()).toEqual([]);
      faults.clear();
      await scene.prepared(both(SINGLE)());
      expect(scene.model.held).toHaveLength(2);
      expect(postsOf(scene, BACKUP_ORDER)).toBe(1);
    }));

  test("empty-list for ever while it is delivered: partly made, and the next up goes on waiting", () =>
    inVirtualTime(async () => {
      const scene = new Scene({ deliverySeconds: 60 });
      scene.vendor.faults.add({ kind: "empty-list", action: LISTS, call: 2, times: "always" });
      const { failures } = await scene.model.up(scene.host(), [cache()]);
      expect(partlyMade(failures[0]?.error)?.id).toBe(scene.billed()[0]?.id);
      scene.vendor.faults.clear();
      await scene.prepared([cache()]);
      expect(postsOf(scene, ORDER)).toBe(1);
    }));
});

describe("a delete of what is gone already", () => {
  test("succeeds after confirmed absence", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared([cache()]);
      scene.vendor.api.store.removeInstance(scene.model.held[0]?.id ?? "");
      await scene.prepared([]);
      expect(scene.model.held).toEqual([]);
      expect(postsOf(scene, DELETE)).toBe(1);
    }));

  test("of a backup with its instance, too", () =>
    inVirtualTime(async () => {
      const scene = new Scene();
      await scene.prepared(both(SINGLE)());
      scene.vendor.api.store.removeInstance(scene.model.held[0]?.id ?? "");
      await scene.prepared([]);
      expect(scene.model.held).toEqual([]);
    }));
});

describe("a refusal under another status", () => {
  test.each(["refusal-under-200", "refusal-under-400"] as const)(
    "%s: what is gone already is gone, by its Code",
    (kind) =>
      inVirtualTime(async () => {
        const scene = new Scene();
        await scene.prepared(both(SINGLE)());
        scene.vendor.api.store.removeInstance(scene.model.held[0]?.id ?? "");
        scene.vendor.faults.add({ kind, times: "always" });
        await scene.prepared([]);
        expect(scene.model.held).toEqual([]);
      }),
  );

  test.each(["refusal-under-200", "refusal-under-400"] as const)(
    "%s: too many calls are called again, and nothing is made twice",
    (kind) =>
      inVirtualTime(async () => {
        const scene = new Scene({ callsPerSecond: 2 });
        scene.vendor.faults.add({ kind, times: "always" });
        await scene.prepared(both(SINGLE)());
        expect(scene.billed()).toHaveLength(2);
        await scene.prepared([]);
        expect(scene.billed()).toEqual([]);
      }),
  );

  test.each(["refusal-under-200", "refusal-under-400"] as const)(
    "%s: a wrong key is told so, at once",
    (kind) =>
      inVirtualTime(async () => {
        const scene = new Scene();
        scene.vendor.faults.add({ kind, times: "always" });
        const start = Date.now();
        const wrong = scene.vendor.host({ "cds:accessKeySecret": "canary wrong" });
        const { failures } = await scene.model.up(wrong, [cache()]);
        expect(Date.now() - start).toBeLessThan(1_000);
        expect(String(failures[0]?.error)).toContain("SignatureDoesNotMatch");
        expect(scene.toldSecrets()).toEqual([]);
        expect(scene.writes).toEqual([]);
      }),
  );
});

describe("the clock of this machine", () => {
  const three: Program = ["one", "two", "three"].map((name) => ({
    ...cache({ __urn: instanceUrn(name) }),
    urn: instanceUrn(name),
  }));

  test.each(
    [HOUR, -HOUR].flatMap((skew) =>
      (["refusal-under-200", "refusal-under-400"] as const).map((kind) => [skew, kind] as const),
    ),
  )("%i ms off, told as %s: corrected, at reads and writes alike", (skew, kind) =>
    inVirtualTime(async () => {
      const scene = new Scene({ now: () => Date.now() + skew });
      scene.vendor.faults.add({ kind, times: "always" });
      await scene.prepared(both(SINGLE)());
      const { failures } = await scene.model.refresh(scene.host());
      expect(failures).toEqual([]);
      await scene.prepared([]);
      expect(scene.billed()).toEqual([]);
      expect(postsOf(scene, ORDER)).toBe(1);
    }),
  );

  test.each([
    ["an hour behind", HOUR],
    ["an hour ahead", -HOUR],
  ])("%s: corrected, in parallel calls too", (_name, skew) =>
    inVirtualTime(async () => {
      const scene = new Scene({ now: () => Date.now() + skew });
      await scene.prepared(three);
      expect(scene.billed()).toHaveLength(3);
      expect(postsOf(scene, ORDER)).toBe(3);
      const { failures } = await scene.model.refresh(scene.host());
      expect(failures).toEqual([]);
      await scene.prepared([]);
      expect(scene.billed()).toEqual([]);
      // A host learns it from one answer; what it had sent by then is refused, too.
      const refused = scene.vendor.api.requests.filter(({ status }) => status === 401);
      expect(refused.length).toBeLessThanOrEqual(3 * three.length);
    }),
  );
});

describe("keys that are refused", () => {
  test.each(["cds:accessKeySecret", "cds:accessKeyId"])("a wrong %s: told so, at once", (key) =>
    inVirtualTime(async () => {
      const scene = new Scene();
      const start = Date.now();
      const wrong = scene.vendor.host({ [key]: "canary wrong" });
      const { failures } = await scene.model.up(wrong, [cache()]);
      expect(Date.now() - start).toBeLessThan(1_000);
      expect(String(failures[0]?.error)).toMatch(/cds:accessKeyId and cds:accessKeySecret/);
      expect(scene.toldSecrets()).toEqual([]);
      expect(scene.writes).toEqual([]);
    }),
  );

  test("withdrawn while an instance is delivered: partly made within seconds", () =>
    inVirtualTime(async () => {
      const scene = new Scene({ deliverySeconds: 60 });
      const start = Date.now();
      scene.vendor.faults.add({ kind: "http-403", action: LISTS, call: 2, times: "always" });
      const { failures } = await scene.model.up(scene.host(), [cache()]);
      expect(Date.now() - start).toBeLessThan(10_000);
      expect(partlyMade(failures[0]?.error)?.id).toBe(scene.billed()[0]?.id);
      scene.vendor.faults.clear();
      await scene.prepared([cache()]);
      expect(postsOf(scene, ORDER)).toBe(1);
    }));
});
