import { DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET } from "../../../emulator";
import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { backupLife, backupOrder, instanceLife, order, type Life } from "../orders";

/** The stack's own keys are wrong: only the named account's open the door. */
const NAMED = {
  "cds:accessKeyId": "WRONG",
  "cds-prod:accessKeyId": DEFAULT_ACCESS_KEY_ID,
  "cds-prod:accessKeySecret": DEFAULT_ACCESS_KEY_SECRET,
  "cds-prod:regionId": "CN_Wuxi_A",
};

function life(vendor: EmulatedVendor): Life {
  return instanceLife(vendor.host(NAMED));
}

describe("a named account", () => {
  test("serves the whole life of an instance and its backup", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id, outs } = await life(vendor).create(order({ account: "prod" }));
      const backups = backupLife(vendor.host(NAMED));
      const backup = await backups.create(backupOrder(id, { account: "prod" }));
      expect((await life(vendor).read(id, outs)).id).toBe(id);
      await backups.delete(backup.id, backup.outs);
      await life(vendor).delete(id, outs);
      expect(vendor.api.store.instances()).toEqual([]);
    }));

  test("is another instance's account: a change replaces", () =>
    inVirtualTime(async () => {
      const lives = life(emulatedVendor());
      const inputs = await lives.inputs(order({ account: "prod" }));
      const diff = await lives.diff({ ...inputs, account: "staging" }, inputs);
      expect(diff.replaces).toEqual(["account"]);
    }));

  test("without keys is a failure that names its configuration, and the environment is not looked at", async () => {
    const { failures } = await life(emulatedVendor()).check({}, order({ account: "staging" }));
    expect(failures).toEqual([
      { property: "", reason: expect.stringContaining("cds-staging:accessKeyId") as string },
    ]);
  });

  test.each(["", "a b", "cds:prod", "-prod"])("%j can't be one", async (account) => {
    const { failures } = await life(emulatedVendor()).check({}, order({ account }));
    expect(failures).toHaveLength(1);
    expect(failures[0]?.reason).toMatch(/^account /);
  });
});

describe("a region that is left out", () => {
  test("is the account's default", async () => {
    const { inputs } = await life(emulatedVendor()).check(
      {},
      order({ account: "prod", regionId: undefined }),
    );
    expect(inputs).toMatchObject({ regionId: "CN_Wuxi_A", paasGoodsId: 8063 });
  });

  test("and has no default is a failure that says how to give one", async () => {
    const { failures } = await instanceLife(emulatedVendor().host()).check(
      {},
      order({ regionId: undefined }),
    );
    expect(failures).toEqual([
      {
        property: "",
        reason: expect.stringMatching(/cds:regionId or CDS_REGION/) as string,
      },
    ]);
  });

  test("moves with the default: that replaces, and preview shows it", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const asked = order({ account: "prod", regionId: undefined });
      const inputs = await life(vendor).inputs(asked);
      const moved = instanceLife(vendor.host({ ...NAMED, "cds-prod:regionId": "CN_Hongkong_A" }));
      const diff = await moved.diff(inputs, await moved.inputs(asked, inputs));
      expect(diff.replaces).toEqual(["regionId"]);
    }));
});
