import * as pulumi from "@pulumi/pulumi";

import { BACKUP_TYPE } from "../../provider/dynamic/contract";
import { RedisBackup } from "../../provider";
import { PROVIDER_LINES } from "../providerLines";
import { mockEngine, Shop, valueOf, type Registered } from "./programSide";

const LINE = PROVIDER_LINES.redisBackup;

let registered: Registered[];

beforeEach(async () => {
  registered = await mockEngine();
});

async function registration(resource: pulumi.CustomResource): Promise<Registered> {
  const urn = await valueOf(resource.urn);
  const found = registered.find(({ name }) => urn.endsWith(`::${name}`));
  if (found === undefined) throw new Error(`${urn} is not registered`);
  return found;
}

test("the engine gets the arguments, the provider's line and the URN", async () => {
  const args = { instanceId: "i-1", description: "nightly", triggers: ["v1", { deep: [1] }] };
  const customTimeouts = { create: "2h" };
  const backup = new RedisBackup("backup", args, { customTimeouts });
  expect(await registration(backup)).toEqual({
    type: BACKUP_TYPE,
    name: "backup",
    inputs: {
      ...args,
      __provider: LINE,
      __urn: await valueOf(backup.urn),
      __timeouts: customTimeouts,
    },
  });
  expect(Buffer.byteLength(LINE)).toBeLessThan(250);
});

test("the URN of a child is right", async () => {
  const backup = new RedisBackup("backup", { instanceId: "i-1" }, { parent: new Shop("shop") });
  const urn = await valueOf(backup.urn);
  expect((await registration(backup)).inputs["__urn"]).toBe(urn);
  expect(urn).toContain(`shop:index:Shop$${BACKUP_TYPE}`);
});

test("triggers may be outputs", async () => {
  const release = pulumi.output("v2");
  const backup = new RedisBackup("backup", { instanceId: "i-1", triggers: [release, 1] });
  expect((await registration(backup)).inputs["triggers"]).toEqual(["v2", 1]);
});

test("every output exists, also when its argument is left out", () => {
  const backup = new RedisBackup("backup", { instanceId: "i-1" });
  const outputs = [
    "instanceId",
    "description",
    "triggers",
    "keepLatest",
    "account",
    "entries",
    "status",
    "sizeBytes",
    "startTime",
    "endTime",
    "earlier",
  ] as const;
  for (const name of outputs)
    expect([name, pulumi.Output.isInstance(backup[name])]).toEqual([name, true]);
});

test("the option import becomes a hidden input, since the engine fails on it", async () => {
  const options = { import: "i-1/b-1" };
  const backup = new RedisBackup("backup", { instanceId: "i-1" }, options);
  expect((await registration(backup)).inputs["__import"]).toBe("i-1/b-1");
  expect(options).toEqual({ import: "i-1/b-1" });
});

test("get reads the backup with that id", async () => {
  const backup = RedisBackup.get("got", "i-1/b-1", { account: "prod" });
  expect(await valueOf(backup.id)).toBe("i-1/b-1");
  expect((await registration(backup)).inputs).toMatchObject({ account: "prod", __provider: LINE });
});

test("an error of Pulumi has its stack trace, and so has every later error", () => {
  const construct = (): unknown => new RedisBackup("", { instanceId: "i-1" });
  expect(construct).toThrow("Missing resource name argument");
  try {
    construct();
  } catch (error) {
    expect((error as Error).stack).toContain(__filename);
  }
  expect(new Error("later").stack).toContain(__filename);
});
