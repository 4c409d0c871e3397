const pulumi = require("@pulumi/pulumi");

const before = require("../02-constant-line/provider.js");

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 };

/** Adds a time limit, and a line on the row of the resource while it waits. */
class Databases extends before.Databases {
  cancelled = new AbortController();

  async delivered(id, inputs) {
    const { __urn: urn, __timeouts: { create: limit = "30m" } = {} } = inputs;
    const timeout = AbortSignal.timeout(parseFloat(limit) * UNITS[limit.at(-1)]);
    await this.report(urn, `waiting for ${id}, ${limit} at most`);
    try {
      return await super.delivered(id, inputs, AbortSignal.any([timeout, this.cancelled.signal]));
    } catch (error) {
      if (error.name !== "AbortError") throw error;
      const why = timeout.aborted ? `was not ready within ${limit}` : "was being waited for";
      throw new Error(`${id} ${why}`);
    }
  }

  /** Shows a text on the row of the resource while the operation runs. */
  async report(urn, text) {
    const engineAddress = process.argv[2];
    if (!process.argv[1]?.includes("dynamic-provider")) return;
    pulumi.runtime.resetOptions("", "", 1, engineAddress, "", false, "");
    await pulumi.log.info(text, { urn: pulumi.output(urn) }, 0, true);
  }
}

exports.Databases = Databases;
exports.databases = new Databases();
