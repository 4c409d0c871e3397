import { UnsettledOrderError } from "../../../provider/core/errors";
import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import type { FaultKind } from "../../../emulator";
import { inVirtualTime } from "../../virtualTime";
import { SINGLE, storedIds, withInstance } from "../backups";
import { count, elapsed, LATE, MINUTE, only, SECOND } from "../observed";
import {
  answerInstead,
  backupLife,
  backupOrder,
  failureOf,
  instanceLife,
  jsonAnswer,
  order,
  slowInstances,
} from "../orders";

afterEach(() => {
  jest.restoreAllMocks();
});

const LIMITS = { __timeouts: { create: "10m", delete: "10m" } };
const NOT_CARRIED_OUT: FaultKind[] = [
  ...(["dns", "refused", "tls"] as const),
  ...(["http-409", "http-429", "http-429-retry-after"] as const),
];
const UNCLEAR: FaultKind[] = ["reset", "hang", "http-500", "http-502", "html", "truncated-json"];

async function running(
  vendor: EmulatedVendor,
): ReturnType<ReturnType<typeof instanceLife>["create"]> {
  return instanceLife(vendor.host()).create(order(LIMITS));
}

describe("an order that was certainly not carried out", () => {
  test.each(NOT_CARRIED_OUT)("is sent again until it is taken: %s", (kind) =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      vendor.faults.add({ kind, action: "CreateDBInstance", times: 3 });
      await running(vendor);
      expect(only(vendor.api).status).toBe("RUNNING");
      expect(count(vendor, "CreateDBInstance")).toBe(4);
    }),
  );

  test("is looked for before it is sent again", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      // The vendor took it, whatever it says.
      vendor.faults.add({ kind: "http-409", action: "CreateDBInstance", when: "after" });
      await running(vendor);
      expect(only(vendor.api).status).toBe("RUNNING");
      expect(count(vendor, "CreateDBInstance")).toBe(1);
    }));

  test("is looked for in more lists than one: the first may lack what was just made", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      vendor.faults.add({ kind: "http-409", action: "CreateDBInstance", when: "after" });
      vendor.faults.add({ kind: "stale-list", action: "DescribeDBInstances", call: 2, times: 2 });
      await running(vendor);
      expect(only(vendor.api).status).toBe("RUNNING");
      expect(count(vendor, "CreateDBInstance")).toBe(1);
    }));

  test("nor is a backup started again that a list lacks, or whose instance the vendor denies for a moment", () =>
    inVirtualTime(async () => {
      for (const kind of ["stale-list", "http-404"] as const) {
        const { vendor, instanceId } = await withInstance(SINGLE);
        vendor.faults.add({ kind: "http-409", action: "CreateBackup", when: "after" });
        vendor.faults.add({ kind, action: "DescribeBackups", call: 2, times: 2 });
        await backupLife(vendor.host()).create(backupOrder(instanceId));
        expect(count(vendor, "CreateBackup")).toBe(1);
      }
    }));

  test("is given up at the deadline, and nothing was made", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      vendor.faults.add({ kind: "http-429", action: "CreateDBInstance", times: "always" });
      let error: unknown;
      const waited = await elapsed(async () => {
        error = await failureOf(running(vendor));
      });
      expect(waited).toBeGreaterThan(9 * MINUTE);
      expect(waited).toBeLessThan(10 * MINUTE + LATE);
      expect(String(error)).toMatch(/ordering cache-.*gave up.*429/);
      expect(error).not.toBeInstanceOf(UnsettledOrderError);
      expect(error).not.toHaveProperty("id");
      expect(vendor.stack.noted.size).toBe(0);
      expect(vendor.api.store.instances()).toEqual([]);
    }));

  test("that may be carried out is not given up at the deadline as if it were not", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ listLagSeconds: 25 });
      vendor.faults.add({ kind: "http-409", action: "CreateDBInstance", when: "after" });
      const hasty = order({ __timeouts: { create: "20s" } });
      const error = await failureOf(instanceLife(vendor.host()).create(hasty));
      expect(String(error)).toContain("is not known");
      expect(vendor.stack.noted.size).toBe(1);
    }));

  test.each([
    [
      "a second after the lists of the look, so that it is not one too many",
      "http-429",
      1_000,
      5_000,
    ],
    ["right after the lists of the look, where calls are not limited", "http-409", 0, 500],
  ] as const)("is sent again %s", (_name, kind, least, most) =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      vendor.faults.add({ kind, action: "CreateDBInstance" });
      await running(vendor);
      const { requests } = vendor.api;
      const again = requests.findLastIndex(({ action }) => action === "CreateDBInstance");
      const passed = (requests[again]?.at ?? 0) - (requests[again - 1]?.at ?? 0);
      expect(passed).toBeGreaterThanOrEqual(least);
      expect(passed).toBeLessThan(most);
    }),
  );

  test("is not sent before Retry-After is over", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      vendor.faults.add({ kind: "http-429-retry-after", action: "CreateDBInstance" });
      await running(vendor);
      const [first, second] = vendor.api.requests.filter(
        (one) => one.action === "CreateDBInstance",
      );
      expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(5 * SECOND);
    }));
});

describe("a refused order for whose name the vendor lists an instance of another size", () => {
  /** Somebody else orders the name in the same moment. */
  async function refusedBeside(
    status: number,
  ): Promise<{ vendor: EmulatedVendor; error: unknown }> {
    const vendor = emulatedVendor();
    vendor.faults.add({ kind: "other-size", action: "CreateDBInstance" });
    answerInstead(vendor.api, "CreateDBInstance", (carryOut) => {
      carryOut();
      return jsonAnswer(status, { Code: "No", Data: {} });
    });
    const mine = instanceLife(vendor.host()).create(order({ instanceName: "mine" }));
    return { vendor, error: await failureOf(mine) };
  }

  test("is not sent again after 429, and nothing of it is left", () =>
    inVirtualTime(async () => {
      const { vendor, error } = await refusedBeside(429);
      expect(String(error)).toContain(`exists already (${only(vendor.api).instanceUuid}`);
      expect(String(error)).toContain("Nothing was ordered");
      expect(vendor.stack.noted.size).toBe(0);
    }));

  test("is not sent again after 409, and may be the one that is listed", () =>
    inVirtualTime(async () => {
      const { vendor, error } = await refusedBeside(409);
      expect(String(error)).toContain(`lists ${only(vendor.api).instanceUuid}, and whether`);
      expect(vendor.stack.noted.size).toBe(1);
    }));
});

describe("a delete", () => {
  test.each([...NOT_CARRIED_OUT, ...UNCLEAR])("is sent again after %s", (kind) =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const { id, outs } = await running(vendor);
      vendor.faults.add({ kind, action: "DeleteDBInstance", times: 2 });
      await instanceLife(vendor.host()).delete(id, outs);
      expect(vendor.api.store.instances()).toEqual([]);
      expect(count(vendor, "DeleteDBInstance")).toBe(3);
    }),
  );

  test("whose answer was lost is confirmed by absence, and not sent for what is gone", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 1, deleteSeconds: 0 });
      const { id, outs } = await running(vendor);
      vendor.faults.add({ kind: "reset", action: "DeleteDBInstance", when: "after" });
      const took = await elapsed(() => instanceLife(vendor.host()).delete(id, outs));
      expect(took).toBeGreaterThanOrEqual(30 * SECOND);
      expect(count(vendor, "DeleteDBInstance")).toBe(1);
    }));

  test("that is refused after the key was accepted is not sent again", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const { id, outs } = await running(vendor);
      const life = instanceLife(vendor.host());
      await life.read(id, outs);
      vendor.faults.add({ kind: "http-403", action: "DeleteDBInstance" });
      await failureOf(life.delete(id, outs));
      expect(count(vendor, "DeleteDBInstance")).toBe(1);
    }));

  test("of an instance that somebody else's delete has begun, with a new key, succeeds", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const { id, outs } = await running(vendor);
      vendor.faults.add({ kind: "http-404", action: "DeleteDBInstance", when: "after" });
      const __owner = { endpoint: "https://cdsapi.capitalonline.net", key: "0" };
      await instanceLife(vendor.host()).delete(id, { ...outs, __owner });
      expect(vendor.api.store.instances()).toEqual([]);
    }));

  test("that the vendor took, with a new key, succeeds, though no list shows the instance any more", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 1, deleteSeconds: 0 });
      const { id, outs } = await running(vendor);
      const __owner = { endpoint: "https://cdsapi.capitalonline.net", key: "0" };
      await instanceLife(vendor.host()).delete(id, { ...outs, __owner });
      expect(vendor.api.store.instances()).toEqual([]);
    }));

  test.each(["http-400", "http-401", "http-403"] as const)("is not sent again after %s", (kind) =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const { id, outs } = await running(vendor);
      vendor.faults.add({ kind, action: "DeleteDBInstance" });
      await failureOf(instanceLife(vendor.host()).delete(id, outs));
      expect(count(vendor, "DeleteDBInstance")).toBe(1);
      expect(only(vendor.api).status).toBe("RUNNING");
    }),
  );

  test("that can't be sent at all fails soon, and the instance stays in the state", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const { id, outs } = await running(vendor);
      vendor.faults.add({ kind: "refused", times: "always" });
      let error: unknown;
      const waited = await elapsed(async () => {
        error = await failureOf(instanceLife(vendor.host()).delete(id, outs));
      });
      expect(String(error)).toMatch(/ECONNREFUSED\. Check cds:endpoint/);
      expect(waited).toBeLessThan(2 * MINUTE);
      expect(only(vendor.api).status).toBe("RUNNING");
    }));

  test("goes to the id as the list writes it where the vendor doesn't know it as it was given", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id, outs } = await running(vendor);
      await instanceLife(vendor.host()).delete(id.toUpperCase(), outs);
      expect(vendor.api.store.instances()).toEqual([]);
    }));

  test("is sent once where the vendor answers 404 and goes on listing the instance", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id, outs } = await running(vendor);
      vendor.faults.add({ kind: "http-404", action: "DeleteDBInstance", times: "always" });
      const error = await failureOf(instanceLife(vendor.host()).delete(id, outs));
      expect(String(error)).toContain("gave up");
      expect(count(vendor, "DeleteDBInstance")).toBe(1);
    }));

  test("that the vendor never takes fails at the deadline", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const { id, outs } = await running(vendor);
      vendor.faults.add({ kind: "http-409", action: "DeleteDBInstance", times: "always" });
      let error: unknown;
      const waited = await elapsed(async () => {
        error = await failureOf(instanceLife(vendor.host()).delete(id, outs));
      });
      expect(String(error)).toMatch(/deleting cache-.*gave up.*409/);
      expect(waited).toBeLessThan(10 * MINUTE + LATE);
    }));
});

describe("a backup", () => {
  test("that was refused as one call too many is started after it, though somebody else began one", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      let refusals = 0;
      answerInstead(vendor.api, "CreateBackup", () => {
        refusals += 1;
        if (refusals > 1) return undefined;
        vendor.api.store.createBackup(instanceId, "");
        return jsonAnswer(429, { Code: "TooManyRequests", Data: {} });
      });
      await backupLife(vendor.host()).create(backupOrder(instanceId));
      expect(storedIds(vendor.api, instanceId)).toHaveLength(2);
    }));

  test.each(NOT_CARRIED_OUT)("is started once after %s", (kind) =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      vendor.faults.add({ kind, action: "CreateBackup", times: 2 });
      await backupLife(vendor.host()).create(backupOrder(instanceId));
      expect(storedIds(vendor.api, instanceId)).toHaveLength(1);
      expect(count(vendor, "CreateBackup")).toBe(3);
    }),
  );

  test.each([...NOT_CARRIED_OUT, ...UNCLEAR])("is deleted after %s", (kind) =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
      vendor.faults.add({ kind, action: "DeleteBackup", times: 2 });
      await backupLife(vendor.host()).delete(id, outs);
      expect(storedIds(vendor.api, instanceId)).toEqual([]);
    }),
  );
});

test("a name that only begins alike is nobody's obstacle, and is never taken for ours", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    const life = instanceLife(vendor.host());
    const longer = await life.create(order({ instanceName: "mine-2" }, "longer"));
    const { id } = await life.create(order({ instanceName: "mine" }));
    expect(id).not.toBe(longer.id);
    expect(vendor.api.store.instances()).toHaveLength(2);
  }));

test("a list before the order that can't be had ends it, and the error says that nothing was ordered", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    vendor.faults.add({ kind: "http-502", action: "DescribeDBInstances", times: "always" });
    const error = await failureOf(instanceLife(vendor.host()).create(order()));
    expect(String(error)).toMatch(/[^.]\. Nothing was ordered: run `pulumi up` again\.$/);
    expect(count(vendor, "CreateDBInstance")).toBe(0);
  }));

test("and ends it soon", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    vendor.faults.add({ kind: "http-403", action: "DescribeDBInstances", times: "always" });
    const before = count(vendor, "DescribeDBInstances");
    await failureOf(instanceLife(vendor.host()).create(order()));
    expect(count(vendor, "DescribeDBInstances") - before).toBe(1);
  }));

test("lists that fail after an unclear order end no search for it", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    let orderedAt = Number.POSITIVE_INFINITY;
    const handle = vendor.api.handle.bind(vendor.api);
    jest.spyOn(vendor.api, "handle").mockImplementation((request) => {
      const isOrder = request.url.includes("Action=CreateDBInstance&");
      if (isOrder) orderedAt = Date.now();
      const answer = handle(request);
      const fails = Date.now() >= orderedAt && Date.now() < orderedAt + MINUTE;
      return isOrder || fails ? jsonAnswer(502, "<html></html>") : answer;
    });
    const { id } = await instanceLife(vendor.host()).create(order());
    expect(only(vendor.api).instanceUuid).toBe(id);
  }));

test.each<[FaultKind, string, RegExp]>([
  ["http-429", "CreateDBInstance", /CreateDBInstance: .*\(HTTP 429\)(: [^.]*)?$/],
  ["refused", "CreateDBInstance", /CreateDBInstance: no answer from https:\S+: ECONNREFUSED$/],
  ["http-502", "DeleteDBInstance", /DeleteDBInstance: the vendor's gateway failed \(502\)$/],
  ["html", "DeleteDBInstance", /DeleteDBInstance: HTTP 200 .* with a Code, as the vendor's$/],
  ["truncated", "DeleteDBInstance", /DeleteDBInstance: an answer .*: it is cut off or [^.]*$/],
])("a row that says that a call is sent again gives nobody advice: %s", (kind, action, text) =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    vendor.faults.add({ kind, action });
    const { id, outs } = await instanceLife(vendor.host()).create(order());
    await instanceLife(vendor.host()).delete(id, outs);
    const [row = ""] = vendor.reports.filter((line) => line.includes("trying again"));
    expect(row.split("trying again: ")[1]).toMatch(text);
  }),
);
