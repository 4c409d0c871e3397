import * as pulumi from "@pulumi/pulumi";

import { INSTANCE_TYPE } from "../../provider/dynamic/contract";
import { RedisInstance, type RedisInstanceArgs } from "../../provider";
import { PROVIDER_LINES } from "../providerLines";
import { mockEngine, Shop, valueOf, type Registered } from "./programSide";

const args: RedisInstanceArgs = {
  regionId: "CN_Hongkong_A",
  vdcId: "vdc-1",
  basePipeId: "pipe-1",
  version: "5.0",
  architecture: "cluster",
  ramGb: 20,
  password: "plain canary",
};
const LINE = PROVIDER_LINES.redisInstance;

let registered: Registered[];

beforeEach(async () => {
  registered = await mockEngine();
});

async function inputsOf(resource: pulumi.CustomResource): Promise<Registered["inputs"]> {
  const urn = await valueOf(resource.urn);
  const name = urn.slice(urn.lastIndexOf("::") + 2);
  const found = registered.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is not registered`);
  return found.inputs;
}

describe("the inputs that the engine gets", () => {
  test("are the arguments as given, the provider's line and the URN", async () => {
    const cache = new RedisInstance("cache", args);
    expect(await inputsOf(cache)).toEqual({
      ...args,
      password: expect.objectContaining({ value: "plain canary" }) as unknown,
      __provider: LINE,
      __urn: await valueOf(cache.urn),
    });
    expect(registered).toMatchObject([{ type: INSTANCE_TYPE, name: "cache" }]);
  });

  test("say so in a preview, and only there", async () => {
    expect(await inputsOf(new RedisInstance("cache", args))).not.toHaveProperty("__preview");
    registered = await mockEngine(true);
    expect(await inputsOf(new RedisInstance("cache", args))).toMatchObject({ __preview: true });
  });

  test("have the same short line for every resource and release", async () => {
    const inputs = await inputsOf(new RedisInstance("cache", args));
    expect(inputs["__provider"]).toBe(LINE);
    expect(Buffer.byteLength(LINE)).toBeLessThan(250);
  });

  test("have the URN of a child, and of a grandchild", async () => {
    const child = new RedisInstance("child", args, { parent: new Shop("shop") });
    const grandchild = new RedisInstance("grandchild", args, { parent: child });
    const project = "urn:pulumi:dev::shop::";
    const type = `shop:index:Shop$${INSTANCE_TYPE}`;
    expect((await inputsOf(child))["__urn"]).toBe(`${project}${type}::child`);
    expect((await inputsOf(grandchild))["__urn"]).toBe(
      `${project}${type}$${INSTANCE_TYPE}::grandchild`,
    );
  });

  test("have customTimeouts when they are given", async () => {
    const customTimeouts = { create: "1h", delete: "45m" };
    const cache = new RedisInstance("cache", args, { customTimeouts });
    expect((await inputsOf(cache))["__timeouts"]).toEqual(customTimeouts);
    const plain = new RedisInstance("plain", args, { customTimeouts: {} });
    expect(await inputsOf(plain)).not.toHaveProperty("__timeouts");
  });

  test("have no time limit that is undefined", async () => {
    // A program compiled without exactOptionalPropertyTypes can give undefined.
    const customTimeouts: pulumi.CustomTimeouts = { create: "1h" };
    Object.assign(customTimeouts, { update: undefined });
    const cache = new RedisInstance("cache", args, { customTimeouts });
    expect((await inputsOf(cache))["__timeouts"]).toEqual({ create: "1h" });
  });

  test.each(["10", "0s", "1 hour", "soon"])("never have a time limit such as %j", (create) => {
    const options = { customTimeouts: { create } };
    expect(() => new RedisInstance("cache", args, options)).toThrow(
      `customTimeouts.create of cache is ${JSON.stringify(create)}: write it as 90s`,
    );
    expect(registered).toEqual([]);
  });

  test("have the values of other resources' outputs", async () => {
    const one = new RedisInstance("one", args);
    const two = new RedisInstance("two", { ...args, vdcId: one.id });
    expect(await inputsOf(two)).toMatchObject({ vdcId: "one-id" });
  });
});

describe("the password", () => {
  test("is a secret when it was given plain", async () => {
    const cache = new RedisInstance("cache", args);
    expect(await valueOf(cache.password)).toBe("plain canary");
    expect(await pulumi.isSecret(cache.password)).toBe(true);
  });

  test("stays a secret when it was given as one", async () => {
    const cache = new RedisInstance("cache", { ...args, password: pulumi.secret("canary") });
    expect(await valueOf(cache.password)).toBe("canary");
    expect(await pulumi.isSecret(cache.password)).toBe(true);
  });

  test("does not make other outputs secret", async () => {
    const cache = new RedisInstance("cache", args);
    for (const output of [cache.regionId, cache.ip, cache.status])
      expect(await pulumi.isSecret(output)).toBe(false);
  });
});

test("every output exists, also when its argument is left out", () => {
  const cache = new RedisInstance("cache", args);
  const outputs = [
    "regionId",
    "vdcId",
    "basePipeId",
    "password",
    "passwordFrom",
    "passwordVersion",
    "version",
    "architecture",
    "computeRole",
    "ramGb",
    "paasGoodsId",
    "instanceName",
    "port",
    "testGroupId",
    "subjectId",
    "finalBackup",
    "account",
    "ip",
    "connectionString",
    "status",
    "createdTime",
    "vdcName",
    "resourceId",
  ] as const;
  for (const name of outputs)
    expect([name, pulumi.Output.isInstance(cache[name])]).toEqual([name, true]);
});

test("loading the package loads no HTTP client, schema library, host side or emulator", async () => {
  const heavy = [
    "axios",
    "zod",
    "exponential-backoff",
    "../../provider/vendor/client",
    "../../provider/vendor/wire",
    "../../provider/core/account",
    "../../provider/core/context",
    "../../provider/dynamic/host",
    "../../emulator",
  ];
  const loaded: string[] = [];
  for (const name of heavy)
    jest.doMock(name, () => {
      loaded.push(name);
      return {};
    });
  await jest.isolateModulesAsync(async () => {
    const program = await import("../../provider/index.ts");
    expect(Object.keys(program)).toContain("RedisInstance");
  });
  expect(loaded).toEqual([]);
});

test("the option import becomes a hidden input, since the engine fails on it", async () => {
  const cache = new RedisInstance("cache", args, { import: "i-1" });
  expect((await inputsOf(cache))["__import"]).toBe("i-1");
});

describe("get", () => {
  test("reads the instance with that id", async () => {
    const cache = RedisInstance.get("got", "i-1", { account: "prod" });
    expect(await valueOf(cache.id)).toBe("i-1");
    const inputs = await inputsOf(cache);
    expect(inputs).toMatchObject({ account: "prod", __provider: LINE });
    expect(inputs).not.toHaveProperty("password");
  });

  test("keeps its password secret", async () => {
    const cache = RedisInstance.get("got", "i-1", { password: "plain canary" });
    expect((await inputsOf(cache))["password"]).toEqual(
      expect.objectContaining({ value: "plain canary" }),
    );
  });
});
