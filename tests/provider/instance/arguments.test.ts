import { runtime } from "@pulumi/pulumi";

import { emulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { instanceLife, order, orderByGoodsId, PASSWORD, type Bag } from "../orders";

const UNKNOWN = runtime.unknownValue;

interface Case {
  readonly name: string;
  readonly change: Bag;
  readonly property: string;
  readonly reason: RegExp;
}

function bad(name: string, change: Bag, reason: RegExp, property?: string): Case {
  return { name, change, reason, property: property ?? Object.keys(change)[0] ?? "" };
}

const NAMED_TEXTS = ["regionId", "vdcId", "basePipeId", "password"].flatMap((name) => {
  return [
    bad(`${name} missing`, { [name]: undefined }, new RegExp(`^${name} is missing: give `)),
    bad(`${name} empty`, { [name]: "" }, new RegExp(`^${name} is empty: give `)),
    bad(`${name} blank`, { [name]: "  " }, new RegExp(`^${name} is empty: give `)),
    bad(`${name} no text`, { [name]: 17 }, new RegExp(`^${name} must be text: give `)),
    bad(`${name} null`, { [name]: null }, new RegExp(`^${name} is missing: give `)),
  ];
});

const OPTIONAL_TEXTS = ["version", "architecture", "computeRole"].flatMap((name) => [
  bad(`${name} empty`, { [name]: "" }, new RegExp(`^${name} is empty: give `)),
  bad(`${name} no text`, { [name]: 5 }, new RegExp(`^${name} must be text: give `)),
]);

const IDS = ["paasGoodsId", "testGroupId", "subjectId"].flatMap((name) => [
  bad(`${name} text`, { [name]: "8063" }, new RegExp(`^${name} must be a whole number\\.$`)),
  bad(`${name} broken`, { [name]: 1.5 }, new RegExp(`^${name} must be a whole number\\.$`)),
  bad(`${name} zero`, { [name]: 0 }, new RegExp(`^${name} must be above zero\\.$`)),
]);

const PORTS = [0, 80, 1023, 65_536, -1, 9100, 9121, 9122, 16_379].map((port) =>
  bad(`port ${port}`, { port }, new RegExp(`^port ${port} can't be used: give 1024 to 65535`)),
);

const TIMEOUTS = [
  bad(
    "customTimeouts without a unit",
    { __timeouts: { create: "10" } },
    /^customTimeouts: "10" is no/,
  ),
  bad(
    "customTimeouts of zero",
    { __timeouts: { delete: "0s" } },
    /^customTimeouts: "0s" is no dur/,
  ),
  bad(
    "customTimeouts of words",
    { __timeouts: { update: "1 hour" } },
    /^customTimeouts: "1 hour" is/,
  ),
  bad(
    "customTimeouts of a number",
    { __timeouts: { create: 10 } },
    /^customTimeouts: 10 is no dur/,
  ),
];

const CASES: Case[] = [
  ...NAMED_TEXTS,
  ...OPTIONAL_TEXTS,
  ...IDS,
  ...PORTS,
  ...TIMEOUTS,
  bad("port text", { port: "6379" }, /^port must be a whole number\.$/),
  bad("port broken", { port: 6379.5 }, /^port must be a whole number\.$/),
  bad("ramGb text", { ramGb: "8" }, /^ramGb must be a number\.$/),
  bad("ramGb zero", { ramGb: 0 }, /^ramGb must be above zero\.$/),
  bad("instanceName empty", { instanceName: "" }, /^instanceName must not be empty/),
  bad("instanceName no text", { instanceName: 1 }, /^instanceName must be text\.$/),
  bad("instanceName long", { instanceName: "x".repeat(65) }, /^instanceName is longer than 64/),
  bad(
    "instanceName of two lines",
    { instanceName: "a\nb" },
    /^instanceName must not .* line breaks/,
  ),
  bad("instanceName ends with a space", { instanceName: "a " }, /^instanceName must not .* space/),
  bad(
    "instanceName begins with a space",
    { instanceName: " a" },
    /^instanceName must not .* space/,
  ),
  bad("instanceName with a bell", { instanceName: "a\u0007" }, /^instanceName must not/),
  bad(
    "a misspelt argument",
    { ramGB: 8 },
    /^ramGB is no argument of this resource; it has .*ramGb/,
  ),
  bad("a size not for sale", { ramGb: 9 }, /^ramGb 9 is not for sale .*nearest ramGb: 8, 12/),
  bad("a version not for sale", { version: "7.0" }, /^version 7.0 is not for sale .*"5\.0"/),
  bad("no size", { ramGb: undefined }, /^ramGb missing: say what to order by version, arch/),
  bad("no version", { version: undefined, ramGb: undefined }, /^version, ramGb missing: say what/),
];

describe("an argument that can't be used is one failure that names it", () => {
  test.each(CASES)("$name", ({ change, property, reason }) =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { failures } = await instanceLife(vendor.host()).check({}, order(change));
      expect(failures).toEqual([{ property: "", reason: expect.stringMatching(reason) as string }]);
      expect(failures[0]?.reason).toContain(property.replace("__timeouts", "customTimeouts"));
      expect(JSON.stringify(failures)).not.toContain("canary");
    }),
  );

  test("and several are a failure each, before any call", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const change = { regionId: "", port: 80, password: 17, memory: 8 };
      const { failures } = await instanceLife(vendor.host()).check({}, order(change));
      expect(failures.map(({ reason }) => reason.split(" ")[0]).sort()).toEqual([
        "memory",
        "password",
        "port",
        "regionId",
      ]);
      expect(vendor.actions()).toEqual([]);
    }));

  test("the other arguments come back as they were given", () =>
    inVirtualTime(async () => {
      const news = order({ port: 80 });
      const { inputs } = await instanceLife(emulatedVendor().host()).check({}, news);
      expect(inputs).toEqual(news);
    }));
});

describe("an account that can't be used is one failure that says what to set", () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ["no access key", { "cds:accessKeyId": "" }, /cds:accessKeyId.*CDS_SECRET_ID/],
    ["no secret", { "cds:accessKeySecret": "" }, /cds:accessKeySecret.*CDS_SECRET_KEY/],
    ["an unknown endpoint", { "cds:endpoint": "moon" }, /cds:endpoint is "moon"/],
    ["a wrong access key", { "cds:accessKeyId": "canary" }, /HTTP 401.*cds:accessKeyId/],
    ["a wrong secret", { "cds:accessKeySecret": "canary" }, /HTTP 403.*cds:accessKeySecret/],
  ])("%s", (_name, config, reason) =>
    inVirtualTime(async () => {
      const { failures } = await instanceLife(emulatedVendor().host(config)).check({}, order());
      expect(failures).toEqual([{ property: "", reason: expect.stringMatching(reason) as string }]);
      expect(JSON.stringify(failures)).not.toContain("canary");
    }),
  );

  test("an endpoint that can't be reached, until it can", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const handle = jest.spyOn(vendor.api, "handle").mockImplementation(() => {
        throw Object.assign(new Error("no"), { code: "ECONNREFUSED" });
      });
      const { failures } = await life.check({}, order());
      expect(failures).toEqual([
        { property: "", reason: expect.stringMatching(/ECONNREFUSED.*cds:endpoint/) as string },
      ]);
      handle.mockRestore();
      expect((await life.check({}, order())).failures).toEqual([]);
    }));
});

describe("what is not known at preview is not checked", () => {
  const ARGUMENTS = Object.keys(order()).filter((name) => !name.startsWith("__"));
  const OTHERS = ["computeRole", "paasGoodsId", "port", "instanceName", "testGroupId", "subjectId"];

  test.each([...ARGUMENTS, ...OTHERS])("%s", (name) =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host());
      const { inputs, failures } = await life.check({}, order({ [name]: UNKNOWN }));
      expect(failures).toEqual([]);
      expect(inputs[name]).toBe(UNKNOWN);
    }),
  );

  test("but the rest is", () =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host());
      const { failures } = await life.check({}, order({ vdcId: UNKNOWN, port: 80 }));
      expect(failures.map(({ reason }) => reason.split(" ")[0])).toEqual(["port"]);
    }));

  test("an unknown name is not replaced by an automatic one", () =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host());
      expect(await life.inputs(order({ instanceName: UNKNOWN }))).not.toHaveProperty("__defaults");
    }));
});

describe("what is left out is filled in", () => {
  test("with the vendor's port", () =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host());
      expect(await life.inputs(order())).toMatchObject({ port: 9736 });
      expect(await life.inputs(order({ port: 6379 }))).toMatchObject({ port: 6379 });
    }));

  test("but nothing else is changed or dropped", () =>
    inVirtualTime(async () => {
      const given = order({
        instanceName: "缓存 one",
        port: 1024,
        testGroupId: 3,
        subjectId: 4,
        computeRole: "high-io",
        __timeouts: { create: "1h30m" },
      });
      const life = instanceLife(emulatedVendor().host());
      expect(await life.inputs(given)).toEqual({
        ...given,
        paasGoodsId: 8063,
        __token: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
      });
    }));
});

describe("a name of its own", () => {
  test("is the resource's with seven digits, and marked as filled in", () =>
    inVirtualTime(async () => {
      const inputs = await instanceLife(emulatedVendor().host()).inputs(order());
      expect(inputs).toMatchObject({
        instanceName: expect.stringMatching(/^cache-[0-9a-f]{7}$/) as string,
        __defaults: ["instanceName"],
      });
    }));

  test("stays on an update, also when the specification changes", () =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host());
      const olds = await life.inputs(order());
      const news = await life.inputs(order({ ramGb: 12 }), olds);
      expect(news["instanceName"]).toBe(olds["instanceName"]);
      expect(news["__defaults"]).toEqual(["instanceName"]);
    }));

  test("is new on a replacement, where there are no olds", () =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host());
      const olds = await life.inputs(order());
      expect((await life.inputs(order()))["instanceName"]).not.toBe(olds["instanceName"]);
    }));

  test("is not taken from one that the user gave before", () =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host());
      const olds = await life.inputs(order({ instanceName: "mine" }));
      expect(olds).not.toHaveProperty("__defaults");
      expect(await life.inputs(order(), olds)).toMatchObject({
        instanceName: expect.stringMatching(/^cache-/) as string,
        __defaults: ["instanceName"],
      });
    }));

  test("gives way to one that the user gives", () =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host());
      const news = await life.inputs(order({ instanceName: "mine" }), await life.inputs(order()));
      expect(news["instanceName"]).toBe("mine");
      expect(news).not.toHaveProperty("__defaults");
    }));

  test.each([
    ["x".repeat(100), /^x{56}-[0-9a-f]{7}$/],
    [`${"x".repeat(55)} y`, /^x{55}-[0-9a-f]{7}$/],
    ["shop::cache", /^shop::cache-[0-9a-f]{7}$/],
  ])("keeps the vendor's rules for a resource named %s", (resource, name) =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host());
      const inputs = await life.inputs(order({}, resource));
      expect(inputs["instanceName"]).toMatch(name);
      const again = await life.check({}, order({ instanceName: inputs["instanceName"] }));
      expect(again.failures).toEqual([]);
    }),
  );
});

test("the password is in the inputs alone, never in a failure", () =>
  inVirtualTime(async () => {
    const life = instanceLife(emulatedVendor().host());
    expect((await life.inputs(orderByGoodsId(8063)))["password"]).toBe(PASSWORD);
    for (const password of ["", " ", 17, null, ["canary"], { value: "canary" }]) {
      const { failures } = await life.check({}, order({ password }));
      expect(failures).toHaveLength(1);
      expect(failures[0]?.reason).toMatch(/^password /);
      expect(JSON.stringify(failures)).not.toContain("canary");
    }
  }));
