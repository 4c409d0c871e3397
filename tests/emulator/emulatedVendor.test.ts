import { z } from "zod";

import type { FaultKind } from "../../emulator";
import { CdsClient } from "../../provider/vendor/client";
import { CdsConnectionError } from "../../provider/vendor/errors";
import { adapterOf, emulatedVendor, type EmulatedVendor } from "../emulatedVendor";
import { inVirtualTime } from "../virtualTime";
import { ORDER } from "./virtualEmulator";
import { SETTING_NAMES } from "../settingNames";

function order(vendor: EmulatedVendor): Promise<unknown> {
  const client = new CdsClient({
    settingNames: SETTING_NAMES,
    endpoint: "https://vendor.example",
    credentials: vendor.api.credentials,
    adapter: adapterOf(vendor.api),
  });
  return client.write("CreateDBInstance", ORDER, z.unknown(), 30_000);
}

describe("faults that a test over HTTP would have to wait or leave this machine for", () => {
  test.each<[FaultKind, boolean, RegExp]>([
    ["dns", false, /: ENOTFOUND\./],
    ["refused", false, /: ECONNREFUSED\./],
    ["tls", false, /: CERT_HAS_EXPIRED\./],
    ["hang", true, /timed out after 30 s/],
    ["slow", true, /timed out after 30 s/],
  ])("%s: no answer, ambiguous: %s", async (kind, ambiguous, message) => {
    await inVirtualTime(async () => {
      const vendor = emulatedVendor();
      vendor.faults.add({ kind, action: "CreateDBInstance" });
      const error = await order(vendor).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(CdsConnectionError);
      expect(error).toMatchObject({ ambiguous });
      expect(String(error)).toMatch(message);
      expect(vendor.actions()).toEqual(["CreateDBInstance"]);
      expect(vendor.api.store.instances()).toEqual([]);
    });
  });
});

describe("a host that is killed", () => {
  /** Orders through one host, until it dies. */
  async function orderUntilKilled(vendor: EmulatedVendor, count: number): Promise<string[]> {
    const { client } = vendor.host().account();
    const ends: string[] = [];
    const dies = new Promise<void>((resolve) => {
      vendor.killAt({ action: "CreateDBInstance", call: 2, when: "after" }, resolve);
    });
    for (let index = 0; index < count; index += 1) {
      void client.write("CreateDBInstance", ORDER, z.unknown(), 30_000).then(
        () => ends.push("answered"),
        () => ends.push("failed"),
      );
    }
    await dies;
    return ends;
  }

  test("after: the vendor carries the call out, which never ends, and sees no more of that host", async () => {
    await inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const ends = await orderUntilKilled(vendor, 3);
      // Longer than any limit of the client.
      await new Promise((resolve) => setTimeout(resolve, 3_600_000));
      expect(ends).toEqual(["answered"]);
      expect(vendor.api.store.instances()).toHaveLength(2);
      await vendor.host().account().client.write("CreateDBInstance", ORDER, z.unknown(), 30_000);
      expect(vendor.api.store.instances()).toHaveLength(3);
    });
  });

  test("before: the vendor never sees the call", async () => {
    await inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { client } = vendor.host().account();
      const died = jest.fn();
      vendor.killAt({ action: "CreateDBInstance", when: "before" }, died);
      await client.read("DescribeRegins", {}, z.unknown());
      client.write("CreateDBInstance", ORDER, z.unknown(), 30_000).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 3_600_000));
      expect(died).toHaveBeenCalledTimes(1);
      expect(vendor.actions()).toEqual(["DescribeRegins"]);
    });
  });
});
