import { inspect } from "node:util";

import { CdsConfigError } from "../../../provider/vendor/errors";
import type { Life } from "../../../provider/core/operation";
import { UNKNOWN } from "../../../provider/core/engineValues";
import { DynamicFace, hideMarkedErrors } from "../../../provider/dynamic/face";
import { emulatedVendor } from "../../emulatedVendor";
import { backupFace, instanceFace } from "../../face";
import { inVirtualTime } from "../../virtualTime";
import { backupOrder, instanceLife, order, type Bag } from "../orders";
import { INSTANCE, KEYS, order as pluginOrder, PASSWORD, PluginCalls } from "../plugin/pluginCalls";

function shownProvider(): ReturnType<typeof instanceFace> {
  return instanceFace(emulatedVendor().host());
}

describe("a failure of check", () => {
  test.each([
    ["a misspelt argument", { pasword: "CANARY" }, /^pasword is no argument/],
    ["a secret of the wrong type", { vdcId: { secret: "CANARY" } }, /^vdcId must be text/],
    ["a password that is no text", { password: ["CANARY"] }, /^password must be text/],
  ])(
    "names %s in its reason, and no property whose value the engine would print",
    async (_name, change, reason) => {
      const result = await shownProvider().check({}, order(change));
      expect(result.failures).toEqual([
        { property: "", reason: expect.stringMatching(reason) as string },
      ]);
      expect(inspect(result.failures)).not.toContain("CANARY");
    },
  );

  test("is none where there is none", async () => {
    const result = await shownProvider().check({}, order());
    expect(result).toMatchObject({ inputs: { paasGoodsId: 8063 } });
    expect(result.failures).toBeUndefined();
  });
});

describe("a check of a preview", () => {
  const host = emulatedVendor().host();

  test.each<[string, ReturnType<typeof instanceFace>, Bag, Bag]>([
    ["name and mark", instanceFace(host), order(), { instanceName: UNKNOWN, __token: UNKNOWN }],
    ["the mark", instanceFace(host), order({ instanceName: "mine" }), { __token: UNKNOWN }],
    ["the mark of a backup", backupFace(host), backupOrder("i"), { __token: UNKNOWN }],
  ])(
    "leaves %s open, so that an update plan takes those of the up",
    async (_, face, news, open) => {
      const { inputs: planned } = await face.check({}, { ...news, __preview: true });
      const { inputs: made } = await face.check({}, news);
      expect(planned).toEqual({ ...made, ...open });
      // What the stack has already is known.
      expect((await face.check({ ...made }, { ...news, __preview: true })).inputs).toEqual(made);
    },
  );
});

describe("what the process prints of an error", () => {
  const provider = (error: Error): DynamicFace =>
    new DynamicFace(emulatedVendor().host(), {
      delete: () => Promise.reject(error),
    } as unknown as Life<never, never>);

  async function printed(error: Error): Promise<string[]> {
    const lines: string[] = [];
    const output = { error: (...text: unknown[]) => lines.push(text.join(" ")) };
    hideMarkedErrors(output);
    // As the dynamic provider process does it.
    await provider(error)
      .delete("id", {})
      .catch((thrown: unknown) => {
        output.error(`${String(thrown)}: ${(thrown as Error).stack ?? ""}`);
      });
    return lines;
  }

  test("is nothing where the message is for the user: the engine shows it", async () => {
    expect(await printed(new CdsConfigError("no access key"))).toEqual([]);
  });

  test("is its stack trace where it is a fault of this package", async () => {
    expect(await printed(new TypeError("x is undefined"))).toEqual([
      expect.stringMatching(/TypeError: x is undefined[^]*face\.test/) as string,
    ]);
  });
});

test("a state of the plugin face is updated, and names no account that could replace it", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ deliverySeconds: 1 });
    const plugin = await PluginCalls.configured(vendor);
    const { id, state } = await plugin.create(INSTANCE, pluginOrder());
    const host = vendor.host({
      ...{ "cds-prod:accessKeyId": KEYS.accessKeyId },
      ...{ "cds-prod:accessKeySecret": KEYS.accessKeySecret },
    });
    const life = instanceLife(host);
    const clear = { ...state, password: PASSWORD, connectionString: "redis://" };
    const news = order({ ...pluginOrder(), account: "prod" });
    const inputs = await life.inputs(news, clear);
    expect(await life.diff(clear, inputs, id)).toMatchObject({ changes: true, replaces: [] });
    const { outs } = await life.update(id, clear, inputs);
    expect(outs).toMatchObject({ __provider: news["__provider"], account: "prod" });
  }));
