import { emulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { only } from "../observed";
import { instanceLife, order, PASSWORD, type Bag } from "../orders";

const fromConfig = (change: Bag = {}): Bag =>
  order({ password: undefined, passwordFrom: { config: "redis" }, ...change });

const CONFIG = { "shop:redis": PASSWORD, "other:redis": "another password" };

describe("passwordFrom", () => {
  test("orders with the password of the configuration, and keeps it out of the state", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const bodies = jest.spyOn(vendor.api, "handle");
      const { outs } = await instanceLife(vendor.host(CONFIG)).create(fromConfig());
      const posted = bodies.mock.calls.find(([request]) =>
        request.url.includes("CreateDBInstance"),
      );
      expect(JSON.parse(posted?.[0].body ?? "")).toMatchObject({ Password: PASSWORD });
      expect(JSON.stringify(outs)).not.toContain(PASSWORD);
      expect(JSON.stringify(outs)).not.toContain(encodeURIComponent(PASSWORD));
      expect(outs).not.toHaveProperty("connectionString");
      expect(only(vendor.api).status).toBe("RUNNING");
    }));

  test("takes a key of another namespace as it is written", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const bodies = jest.spyOn(vendor.api, "handle");
      const given = fromConfig({ passwordFrom: { config: "other:redis" } });
      await instanceLife(vendor.host(CONFIG)).create(given);
      expect(JSON.stringify(bodies.mock.calls)).toContain("another password");
    }));

  test.each([
    ["neither is given", { passwordFrom: undefined }, /password is missing/],
    ["both are given", { password: "p" }, /both given/],
    [
      "the key is not set",
      { passwordFrom: { config: "no" } },
      /shop:no is not set.*config set --secret shop:no/,
    ],
    [
      "the variable is not set",
      { passwordFrom: { env: "NO_SUCH" } },
      /variable NO_SUCH is not set/,
    ],
    ["it is of another shape", { passwordFrom: { file: "x" } }, /must be \{ config/],
    ["it has a line break", { password: "canary\n", passwordFrom: undefined }, /^password holds a/],
    [
      "it has half a character",
      { password: "\ud83d", passwordFrom: undefined },
      /half a character/,
    ],
    [
      "the variable has a line break",
      { passwordFrom: { env: "BROKEN" } },
      /environment variable BROKEN holds a control character/,
    ],
    [
      "passwordVersion stands alone",
      { password: "p", passwordFrom: undefined, passwordVersion: 1 },
      /passwordVersion goes with/,
    ],
    [
      "passwordVersion is neither text nor number",
      { passwordVersion: [1] },
      /must be text or a number/,
    ],
  ])("is refused at preview where %s", (_name, change, reason) =>
    inVirtualTime(async () => {
      const { failures } = await instanceLife(
        emulatedVendor().host(CONFIG, undefined, { BROKEN: "canary\r\n" }),
      ).check({}, fromConfig(change));
      expect(failures.map((failure) => failure.reason)).toEqual([expect.stringMatching(reason)]);
      expect(JSON.stringify(failures)).not.toMatch(/canary/);
    }),
  );

  test("with any other character is sent as it is", () =>
    inVirtualTime(async () => {
      const password = ` "'\\%:/?#[]@!$&()*+,;=中😀~\u00a0`;
      const { inputs, failures } = await instanceLife(emulatedVendor().host()).check(
        {},
        order({ password }),
      );
      expect(failures).toEqual([]);
      expect(inputs).toMatchObject({ password });
    }));

  test("that an instance has already is not looked at again", () =>
    inVirtualTime(async () => {
      const olds = order({ password: "old\n", instanceName: "cache" });
      const { failures } = await instanceLife(emulatedVendor().host()).check(olds, olds);
      expect(failures).toEqual([]);
    }));

  test.each([
    ["another version", { passwordVersion: 1 }, { passwordVersion: 2 }, ["passwordVersion"]],
    ["a first version", {}, { passwordVersion: 1 }, ["passwordVersion"]],
    ["another source alone", {}, { passwordFrom: { config: "other:redis" } }, []],
    ["a move to password", {}, { passwordFrom: undefined, password: "p" }, []],
  ])("with %s", (_name, before, after, replaces) =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host(CONFIG));
      const olds = await life.inputs(fromConfig(before));
      const { outs } = await life.create(olds);
      const news = await life.inputs(fromConfig(after), olds);
      expect(await life.diff(outs, news)).toMatchObject({ changes: true, replaces });
    }),
  );

  test("its source is not asked where there is nothing to order", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const olds = await instanceLife(vendor.host(CONFIG)).inputs(fromConfig());
      const { failures } = await instanceLife(vendor.host()).check(olds, fromConfig());
      expect(failures).toEqual([]);
    }));

  test("a move from password is an update that drops the password from the state", () =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host(CONFIG));
      const olds = await life.inputs(order());
      const { id, outs } = await life.create(olds);
      const news = await life.inputs(fromConfig(), olds);
      expect(await life.diff(outs, news)).toMatchObject({ changes: true, replaces: [] });
      const updated = await life.update(id, outs, news);
      expect(JSON.stringify(updated.outs)).not.toContain(PASSWORD);
      expect(updated.outs).not.toHaveProperty("connectionString");
    }));
});
