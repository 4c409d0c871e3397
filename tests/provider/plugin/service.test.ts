import { inspect } from "node:util";

import * as proto from "@pulumi/pulumi/proto/provider_pb";

import { UNKNOWN } from "../../../provider/core/engineValues";
import { now, sleep } from "../../../provider/time";
import { emulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { failureOf, instanceLife, order as dynamicOrder, type Bag } from "../orders";
import {
  BACKUP,
  INSTANCE,
  keptBy,
  KEYS,
  order,
  PASSWORD,
  PluginCalls,
  secret,
  struct,
} from "./pluginCalls";

const { Kind } = proto.PropertyDiff;
const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;

describe("the provider", () => {
  test("takes no secrets as such, since the engine marks what was secret at any depth", async () => {
    const plugin = new PluginCalls(emulatedVendor());
    const request = new proto.ProviderHandshakeRequest();
    const answer = await plugin.call<proto.ProviderHandshakeResponse>("handshake", request);
    expect(answer.getAcceptSecrets()).toBe(false);
  });

  test("gives the schema with its own version", async () => {
    const plugin = new PluginCalls(emulatedVendor());
    const schema = await plugin.call<proto.GetSchemaResponse>(
      "getSchema",
      new proto.GetSchemaRequest(),
    );
    expect(JSON.parse(schema.getSchema())).toEqual({ name: "cds-redis", version: "1.2.3" });
  });

  async function checkConfig(news: Bag): Promise<proto.CheckResponse> {
    const request = new proto.CheckRequest();
    request.setNews(struct(news));
    return new PluginCalls(emulatedVendor()).call("checkConfig", request);
  }

  test("has its keys as secrets", async () => {
    const { accessKeyId, accessKeySecret } = KEYS;
    const inputs = (await checkConfig({ ...KEYS, version: "1.2.3" })).getInputs()?.toJavaScript();
    expect(inputs).toEqual({
      ...{ endpoint: "china", version: "1.2.3" },
      ...{ accessKeyId: secret(accessKeyId), accessKeySecret: secret(accessKeySecret) },
    });
  });

  test.each([
    [{ acessKeyId: "CANARY" }, /^acessKeyId is no setting .*accessKeyId/],
    [{ endpoint: "moon" }, /^endpoint is "moon": use one of china/],
    [{ endpoint: "" }, /^endpoint is empty: remove it for china/],
  ])("refuses %j, and names no property whose value the engine would print", async (news, text) => {
    const failures = (await checkConfig(news)).toObject().failuresList;
    expect(failures).toEqual([{ property: "", reason: expect.stringMatching(text) as string }]);
    expect(inspect(failures)).not.toContain("CANARY");
  });

  test("never replaces anything for another key or endpoint", async () => {
    const request = new proto.DiffRequest();
    request.setOlds(struct(KEYS));
    request.setNews(struct({ ...KEYS, endpoint: "asia", accessKeyId: "other" }));
    const answer = await new PluginCalls(emulatedVendor()).call<proto.DiffResponse>(
      "diffConfig",
      request,
    );
    expect(answer.getReplacesList()).toEqual([]);
    expect(answer.getChanges()).toBe(DIFF_SOME);
  });

  test.each([
    ["default_0_1_0", {}, /set cds-redis:accessKeyId, or CDS_SECRET_ID\. .*`pulumi config set/],
    ["prod", { CDS_SECRET_ID: "theirs" }, /set accessKeyId of the provider prod\.$/],
  ])("says how the account of the provider %s gets its key", async (name, environment, text) => {
    const plugin = new PluginCalls(emulatedVendor(), environment);
    await plugin.configure({ endpoint: "china" }, name);
    expect((await plugin.check(INSTANCE, {}, order())).reasons).toEqual([
      expect.stringMatching(text),
    ]);
  });

  test("reads the keys and the region of the environment where it has none", async () => {
    const plugin = new PluginCalls(emulatedVendor(), {
      ...{ CDS_SECRET_ID: KEYS.accessKeyId, CDS_SECRET_KEY: KEYS.accessKeySecret },
      CDS_REGION: "CN_Hongkong_A",
    });
    await plugin.configure({});
    const { regionId, ...others } = order();
    expect((await plugin.check(INSTANCE, {}, others)).inputs).toMatchObject({ regionId });
  });
});

describe("a check", () => {
  test("makes the same name and mark from the same seed, so that an update plan holds", async () => {
    const check = async (seed: string): Promise<Bag> => {
      const plugin = await PluginCalls.configured(emulatedVendor());
      return (await plugin.check(INSTANCE, {}, order(), seed)).inputs;
    };
    const [first, same, other] = [await check("one"), await check("one"), await check("two")];
    expect(first["instanceName"]).toMatch(/^cache-[0-9a-f]{7}$/);
    expect(same).toEqual(first);
    expect(other["instanceName"]).not.toBe(first["instanceName"]);
    expect(other["__token"]).not.toBe(first["__token"]);
    expect(first["password"]).toEqual(secret(PASSWORD));
  });

  test.each([
    [{ account: "prod" }, /^account is no argument here: .* `provider`/],
    [{ password: undefined, passwordFrom: { config: "password" } }, /^passwordFrom .*\{ env \}/],
    [{ pasword: "CANARY" }, /^pasword is no argument/],
  ])("refuses %j with the remedy", async (change, text) => {
    const plugin = await PluginCalls.configured(emulatedVendor());
    const given = JSON.parse(JSON.stringify(order(change))) as Bag;
    const { reasons } = await plugin.check(INSTANCE, {}, given);
    expect(reasons).toEqual([expect.stringMatching(text)]);
    expect(inspect(reasons)).not.toContain("CANARY");
  });
});

describe("a preview", () => {
  test("shows the planned outputs of an instance, and orders nothing", async () => {
    const vendor = emulatedVendor();
    const plugin = await PluginCalls.configured(vendor);
    const { id, state } = await plugin.create(INSTANCE, order(), { isPreview: true });
    expect(id).toBe("");
    expect(state).toMatchObject({ ramGb: 8, ip: UNKNOWN, connectionString: secret(UNKNOWN) });
    expect(vendor.actions()).not.toContain("CreateDBInstance");
  });

  test("of a changed trigger shows that the entries change, of another change that they stay", () =>
    inVirtualTime(async () => {
      const plugin = await PluginCalls.configured(emulatedVendor({ deliverySeconds: 1 }));
      const { id: instanceId } = await plugin.create(INSTANCE, order());
      const backup = await plugin.create(BACKUP, { instanceId, triggers: ["1"] });
      const { entries } = backup.state;
      const news = { ...backup.inputs, triggers: ["2"] };
      expect(await plugin.update(BACKUP, backup, news, true)).toMatchObject({ entries: UNKNOWN });
      const kept = { ...backup.inputs, keepLatest: 3 };
      expect(await plugin.update(BACKUP, backup, kept, true)).toMatchObject({ entries });
    }));
});

describe("a preview of an update that goes on waiting", () => {
  test("shows no output of an instance that was not ready in time as known", () =>
    inVirtualTime(async () => {
      const plugin = await PluginCalls.configured(emulatedVendor({ deliverySeconds: 600 }));
      const { inputs } = await plugin.check(INSTANCE, {}, order());
      const error = await failureOf(plugin.create(INSTANCE, order(), { timeoutSeconds: 60 }));
      const kept = keptBy(error) ?? { id: "", state: {} };
      const refreshed = await plugin.read(INSTANCE, kept.id, kept.state, inputs);
      expect(refreshed.state).toMatchObject({ status: "CREATING", ip: "" });
      for (const state of [kept.state, refreshed.state])
        expect(await plugin.update(INSTANCE, { id: kept.id, state, inputs }, inputs, true)).toEqual(
          expect.objectContaining({ ip: UNKNOWN, status: UNKNOWN, createdTime: UNKNOWN }),
        );
    }));

  test("shows no output of a backup that was not finished in time as known", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 1, backupSeconds: 600 });
      const plugin = await PluginCalls.configured(vendor);
      const { id: instanceId } = await plugin.create(INSTANCE, order());
      const { inputs } = await plugin.check(BACKUP, {}, { instanceId });
      const limit = { timeoutSeconds: 60 };
      const error = await failureOf(plugin.create(BACKUP, { instanceId }, limit));
      const { id, state } = keptBy(error) ?? { id: "", state: {} };
      const planned = await plugin.update(BACKUP, { id, state, inputs }, inputs, true);
      expect(planned).toMatchObject({ entries: UNKNOWN, status: UNKNOWN, endTime: UNKNOWN });
    }));
});

describe("a diff", () => {
  test("says for each argument what becomes of it", () =>
    inVirtualTime(async () => {
      const plugin = await PluginCalls.configured(emulatedVendor({ deliverySeconds: 1 }));
      const made = await plugin.create(INSTANCE, order());
      const given = order({ ramGb: 16, finalBackup: true });
      const { inputs: news } = await plugin.check(INSTANCE, made.inputs, given);
      const answer = await plugin.diff(INSTANCE, made, news);
      expect(answer).toMatchObject({
        changes: DIFF_SOME,
        replacesList: ["ramGb"],
        diffsList: ["ramGb", "finalBackup"],
        detaileddiffMap: [
          ["finalBackup", { kind: Kind.ADD }],
          ["ramGb", { kind: Kind.UPDATE_REPLACE }],
        ],
      });
      const same = await plugin.diff(INSTANCE, made, made.inputs);
      expect(same).toMatchObject({ changes: DIFF_NONE, replacesList: [] });
    }));

  test("finds nothing in a state of the dynamic face, of a named account too", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 1 });
      const { accessKeyId, accessKeySecret } = KEYS;
      const host = vendor.host({
        ...{ "cds-prod:accessKeyId": accessKeyId, "cds-prod:accessKeySecret": accessKeySecret },
      });
      const { id, outs } = await instanceLife(host).create(dynamicOrder({ account: "prod" }));
      const plugin = await PluginCalls.configured(vendor);
      const { __provider, __urn, account, ...given } = dynamicOrder({ account: "prod" });
      const { inputs } = await plugin.check(INSTANCE, outs, given);
      const recorded = { id, state: outs, inputs: outs };
      expect(await plugin.diff(INSTANCE, recorded, inputs)).toMatchObject({ changes: DIFF_NONE });
      const { state } = await plugin.read(INSTANCE, id, outs, outs);
      expect(Object.keys(state)).not.toEqual(
        expect.arrayContaining(["__provider", "__urn", "account"]),
      );
      expect([__provider, __urn, account].every(Boolean)).toBe(true);
    }));
});

describe("a create", () => {
  test("marks the password and the connection string as secrets", () =>
    inVirtualTime(async () => {
      const plugin = await PluginCalls.configured(emulatedVendor({ deliverySeconds: 1 }));
      const { id, state } = await plugin.create(INSTANCE, order());
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      const url = `redis://:${PASSWORD}@${String(state["ip"])}:9736`;
      expect(state).toMatchObject({ password: secret(PASSWORD), connectionString: secret(url) });
    }));

  test("that takes longer than the user's limit keeps what was ordered, secrets marked", () =>
    inVirtualTime(async () => {
      const plugin = await PluginCalls.configured(emulatedVendor({ deliverySeconds: 600 }));
      const start = now();
      const error = await failureOf(plugin.create(INSTANCE, order(), { timeoutSeconds: 60 }));
      expect(now() - start).toBeLessThan(80_000);
      const kept = keptBy(error);
      expect(kept?.id).toMatch(/^[0-9a-f-]{36}$/);
      expect(kept?.state).toMatchObject({ ramGb: 8, password: secret(PASSWORD) });
      expect(kept?.reasons).toEqual([expect.stringContaining("waiting")]);
      expect(inspect(kept?.reasons)).not.toContain(PASSWORD);
    }));

  test("that is cancelled ends at once, keeps what was ordered and says so", () =>
    inVirtualTime(async () => {
      const plugin = await PluginCalls.configured(emulatedVendor({ deliverySeconds: 600 }));
      const creating = failureOf(plugin.create(INSTANCE, order()));
      await sleep(60_000);
      const start = now();
      await plugin.cancel();
      const error = await creating;
      expect(now() - start).toBeLessThan(2_000);
      expect(error).toMatchObject({ message: expect.stringContaining("cancelled") as string });
      expect(keptBy(error)?.id).toMatch(/^[0-9a-f-]{36}$/);
    }));
});

describe("a refresh and a delete", () => {
  test("read what was made, and remove it", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 1 });
      const plugin = await PluginCalls.configured(vendor);
      const made = await plugin.create(INSTANCE, order());
      const read = await plugin.read(INSTANCE, made.id, made.state, made.inputs);
      expect(read).toEqual({ ...made, state: { ...made.state, status: "RUNNING" } });
      await plugin.delete(INSTANCE, made);
      expect(vendor.api.store.instances()).toEqual([]);
      expect((await plugin.read(INSTANCE, made.id, made.state, made.inputs)).id).toBe("");
    }));
});

describe("an import", () => {
  async function existing(): Promise<{ plugin: PluginCalls; id: string; backupId: string }> {
    const vendor = emulatedVendor({ deliverySeconds: 1 });
    const before = await PluginCalls.configured(vendor);
    const { id } = await before.create(INSTANCE, order());
    const backup = await before.create(BACKUP, { instanceId: id, description: "of mine" });
    return { plugin: await PluginCalls.configured(vendor), id, backupId: backup.id };
  }

  test("reads the arguments that the vendor tells, and takes them as they were read", () =>
    inVirtualTime(async () => {
      const { plugin, id } = await existing();
      const { inputs, state } = await plugin.read(INSTANCE, id);
      const { password, basePipeId, ...told } = order({ port: 9736 });
      expect(inputs).toEqual({ ...told, instanceName: expect.stringMatching(/^cache-/) as string });
      expect([password, basePipeId].every(Boolean)).toBe(true);
      expect(await plugin.check(INSTANCE, inputs, inputs)).toEqual({ inputs, reasons: [] });
      const difference = await plugin.diff(INSTANCE, { id, state, inputs }, inputs);
      expect(difference).toMatchObject({ changes: DIFF_NONE });
    }));

  test("by a program gives what the vendor does not tell, which the next up updates", () =>
    inVirtualTime(async () => {
      const { plugin, id } = await existing();
      const { inputs: told, state } = await plugin.read(INSTANCE, id);
      const { inputs, reasons } = await plugin.check(INSTANCE, told, order());
      expect(reasons).toEqual([]);
      const recorded = { id, state, inputs: told };
      expect(await plugin.diff(INSTANCE, recorded, inputs)).toMatchObject({ changes: DIFF_NONE });
    }));

  test.each([[{ ramGb: 16 }, /import: .* ramGb is 8, the program says 16/]])(
    "with %j is refused by name",
    (change, text) =>
      inVirtualTime(async () => {
        const { plugin, id } = await existing();
        const { inputs } = await plugin.read(INSTANCE, id);
        const { reasons } = await plugin.check(INSTANCE, inputs, order(change));
        expect(reasons).toEqual([expect.stringMatching(text)]);
      }),
  );

  test("of a backup reads its description, and its first triggers take no other backup", () =>
    inVirtualTime(async () => {
      const { plugin, id: instanceId, backupId: id } = await existing();
      const { inputs, state } = await plugin.read(BACKUP, id);
      expect(inputs).toEqual({ instanceId, description: "of mine" });
      const later = await PluginCalls.configured(emulatedVendor());
      const recorded = { id, state, inputs };
      const { inputs: news } = await later.check(BACKUP, inputs, { ...inputs, triggers: ["1"] });
      expect(await later.diff(BACKUP, recorded, news)).toMatchObject({
        ...{ changes: DIFF_SOME, replacesList: [], diffsList: ["triggers", "__token"] },
      });
      const planned = await later.update(BACKUP, recorded, news, true);
      expect(planned).toMatchObject({ entries: state["entries"] });
    }));

  test("of what does not exist says so", () =>
    inVirtualTime(async () => {
      const { plugin } = await existing();
      const error = await failureOf(plugin.read(INSTANCE, "no-such-id"));
      expect(error).toMatchObject({
        message: expect.stringMatching(/there is no instance no-such-id/) as string,
      });
    }));
});

describe("a function", () => {
  const REGIONS = "cds-redis:index:getRegions";

  test("gives a list under its name", async () => {
    const plugin = await PluginCalls.configured(emulatedVendor());
    const { regions } = await plugin.invoke(REGIONS, { forSaleOnly: true });
    expect(regions).toContainEqual(expect.objectContaining({ regionId: "CN_Hongkong_A" }));
  });

  test("gives the URLs of a download as secrets", () =>
    inVirtualTime(async () => {
      const plugin = await PluginCalls.configured(emulatedVendor({ deliverySeconds: 1 }));
      const { id: instanceId } = await plugin.create(INSTANCE, order());
      const { state } = await plugin.create(BACKUP, { instanceId });
      const [entry] = state["entries"] as { backupId: string }[];
      const token = "cds-redis:index:getBackupDownload";
      const answer = await plugin.invoke(token, { instanceId, backupId: entry?.backupId });
      expect(answer).toMatchObject({
        instanceId,
        downloadUrl: secret(expect.stringMatching(/^https?:/)),
        intranetDownloadUrl: secret(expect.stringMatching(/^https?:/)),
      });
    }));

  test.each([
    ["cds-redis:index:getNothing", {}, /there is no function cds-redis:index:getNothing/],
    [REGIONS, { forSaleOnly: "yes" }, /forSaleOnly must be true or false/],
    ["cds-redis:index:getBackups", {}, /instanceId is missing/],
  ])("%s with %j is refused", async (token, args, text) => {
    const plugin = await PluginCalls.configured(emulatedVendor());
    expect(await failureOf(plugin.invoke(token, args))).toMatchObject({
      message: expect.stringMatching(text) as string,
    });
  });
});

test("a cancel before anything began is answered", async () => {
  const plugin = await PluginCalls.configured(emulatedVendor());
  await plugin.cancel();
  expect(await failureOf(plugin.read(INSTANCE, "id"))).toMatchObject({
    message: expect.stringMatching(/^cancelled\./) as string,
  });
});
