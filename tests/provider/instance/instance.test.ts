import { PartlyMadeError, UnsettledOrderError } from "../../../provider/core/errors";
import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import { FakeStack } from "../../fakeStack";
import { inVirtualTime } from "../../virtualTime";
import { count, LATE, MINUTE, only, SECOND, twinOf } from "../observed";
import {
  answerInstead,
  failureOf,
  instanceLife,
  instanceUrn,
  jsonAnswer,
  order,
  PASSWORD,
  slowInstances,
  USELESS_ANSWERS,
  type Bag,
} from "../orders";

afterEach(() => {
  jest.restoreAllMocks();
});

describe("create", () => {
  test("orders once, waits for RUNNING and gives all outputs", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const start = Date.now();
      const { id, outs } = await instanceLife(vendor.host()).create(order());
      const waited = Date.now() - start;
      expect(waited).toBeGreaterThanOrEqual(300 * SECOND);
      expect(waited).toBeLessThan(300 * SECOND + LATE);
      const instance = only(vendor.api);
      expect(instance).toMatchObject({
        instanceUuid: id,
        status: "RUNNING",
        instanceName: outs["instanceName"],
        paasGoodsId: 8063,
        basePipeId: "pipe-1",
      });
      expect(outs).toEqual({
        ...order(),
        __defaults: ["instanceName"],
        paasGoodsId: 8063,
        computeRole: "high-io",
        instanceName: expect.stringMatching(/^cache-[0-9a-f]{7}$/) as string,
        port: 9736,
        status: "RUNNING",
        ip: instance.ip,
        connectionString: `redis://:${encodeURIComponent(PASSWORD)}@${instance.ip}:9736`,
        createdTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/) as string,
        vdcName: "香港1",
        resourceId: instance.resourceId,
        __delivered: expect.anything() as object,
        __token: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
        __owner: expect.anything() as object,
      });
      expect(count(vendor, "CreateDBInstance")).toBe(1);
    }));

  test("looks whether the name is free before it orders, and again only after a while", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 0 });
      const life = instanceLife(vendor.host());
      await life.create(order({}, "first"));
      await life.create(order({}, "second"));
      const ofCheck = ["DescribeAvailableDBConfig", "DescribeVdc"];
      const calls = vendor.actions().filter((action) => !ofCheck.includes(action));
      expect(calls).toEqual([
        ...["DescribeDBInstances", "CreateDBInstance", "DescribeDBInstances"],
        ...["CreateDBInstance", "DescribeDBInstances"],
      ]);
    }));

  test("cuts a long name of a resource between characters: the protocol can't send half of one", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 0 });
      const inputs = await instanceLife(vendor.host()).inputs(order({}, `x${"🧊".repeat(40)}`));
      expect(inputs["instanceName"]).toMatch(/^x🧊{27}-[0-9a-f]{7}$/u);
    }));

  test("refuses an automatic name that the last list shows", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 0 });
      const host = vendor.host();
      jest.spyOn(host, "randomHex").mockReturnValue("abcdef0");
      await instanceLife(host).create(order());
      const error = await failureOf(instanceLife(host).create(order()));
      expect(String(error)).toContain("cache-abcdef0 exists already");
    }));

  test("names no other instances with automatic names like its own", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await instanceLife(vendor.host({}, new FakeStack("their provider"))).create(order());
      await instanceLife(vendor.host()).create(order());
      expect(vendor.warnings).toEqual([]);
    }));

  test("says that one with a name of the user's was found by that name alone", () =>
    inVirtualTime(async () => {
      for (const answer of ["an id", "no id", "lost"] as const) {
        const vendor = emulatedVendor({ edition: answer === "no id" ? "first" : "newer" });
        if (answer === "lost")
          vendor.faults.add({ kind: "reset", action: "CreateDBInstance", when: "after" });
        await instanceLife(vendor.host()).create(order({ instanceName: "mine" }));
        const isWarned = vendor.warnings.join().includes("was found by its name alone");
        expect(isWarned).toBe(answer !== "an id");
      }
    }));

  test("knows an automatic name again, whatever was delivered under it", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ edition: "first" });
      vendor.faults.add({ kind: "other-size", action: "CreateDBInstance" });
      const { id } = await instanceLife(vendor.host()).create(order());
      expect(id).toBe(only(vendor.api).instanceUuid);
      expect(vendor.warnings.join()).toContain("was delivered with ramGb 16 instead of 8");
    }));

  test("sends what was asked for and nothing else", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const sent: Bag[] = [];
      answerInstead(vendor.api, "CreateDBInstance", (_vendor, body) => {
        sent.push(body);
        return undefined;
      });
      const asked = { port: 6379, testGroupId: 3, subjectId: 4, instanceName: "缓存" };
      await instanceLife(vendor.host()).create(order(asked));
      expect(sent).toEqual([
        {
          RegionId: "CN_Hongkong_A",
          VdcId: "vdc-1",
          BasePipeId: "pipe-1",
          InstanceName: "缓存",
          PaasGoodsId: 8063,
          Password: PASSWORD,
          Amount: 1,
          ServicePort: 6379,
          TestGroupId: 3,
          SubjectId: 4,
        },
      ]);
    }));

  test("gives a connection string from which any password can be read back", () =>
    inVirtualTime(async () => {
      const password = "a:b@c/d?e#f%g h+中'()*!~";
      const { outs } = await instanceLife(emulatedVendor().host()).create(order({ password }));
      const url = new URL(String(outs["connectionString"]));
      expect(decodeURIComponent(url.password)).toBe(password);
      expect(url.host).toBe(`${String(outs["ip"])}:9736`);
    }));

  test("finds an order without an id by its name, among others", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ ...slowInstances, edition: "first" });
      const life = instanceLife(vendor.host());
      const names = ["cache", "cache-2", "a cache"];
      const made = await Promise.all(
        names.map((instanceName) => life.create(order({ instanceName }))),
      );
      expect(made.map(({ id }) => vendor.api.store.findInstance(id)?.instanceName)).toEqual(names);
      expect(count(vendor, "CreateDBInstance")).toBe(3);
    }));

  test("takes RUNNING in any case", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const life = instanceLife(vendor.host());
      setTimeout(() => {
        vendor.api.store.changeInstance(only(vendor.api).instanceUuid, { status: "running" });
      }, MINUTE);
      expect((await life.create(order())).outs).toMatchObject({ status: "running" });
    }));

  test("refuses a name that is taken, before it orders", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id } = await instanceLife(vendor.host()).create(order({ instanceName: "mine" }));
      const again = instanceLife(vendor.host()).create(order({ instanceName: "mine" }));
      const error = await failureOf(again);
      expect(error).not.toBeInstanceOf(PartlyMadeError);
      expect(String(error)).toMatch(
        new RegExp(`named mine exists already .${id}.*Nothing was ordered`),
      );
      expect(only(vendor.api).instanceUuid).toBe(id);
      expect(count(vendor, "CreateDBInstance")).toBe(1);
    }));

  test.each(["first", "newer"] as const)(
    "refuses the second of two that ask for one name at once (%s edition)",
    (edition) =>
      inVirtualTime(async () => {
        const vendor = emulatedVendor({ ...slowInstances, edition });
        const life = instanceLife(vendor.host());
        const results = await Promise.allSettled([
          life.create(order({ instanceName: "mine" }, "one")),
          life.create(order({ instanceName: "mine" }, "two")),
        ]);
        expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
        expect(vendor.api.store.instances()).toHaveLength(1);
      }),
  );

  test("orders nothing when the instances can't be listed", () =>
    inVirtualTime(async () => {
      for (const [, answer] of USELESS_ANSWERS) {
        const vendor = emulatedVendor();
        answerInstead(vendor.api, "DescribeDBInstances", () => answer);
        await failureOf(instanceLife(vendor.host()).create(order()));
        expect(count(vendor, "CreateDBInstance")).toBe(0);
      }
    }));

  test.each([401, 403])(
    "a key that was accepted just before: HTTP %i proves nothing, so the order is looked for, named and noted",
    (status) =>
      inVirtualTime(async () => {
        const vendor = emulatedVendor();
        const posts: Bag[] = [];
        answerInstead(vendor.api, "CreateDBInstance", (_vendor, body) => {
          posts.push(body);
          return jsonAnswer(status, { Code: "No", Message: `${PASSWORD} is bad`, Data: {} });
        });
        const start = Date.now();
        const error = await failureOf(instanceLife(vendor.host()).create(order()));
        expect(Date.now() - start).toBeGreaterThanOrEqual(30 * SECOND);
        expect(Date.now() - start).toBeLessThan(MINUTE);
        expect(error).toBeInstanceOf(UnsettledOrderError);
        expect(String(error)).toMatch(new RegExp(`cache-0000001 .*HTTP ${status}`));
        expect(String(error)).not.toContain("canary");
        expect(posts).toHaveLength(1);
        expect(vendor.stack.noted.size).toBe(1);
        jest.restoreAllMocks();
        await instanceLife(vendor.host()).create(order());
        expect(vendor.api.store.instances()).toHaveLength(1);
        expect(vendor.stack.noted.size).toBe(0);
      }),
  );

  test.each([400, 404])("passes on a refusal of the order: HTTP %i", (status) =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const posts: Bag[] = [];
      answerInstead(vendor.api, "CreateDBInstance", (_vendor, body) => {
        posts.push(body);
        return jsonAnswer(status, { Code: "No", Message: `${PASSWORD} is bad`, Data: {} });
      });
      const error = await failureOf(instanceLife(vendor.host()).create(order()));
      expect(error).toMatchObject({ action: "CreateDBInstance", httpStatus: status });
      expect(String(error)).not.toContain("canary");
      expect(posts).toHaveLength(1);
      expect(vendor.api.store.instances()).toEqual([]);
    }),
  );

  function withTwin(edition: "first" | "newer"): EmulatedVendor {
    const vendor = emulatedVendor({ edition });
    answerInstead(vendor.api, "CreateDBInstance", (carryOut) => {
      const answer = carryOut();
      const { instanceUuid } = only(vendor.api);
      const twin = twinOf(vendor.api, instanceUuid);
      return { ...answer, body: answer.body.replace(`"${instanceUuid}"`, `$&,"${twin}"`) };
    });
    return vendor;
  }

  test.each([
    ["first", {}],
    ["newer", {}],
    ["newer", { instanceName: "mine" }],
  ] as const)(
    "names all that the vendor made for one order, and keeps one: %s edition, %j",
    (edition, name) =>
      inVirtualTime(async () => {
        const vendor = withTwin(edition);
        const error = await failureOf(instanceLife(vendor.host()).create(order(name)));
        expect(error).toBeInstanceOf(PartlyMadeError);
        const [mine, twin] = vendor.api.store.instances().map(({ instanceUuid }) => instanceUuid);
        expect(error).toMatchObject({ id: mine, properties: order(name) });
        expect(String(error)).toContain("2 instances for the one order");
        expect(String(error)).toContain(String(mine));
        expect(String(error)).toContain(String(twin));
        expect(String(error)).not.toContain("canary");
      }),
  );

  test("two of a name of the user's, without an id in the answer, can't be told apart: neither is kept or to be deleted", () =>
    inVirtualTime(async () => {
      const vendor = withTwin("first");
      const error = await failureOf(
        instanceLife(vendor.host()).create(order({ instanceName: "mine" })),
      );
      expect(error).toBeInstanceOf(UnsettledOrderError);
      for (const { instanceUuid } of vendor.api.store.instances())
        expect(String(error)).toContain(instanceUuid);
      expect(String(error)).toContain("which can't be told");
      expect(String(error)).not.toContain("no stack holds");
      expect(vendor.stack.noted.size).toBe(1);
    }));

  describe("when the order's answer tells nothing", () => {
    test.each(USELESS_ANSWERS)("takes what it finds under the name: %s", (_name, answer) =>
      inVirtualTime(async () => {
        const vendor = emulatedVendor(slowInstances);
        answerInstead(vendor.api, "CreateDBInstance", (carryOut) => {
          carryOut();
          return answer;
        });
        const { id, outs } = await instanceLife(vendor.host()).create(order());
        expect(only(vendor.api).instanceUuid).toBe(id);
        expect(outs).toMatchObject({ status: "RUNNING" });
        expect(count(vendor, "CreateDBInstance")).toBe(1);
      }),
    );

    test.each(USELESS_ANSWERS)(
      "names it when it is not found in two minutes: %s",
      (_name, answer) =>
        inVirtualTime(async () => {
          const vendor = emulatedVendor(slowInstances);
          const posts: Bag[] = [];
          answerInstead(vendor.api, "CreateDBInstance", (_vendor, body) => {
            posts.push(body);
            return answer;
          });
          const start = Date.now();
          const error = await failureOf(
            instanceLife(vendor.host()).create(order({ instanceName: "mine" })),
          );
          const waited = Date.now() - start;
          expect(waited).toBeGreaterThanOrEqual(2 * MINUTE);
          expect(waited).toBeLessThan(2 * MINUTE + LATE);
          expect(String(error)).toMatch(/whether mine was ordered is not known.*Look for the name/);
          expect(posts).toHaveLength(1);
          expect(count(vendor, "DescribeDBInstances")).toBeGreaterThanOrEqual(5);
        }),
    );
  });
});

describe("update", () => {
  test("of time limits alone keeps the instance and takes the limits", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const olds = await life.inputs(order());
      const { id, outs } = await life.create(olds);
      const news = await life.inputs(order({ __timeouts: { delete: "1h" } }), outs);
      const updated = await life.update(id, outs, news);
      expect(updated.outs).toEqual({ ...outs, __timeouts: { delete: "1h" } });
      expect(count(vendor, "CreateDBInstance")).toBe(1);
    }));

  test("names a second instance of the order that is listed late, and keeps the first", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const { id, outs } = await life.create(order());
      const twin = twinOf(vendor.api, id);
      const updated = await life.update(id, outs, outs);
      expect(updated.outs).toEqual(outs);
      expect(vendor.warnings.join()).toContain(`runs, but the vendor has ${twin} of the same name`);
    }));
});

describe("a hundred at once", () => {
  test("are a hundred orders, and no more lists than for one", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const life = instanceLife(vendor.host());
      const made = await Promise.all(
        Array.from({ length: 100 }, (_, index) => life.create(order({}, `cache${index}`))),
      );
      expect(new Set(made.map(({ id }) => id)).size).toBe(100);
      expect(vendor.api.store.instances()).toHaveLength(100);
      expect(count(vendor, "CreateDBInstance")).toBe(100);
      expect(count(vendor, "DescribeAvailableDBConfig")).toBe(1);
      expect(count(vendor, "DescribeDBInstances")).toBeLessThanOrEqual(110);
      const before = count(vendor, "DescribeDBInstances");
      await Promise.all(made.map(({ id, outs }) => life.delete(id, outs)));
      expect(vendor.api.store.instances()).toEqual([]);
      expect(count(vendor, "DescribeDBInstances") - before).toBeLessThanOrEqual(60);
    }));

  test("are shown each on its own row, a line for each change", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const life = instanceLife(vendor.host());
      const names = Array.from({ length: 10 }, (_, index) => `cache${index}`);
      const made = await Promise.all(names.map((name) => life.create(order({}, name))));
      await Promise.all(made.map(({ id, outs }) => life.delete(id, outs)));
      for (const name of names) {
        const row = `${instanceUrn(name)}: `;
        const lines = vendor.reports.filter((line) => line.startsWith(row));
        expect(lines.map((line) => line.slice(row.length))).toEqual([
          expect.stringMatching(/^ordering cache\d+-[0-9a-f]{7}$/),
          "CREATING",
          "RUNNING",
          "deleting",
          "DELETING",
          "gone",
        ]);
      }
      expect(vendor.reports.join()).not.toContain("canary");
    }));
});
