import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { instanceLife, instanceUrn, order, type Bag } from "../orders";

const mine = { instanceName: "mine" };

/** Orders an instance without a stack, as another person does. */
async function theirs(vendor: EmulatedVendor): Promise<string> {
  const { id } = await instanceLife(vendor.host()).create(order(mine, "theirs"));
  vendor.stack.resources.length = 0;
  return id;
}

async function reasonsFor(vendor: EmulatedVendor, news: Bag, olds: Bag = {}): Promise<string[]> {
  const { failures } = await instanceLife(vendor.host()).check(olds, news);
  return failures.map(({ reason }) => reason);
}

describe("a name of the user's", () => {
  test("that two resources of one program have is refused at preview", () =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host());
      expect((await life.check({}, order(mine, "one"))).failures).toEqual([]);
      const { failures } = await life.check({}, order(mine, "two"));
      expect(failures.map(({ reason }) => reason)).toEqual([
        `instanceName mine is given to another instance of the program, too (${instanceUrn("one")}): give each a name of its own.`,
      ]);
    }));

  test("that two imported instances have is left alone", () =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host());
      for (const name of ["one", "two"]) {
        const held = order(mine, name);
        expect((await life.check(held, held)).failures).toEqual([]);
      }
    }));

  test("that an instance has is refused at preview, with the id to import", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const id = await theirs(vendor);
      expect(await reasonsFor(vendor, order(mine))).toEqual([
        `instanceName: an instance named mine (${id}) exists already. Give another instanceName, or leave it out for a name of its own. To take this instance over, give the resource option \`import: "${id}"\`.`,
      ]);
      const renamed = order({ instanceName: "other" });
      expect(await reasonsFor(vendor, order(mine), renamed)).toEqual([
        expect.stringContaining("exists already"),
      ]);
    }));

  test("that an instance of this very stack has is not to be imported", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await instanceLife(vendor.host()).create(order(mine, "before"));
      expect(await reasonsFor(vendor, order(mine, "after"))).toEqual([]);
      const warning = vendor.warnings.at(-1) ?? "";
      expect(warning).toMatch(/The stack has it as urn:\S+::before: .* option `aliases`/);
      expect(warning).not.toContain("import:");
    }));

  test.each<[string, (vendor: EmulatedVendor) => Promise<string[]>]>([
    ["is kept", (vendor) => reasonsFor(vendor, order(mine), order(mine))],
    [
      "is imported",
      async (vendor) => {
        const { instanceUuid: id } = vendor.api.store.instances()[0] ?? { instanceUuid: "" };
        return reasonsFor(vendor, order({ ...mine, __import: id }));
      },
    ],
    [
      "a replacement keeps, which is checked twice",
      async (vendor) => {
        const life = instanceLife(vendor.host());
        await life.check(order(mine), order({ ...mine, ramGb: 12 }));
        return (await life.check({}, order({ ...mine, ramGb: 12 }))).failures.map(String);
      },
    ],
    [
      "`up --replace` keeps, which is checked once",
      async (vendor) => {
        const { instanceUuid: id } = vendor.api.store.instances()[0] ?? { instanceUuid: "" };
        vendor.stack.hold(instanceUrn("cache"), id);
        return reasonsFor(vendor, order(mine));
      },
    ],
    [
      "an interrupted run may have ordered",
      async (vendor) => {
        vendor.stack.begin(order(mine));
        return reasonsFor(vendor, order(mine));
      },
    ],
    [
      "can't be told, without the stack's record",
      async (vendor) => {
        vendor.stack.unreadable = new Error("no CLI");
        return reasonsFor(vendor, order(mine));
      },
    ],
  ])("is left to the order where it %s", (_name, reasons) =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await theirs(vendor);
      expect(await reasons(vendor)).toEqual([]);
    }),
  );

  test("that this run freed is free, whoever had it", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ listLagSeconds: 60 });
      const { id, outs } = await instanceLife(vendor.host()).create(order(mine, "before"));
      const life = instanceLife(vendor.host());
      await life.delete(id, outs);
      expect((await life.check({}, order(mine, "after"))).failures).toEqual([]);
      expect(vendor.warnings).toEqual([]);
    }));

  test("takes the place of an instance that this run deleted, whatever the lists show", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ listLagSeconds: 60 });
      const { id, outs } = await instanceLife(vendor.host()).create(order(mine));
      const life = instanceLife(vendor.host());
      await life.delete(id, outs);
      vendor.stack.resources.length = 0;
      expect((await life.check({}, order(mine))).failures).toEqual([]);
    }));
});

test("an import says on its row that it takes over and changes nothing", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    const id = await theirs(vendor);
    expect(await reasonsFor(vendor, order({ ...mine, __import: id }))).toEqual([]);
    expect(vendor.reports.at(-1)).toBe(
      `${instanceUrn("cache")}: takes over mine (${id}), changes nothing`,
    );
  }));
