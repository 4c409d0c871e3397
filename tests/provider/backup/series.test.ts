import { PartlyMadeError } from "../../../provider/core/errors";
import type { EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { CLUSTER, ids, SINGLE, storedIds, withInstance } from "../backups";
import { count, MINUTE } from "../observed";
import { backupLife, backupOrder, failureOf, type Bag } from "../orders";

/** A RedisBackup as the engine keeps it, and what `pulumi up` does with it. */
class Kept {
  readonly vendor: EmulatedVendor;
  readonly instanceId: string;
  id = "";
  inputs: Bag = {};
  outs: Bag = {};

  constructor({ vendor, instanceId }: { vendor: EmulatedVendor; instanceId: string }) {
    this.vendor = vendor;
    this.instanceId = instanceId;
  }

  /** Each run has a host process of its own. */
  async up(trigger: number, change: Bag = {}): Promise<Bag> {
    const life = backupLife(this.vendor.host());
    const args = backupOrder(this.instanceId, { triggers: [trigger], ...change });
    if (this.id === "") {
      Object.assign(this, { inputs: await life.inputs(args) });
      Object.assign(this, await life.create(this.inputs));
      return this.outs;
    }
    const news = await life.inputs(args, this.inputs);
    expect((await life.diff(this.outs, news)).replaces).toEqual([]);
    try {
      this.outs = (await life.update(this.id, this.outs, news)).outs;
      this.inputs = news;
    } catch (error) {
      if (error instanceof PartlyMadeError)
        Object.assign(this, { outs: error.properties, inputs: news });
      throw error;
    }
    return this.outs;
  }

  /** An `up` whose host dies as the vendor takes the order. */
  async die(trigger: number): Promise<void> {
    const killed = new Promise<void>((resolve) => {
      this.vendor.killAt({ action: "CreateBackup", when: "after" }, resolve);
    });
    const life = backupLife(this.vendor.host());
    const args = backupOrder(this.instanceId, { triggers: [trigger] });
    const news = await life.inputs(args, this.inputs);
    void life.update(this.id, this.outs, news);
    await killed;
  }

  stored(): string[] {
    return storedIds(this.vendor.api, this.instanceId);
  }

  held(): string[] {
    const earlier = this.outs["earlier"] as Bag[];
    return [this.outs, ...earlier].flatMap((backup) => ids(backup["entries"]));
  }
}

async function taken(shape: Bag = SINGLE, ...triggers: number[]): Promise<Kept> {
  const kept = new Kept(await withInstance(shape));
  for (const trigger of triggers) await kept.up(trigger, { keepLatest: 9 });
  return kept;
}

describe("a changed trigger", () => {
  test("takes another backup, and deletes the one before it only when that is finished", () =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1);
      const [first] = kept.stored();
      const up = kept.up(2);
      await new Promise((resolve) => setTimeout(resolve, MINUTE));
      expect(kept.stored()).toHaveLength(2);
      expect(count(kept.vendor, "DeleteBackup")).toBe(0);
      const outs = await up;
      expect(outs).toMatchObject({ triggers: [2], status: "finished", earlier: [] });
      expect(kept.stored()).toEqual(ids(outs["entries"]));
      expect(kept.stored()).not.toContain(first);
      expect(kept.id).toContain(first);
    }));

  test("deletes nothing when the new one fails, and the failed one when the next is finished", () =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1);
      const [first] = kept.stored();
      kept.vendor.faults.add({
        kind: "failed-status",
        action: "DescribeBackups",
        call: 4,
        times: 9,
      });
      const error = await failureOf(kept.up(2, { keepLatest: 2 }));
      expect(error).toBeInstanceOf(PartlyMadeError);
      expect(kept.stored()).toHaveLength(2);
      expect(kept.held().sort()).toEqual(kept.stored().sort());
      kept.vendor.faults.clear();
      await new Promise((resolve) => setTimeout(resolve, 5 * MINUTE));
      expect(kept.outs["status"]).not.toBe("finished");
      const failed = ids(kept.outs["entries"])[0];
      const outs = await kept.up(3, { keepLatest: 2 });
      expect(kept.stored()).toContain(first);
      expect(kept.stored()).not.toContain(failed);
      expect(kept.held()).toHaveLength(2);
      expect(outs).toMatchObject({ status: "finished" });
    }));
});

describe("keepLatest", () => {
  test.each([
    ["one file", SINGLE, 1],
    ["five shards", CLUSTER, 5],
  ])("keeps so many and deletes the others, of %s each, and nobody else's", (_name, shape, files) =>
    inVirtualTime(async () => {
      const kept = await taken(shape);
      const others = kept.vendor.api.store.createBackup(kept.instanceId, "by hand");
      await new Promise((resolve) => setTimeout(resolve, 3 * MINUTE));
      const latest: string[][] = [];
      for (const trigger of [1, 2, 3, 4, 5])
        latest.unshift(ids((await kept.up(trigger, { keepLatest: 3 }))["entries"]));
      expect(kept.stored().sort()).toEqual([...latest.slice(0, 3).flat(), ...others].sort());
      expect(kept.held()).toEqual(latest.slice(0, 3).flat());
      expect(kept.outs["earlier"]).toHaveLength(2);
      expect(kept.held()).toHaveLength(3 * files);
    }),
  );

  test("is foretold on the row of a preview", () =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1, 2, 3);
      const foretold = async (trigger: number, keepLatest: number): Promise<string[]> => {
        const args = backupOrder(kept.instanceId, { triggers: [trigger], keepLatest });
        const life = backupLife(kept.vendor.host());
        const before = kept.vendor.reports.length;
        await life.diff(kept.outs, await life.inputs(args, kept.inputs));
        return kept.vendor.reports.slice(before).map((line) => line.split(": ").at(-1) ?? "");
      };
      expect(await foretold(3, 9)).toEqual([]);
      expect(await foretold(3, 2)).toEqual(["deletes 1 earlier"]);
      expect(await foretold(4, 9)).toEqual(["takes another backup"]);
      expect(await foretold(4, 1)).toEqual(["takes another backup, then deletes 3 earlier"]);
    }));

  test("lowered deletes at once and takes none", () =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1, 2, 3, 4);
      const latest = ids(kept.outs["entries"]);
      await kept.up(4, { keepLatest: 1 });
      expect(kept.vendor.reports.join()).toContain("deleting 3 earlier");
      expect(kept.stored()).toEqual(latest);
      expect(count(kept.vendor, "CreateBackup")).toBe(4);
    }));

  test("keeps in the state what could not be deleted, and the next up deletes it", () =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1, 2);
      kept.vendor.faults.add({ kind: "http-403", action: "DeleteBackup", times: 1 });
      const error = await failureOf(kept.up(3, { keepLatest: 1 }));
      expect(error).toBeInstanceOf(PartlyMadeError);
      expect(String(error)).toContain("finished, but earlier ones that are to go are not gone");
      expect(kept.held().sort()).toEqual(kept.stored().sort());
      await kept.up(3, { keepLatest: 1 });
      expect(kept.stored()).toEqual(ids(kept.outs["entries"]));
      expect(count(kept.vendor, "CreateBackup")).toBe(3);
    }));

  test("and a delete of the resource deletes all of them, and no one else's", () =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1, 2, 3);
      const others = kept.vendor.api.store.createBackup(kept.instanceId, "by hand");
      await backupLife(kept.vendor.host()).delete(kept.id, kept.outs);
      expect(kept.stored()).toEqual(others);
    }));
});

describe("after a run that was killed while it took another", () => {
  test.each([
    ["on the machine of that run", false],
    ["on another machine", true],
  ])("the next up takes it over and starts none, %s", (_name, isElsewhere) =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1);
      await kept.die(2);
      if (isElsewhere) kept.vendor.stack.noted.clear();
      await kept.up(2, { keepLatest: 2 });
      expect(count(kept.vendor, "CreateBackup")).toBe(2);
      expect(kept.held().sort()).toEqual(kept.stored().sort());
      expect(kept.vendor.warnings.join()).toContain("took over the backup");
      expect(kept.vendor.stack.noted.size).toBe(0);
    }),
  );

  test("an up with another trigger takes its own, and what was left counts as earlier", () =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1);
      await kept.die(2);
      const left = kept.stored()[1];
      await new Promise((resolve) => setTimeout(resolve, 3 * MINUTE));
      await kept.up(3, { keepLatest: 2 });
      expect(ids(kept.outs["entries"])).not.toContain(left);
      expect(kept.held()).toContain(left);
      expect(kept.held().sort()).toEqual(kept.stored().sort());
      expect(kept.stored()).toHaveLength(2);
      expect(kept.vendor.stack.noted.size).toBe(0);
    }));

  test("a destroy that comes instead names it", () =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1);
      await kept.die(2);
      const [note = ""] = kept.vendor.stack.noted.keys();
      await backupLife(kept.vendor.host()).delete(kept.id, kept.outs);
      expect(kept.vendor.warnings.join()).toContain(`a backup marked pulumi-${note}`);
    }));

  test("what another resource of the stack took over is not deleted with the earlier ones", () =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1);
      await kept.die(2);
      const left = kept.stored()[1] ?? "";
      await new Promise((resolve) => setTimeout(resolve, 3 * MINUTE));
      await backupLife(kept.vendor.host()).create(
        backupOrder(kept.instanceId, { __import: `${kept.instanceId}/${left}` }, "kept"),
      );
      await kept.up(3, { keepLatest: 1 });
      expect(kept.held()).not.toContain(left);
      expect(kept.stored()).toContain(left);
    }));

  test("without the CLI what was left is named and stays", () =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1);
      await kept.die(2);
      const left = kept.stored()[1] ?? "";
      await new Promise((resolve) => setTimeout(resolve, 3 * MINUTE));
      kept.vendor.stack.unreadable = new Error("no login");
      await kept.up(3, { keepLatest: 1 });
      expect(kept.stored()).toContain(left);
      expect(kept.vendor.warnings.join()).toContain(left);
    }));

  test("the note that a run without the CLI left is known by the resource's own mark", () =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1);
      kept.vendor.stack.unreadable = new Error("no login");
      await kept.die(2);
      kept.vendor.stack.unreadable = undefined;
      kept.vendor.stack.updating.length = 0;
      await kept.up(2, { keepLatest: 2 });
      expect(count(kept.vendor, "CreateBackup")).toBe(2);
      expect(kept.held().sort()).toEqual(kept.stored().sort());
    }));

  test("without the CLI, where nothing was left, nothing is named", () =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1);
      kept.vendor.stack.unreadable = new Error("no login");
      await kept.up(2, { keepLatest: 1 });
      expect(kept.vendor.warnings).toEqual([]);
    }));

  test("the notes of another stack's backup are neither waited for nor settled", () =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1);
      const urn = String(kept.outs["__urn"]);
      const theirs = { token: "aaaaaaaaaaaa", urn, provider: "their provider", inputs: {} };
      await kept.vendor.stack.journal.begin(theirs);
      const start = Date.now();
      await kept.up(2, { keepLatest: 1 });
      expect(Date.now() - start).toBeLessThan(4 * MINUTE);
      expect([...kept.vendor.stack.noted.keys()]).toEqual([theirs.token]);
    }));

  test("whose answer was lost, the next up takes it over where it appears late", () =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1);
      const { faults } = kept.vendor;
      faults.add({ kind: "reset", action: "CreateBackup", when: "after" });
      faults.add({ kind: "stale-list", action: "DescribeBackups", times: 99 });
      const error = await failureOf(kept.up(2));
      expect(String(error)).toContain("is not known");
      expect(kept.outs["triggers"]).toEqual([1]);
      faults.clear();
      faults.add({ kind: "stale-list", action: "DescribeBackups", times: 2 });
      await kept.up(2);
      expect(count(kept.vendor, "CreateBackup")).toBe(2);
      expect(kept.stored()).toEqual(ids(kept.outs["entries"]));
    }));
});

describe("refresh", () => {
  test("drops an earlier one that is gone", () =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1, 2, 3);
      const [, second = ""] = kept.stored();
      kept.vendor.api.store.removeBackup(second);
      const { props } = await backupLife(kept.vendor.host()).read(kept.id, kept.outs);
      expect(props).toMatchObject({ entries: kept.outs["entries"], earlier: [{}] });
      expect(JSON.stringify(props)).not.toContain(second);
    }));

  test("tells the newest of those left where the latest is gone", () =>
    inVirtualTime(async () => {
      const kept = await taken(SINGLE, 1, 2);
      const [first, second = ""] = kept.stored();
      kept.vendor.api.store.removeBackup(second);
      const { id, props } = await backupLife(kept.vendor.host()).read(kept.id, kept.outs);
      expect(id).toBe(kept.id);
      expect(ids(props["entries"])).toEqual([first]);
      expect(props["earlier"]).toEqual([]);
    }));

  test("changes nothing where all are there", () =>
    inVirtualTime(async () => {
      const kept = await taken(CLUSTER, 1, 2);
      const { props } = await backupLife(kept.vendor.host()).read(kept.id, kept.outs);
      expect(props).toEqual(kept.outs);
    }));
});
