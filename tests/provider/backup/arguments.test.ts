import { runtime } from "@pulumi/pulumi";

import { emulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { SINGLE, withInstance } from "../backups";
import { backupLife, backupOrder, type Bag } from "../orders";

describe("check", () => {
  test.each<[string, Bag, string, RegExp]>([
    [
      "no instance",
      { instanceId: undefined },
      "instanceId",
      /^instanceId is missing: give .*cache\.id/,
    ],
    ["an empty instance", { instanceId: "" }, "instanceId", /^instanceId is empty/],
    ["an instance that is no text", { instanceId: 5 }, "instanceId", /^instanceId must be text/],
    [
      "a description that is no text",
      { description: 5 },
      "description",
      /^description must be text/,
    ],
    ["a long description", { description: "x".repeat(101) }, "description", /longer than 100/],
    ["a misspelt argument", { trigger: ["1"] }, "trigger", /^trigger is no argument .*triggers/],
    ["to keep none", { keepLatest: 0 }, "keepLatest", /^keepLatest must be 1 or more/],
    ["to keep a part of one", { keepLatest: 1.5 }, "keepLatest", /^keepLatest must be a whole/],
    [
      "a time limit without a unit",
      { __timeouts: { create: "9" } },
      "__timeouts",
      /^customTimeouts/,
    ],
  ])("refuses %s", async (_name, change, property, reason) => {
    const { failures } = await backupLife(emulatedVendor().host()).check(
      {},
      backupOrder("i", change),
    );
    expect(failures).toEqual([{ property: "", reason: expect.stringMatching(reason) as string }]);
    expect(failures[0]?.reason).toContain(property.replace("__timeouts", "customTimeouts"));
  });

  test("leaves unknown values for later", async () => {
    const change = { description: runtime.unknownValue, triggers: runtime.unknownValue };
    const life = backupLife(emulatedVendor().host());
    expect((await life.check({}, backupOrder(runtime.unknownValue, change))).failures).toEqual([]);
  });

  test("makes of the same change of a trigger the same mark, and of another one another", async () => {
    const life = backupLife(emulatedVendor().host());
    const olds = await life.inputs(backupOrder("i", { triggers: [1] }));
    const token = async (trigger: number): Promise<string> => {
      const news = await life.inputs(backupOrder("i", { triggers: [trigger] }), olds);
      return String(news["__token"]);
    };
    expect(await token(2)).toBe(await token(2));
    expect(await token(2)).not.toBe(await token(3));
    expect(await token(2)).toMatch(new RegExp(`^${String(olds["__token"])}-[0-9a-f]{8}$`));
  });

  test("keeps the token on an update, and makes a new one for a replacement", async () => {
    const life = backupLife(emulatedVendor().host());
    const olds = await life.inputs(backupOrder("i"));
    expect(olds["__token"]).toMatch(/^[0-9a-f]{12}$/);
    expect((await life.inputs(backupOrder("i"), olds))["__token"]).toBe(olds["__token"]);
    expect((await life.inputs(backupOrder("i")))["__token"]).not.toBe(olds["__token"]);
  });
});

describe("diff", () => {
  const triggers = ["v1", { deep: [1] }];

  test.each<[string, Bag, Bag, "nothing" | "update" | string[]]>([
    ["nothing", { triggers }, { triggers: ["v1", { deep: [1] }] }, "nothing"],
    ["a trigger", { triggers }, { triggers: ["v2", { deep: [1] }] }, "update"],
    ["a trigger deep inside", { triggers }, { triggers: ["v1", { deep: [2] }] }, "update"],
    ["a trigger more", { triggers: ["v1"] }, { triggers: ["v1", "v1"] }, "update"],
    ["triggers where there were none", {}, { triggers }, "update"],
    ["no triggers any more", { triggers }, {}, "update"],
    ["a trigger not known yet", { triggers }, { triggers: [runtime.unknownValue] }, "update"],
    ["how many stay", {}, { keepLatest: 3 }, "update"],
    ["the description", { description: "a" }, { description: "b" }, ["description"]],
    ["the instance", {}, { instanceId: "other" }, ["instanceId"]],
    ["an instance not known yet", {}, { instanceId: runtime.unknownValue }, ["instanceId"]],
    ["time limits alone", {}, { __timeouts: { create: "2h" } }, "update"],
    ["the resource's own name", {}, { __urn: "urn:other" }, "nothing"],
  ])("%s", (_name, before, after, expected) =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE, { deliverySeconds: 0 });
      const life = backupLife(vendor.host());
      const olds = await life.inputs(backupOrder(instanceId, before));
      const { outs } = await life.create(olds);
      const news = await life.inputs(backupOrder(instanceId, after), olds);
      const diff = await life.diff(outs, news);
      expect(diff.replaces).toEqual(typeof expected === "string" ? [] : expected);
      expect(diff.changes).toBe(expected !== "nothing");
      expect(diff.deleteBeforeReplace ?? false).toBe(false);
    }),
  );
});
