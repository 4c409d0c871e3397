import { emulatedVendor, type EmulatedVendor } from "../../../emulatedVendor";
import { FakeStack } from "../../../fakeStack";
import { inVirtualTime } from "../../../virtualTime";
import { CLUSTER, storedIds, withInstance } from "../../backups";
import { count, MINUTE } from "../../observed";
import { backupLife, backupOrder, failureOf, instanceLife, instanceUrn, order } from "../../orders";

/** An instance that somebody made in the console. */
async function foreignInstance(vendor: EmulatedVendor): Promise<string> {
  const elsewhere = new FakeStack("elsewhere");
  const made = await instanceLife(vendor.host({}, elsewhere)).create(
    order({ instanceName: "old", port: 7000 }, "elsewhere"),
  );
  return made.id;
}

function writes(vendor: EmulatedVendor): string[] {
  return vendor.actions().filter((action) => /^(Create|Delete)/.test(action));
}

describe("import of an instance", () => {
  test("takes it over as it is, with what the program leaves out taken from it", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const id = await foreignInstance(vendor);
      const before = writes(vendor);
      const life = instanceLife(vendor.host());
      const inputs = await life.inputs(order({ __import: id }));
      const made = await life.create(inputs);
      expect(made).toMatchObject({
        id,
        outs: { instanceName: "old", port: 7000, ramGb: 8, status: "RUNNING" },
      });
      expect(writes(vendor)).toEqual(before);
      expect(made.outs).not.toHaveProperty("__import");
      const next = await life.inputs(order({ __import: id }), inputs);
      expect(await life.diff(made.outs, { ...next, __import: "id" })).toMatchObject({
        changes: false,
        replaces: [],
      });
      const without = await life.inputs(order(), next);
      expect(without).toMatchObject({ instanceName: "old", port: 7000 });
    }));

  test("of one that does not run says at preview that it waits", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const id = await foreignInstance(vendor);
      vendor.api.store.changeInstance(id, { status: "STOPPED" });
      await instanceLife(vendor.host()).inputs(order({ __import: id }));
      expect(vendor.reports.at(-1)).toMatch(
        /takes over .*, changes nothing, but waits: its status is STOPPED$/,
      );
    }));

  test("says field by field what differs, before anything is done", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const id = await foreignInstance(vendor);
      const given = order({ __import: id, ramGb: 12, port: 7001, instanceName: "new" });
      const { failures } = await instanceLife(vendor.host()).check({}, given);
      const [reason] = failures.map((failure) => failure.reason);
      expect(reason).toContain("ramGb is 8, the program says 12");
      expect(reason).toContain("port is 7000, the program says 7001");
      expect(reason).toContain('instanceName is "old", the program says "new"');
    }));

  test("names an id that the vendor doesn't have", () =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host());
      const { failures } = await life.check({}, order({ __import: "nobody" }));
      expect(failures[0]?.reason).toMatch(/there is no instance nobody at https:/);
    }));

  test("of one that the stack has as another resource is refused at preview", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id } = await instanceLife(vendor.host()).create(order({}, "first"));
      const given = order({ __import: id.toUpperCase() }, "second");
      const { failures } = await instanceLife(vendor.host()).check({}, given);
      expect(failures[0]?.reason).toMatch(
        /^import: the stack has .* already as urn:\S+first\. Remove/,
      );
    }));

  test("left in the program, doesn't make a replacement take over the old instance", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const id = await foreignInstance(vendor);
      await instanceLife(vendor.host()).create(order({ __import: id }));
      const replaced = await instanceLife(vendor.host()).create(order({ __import: id }));
      expect(replaced.id).not.toBe(id);
    }));

  test("twice in one program is refused at preview", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const id = await foreignInstance(vendor);
      const life = instanceLife(vendor.host());
      await life.inputs(order({ __import: id }, "one"));
      // The engine may check a resource more than once.
      await life.inputs(order({ __import: id }, "one"));
      const { failures } = await life.check({}, order({ __import: id.toUpperCase() }, "two"));
      expect(failures[0]?.reason).toMatch(
        /imported by another resource of the program, too \(urn:\S+one\)/,
      );
    }));

  test("that another resource took over meanwhile is refused", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const id = await foreignInstance(vendor);
      const life = instanceLife(vendor.host());
      const inputs = await life.inputs(order({ __import: id }, "one"));
      await instanceLife(vendor.host()).create(order({ __import: id }, "two"));
      expect(String(await failureOf(life.create(inputs)))).toContain(`the stack has ${id} already`);
    }));

  test("is refused where the stack's record can't be had", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const id = await foreignInstance(vendor);
      vendor.stack.unreadable = new Error("no login");
      const error = await failureOf(instanceLife(vendor.host()).create(order({ __import: id })));
      expect(String(error)).toMatch(/import:.*can't be told \(no login\)/);
    }));

  test("of another id than the stack has is refused at preview", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const inputs = await life.inputs(order());
      const { outs } = await life.create(inputs);
      const error = await failureOf(life.diff(outs, { ...inputs, __import: "another" }));
      expect(String(error)).toContain("import names another");
    }));

  test("that was killed is no order to take over", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const id = await foreignInstance(vendor);
      const inputs = await instanceLife(vendor.host()).inputs(order({ __import: id }));
      vendor.stack.begin(inputs);
      const start = Date.now();
      const made = await instanceLife(vendor.host()).create(order());
      expect(made.id).not.toBe(id);
      // Nobody looks for what it may have made.
      expect(Date.now() - start).toBeLessThan(MINUTE);
    }));

  test("goes on in the same run once the stack's record can be had", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const id = await foreignInstance(vendor);
      const life = instanceLife(vendor.host());
      vendor.stack.unreadable = new Error("no login");
      await failureOf(life.create(order({ __import: id })));
      vendor.stack.unreadable = undefined;
      expect((await life.create(order({ __import: id }))).id).toBe(id);
    }));
});

describe("import of a backup", () => {
  test("takes over all shards by the id of one", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      vendor.api.store.createBackup(instanceId, "by hand");
      const stored = storedIds(vendor.api, instanceId);
      const id = `${instanceId}/${stored[1] ?? ""}`;
      const made = await backupLife(vendor.host()).create(
        backupOrder(instanceId, { __import: id, description: "by hand" }),
      );
      expect(made.id).toBe(id);
      const { entries } = made.outs as { entries: { backupId: string }[] };
      expect(entries.map((entry) => entry.backupId).sort()).toEqual([...stored].sort());
      expect(count(vendor, "CreateBackup")).toBe(0);
    }));

  test.each([
    [
      "another description",
      { description: "mine" },
      /description is "by hand", the program says "mine"/,
    ],
    ["another instance", { __import: "i-2/b-1" }, /instanceId is "i-2", the program says/],
    ["no backup's id", { __import: "b-1" }, /give <instanceId>\/<BackupId>/],
  ])("is refused before anything is done: %s", (_name, change, reason) =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      vendor.api.store.createBackup(instanceId, "by hand");
      const id = `${instanceId}/${storedIds(vendor.api, instanceId)[0] ?? ""}`;
      const given = backupOrder(instanceId, { __import: id, ...change });
      const { failures } = await backupLife(vendor.host()).check({}, given);
      expect(failures[0]?.reason).toMatch(reason);
    }),
  );
});

test("entries of one backup are not imported by two resources", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(CLUSTER);
    vendor.api.store.createBackup(instanceId, "");
    const [one, other] = storedIds(vendor.api, instanceId).map((id) => `${instanceId}/${id}`);
    const life = backupLife(vendor.host());
    await life.inputs(backupOrder(instanceId, { __import: one }, "one"));
    const { failures } = await life.check({}, backupOrder(instanceId, { __import: other }, "two"));
    expect(failures[0]?.reason).toMatch(/imported by another resource .*one\)/);
  }));

describe("get", () => {
  test("reads an instance by its id alone", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const id = await foreignInstance(vendor);
      const { props } = await instanceLife(vendor.host()).read(id, {
        __urn: instanceUrn("got"),
        password: "p w",
      });
      expect(props).toMatchObject({ instanceName: "old", port: 7000, architecture: "cluster" });
      expect(props["connectionString"]).toContain("redis://:p%20w@");
    }));

  test("reads all shards of a backup by the id of one", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      vendor.api.store.createBackup(instanceId, "by hand");
      const stored = storedIds(vendor.api, instanceId);
      const { props } = await backupLife(vendor.host()).read(
        `${instanceId}/${stored[2] ?? ""}`,
        {},
      );
      expect(props["entries"]).toHaveLength(stored.length);
      expect(props).toMatchObject({ instanceId });
    }));
});
