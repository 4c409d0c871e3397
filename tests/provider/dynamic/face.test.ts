import { inspect } from "node:util";

import { CdsConfigError } from "../../../provider/vendor/errors";
import type { Life } from "../../../provider/core/operation";
import { DynamicFace, hideMarkedErrors } from "../../../provider/dynamic/face";
import { emulatedVendor } from "../../emulatedVendor";
import { instanceFace } from "../../face";
import { order } from "../orders";

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
