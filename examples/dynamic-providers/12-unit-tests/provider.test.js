const assert = require("node:assert/strict");
const { mkdtempSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { it } = require("node:test");

const { Databases } = require("../10-configuration/provider.js");

process.env.TOY_VENDOR = mkdtempSync(join(tmpdir(), "toy-vendor-"));
const ARGS = { name: "orders", sizeGb: 1, password: "not-a-real-one" };

/** A provider as a new process has it. */
function provider() {
  const databases = new Databases();
  databases.configure({ config: new Map([["toy:apiKey", "not-a-real-key"]]) });
  return databases;
}

/** What comes out of the state: nothing is shared, and nothing is undefined. */
const recorded = (values) => JSON.parse(JSON.stringify(values));

it("lives from the first create to the delete", async () => {
  const first = provider();
  const { inputs, failures } = await first.check({}, ARGS);
  assert.deepEqual(failures, []);
  const { id, outs } = await first.create(recorded(inputs));

  const next = provider();
  const { inputs: larger } = await next.check(recorded(inputs), { ...ARGS, sizeGb: 2 });
  const { replaces } = await next.diff(id, recorded(outs), larger);
  assert.deepEqual(replaces, ["sizeGb"]);
  await assert.rejects(
    next.diff(id, outs, { ...larger, __import: id }),
    /remove the option import/,
  );
  await next.delete(id, recorded(outs));
  assert.deepEqual(await next.read(id, recorded(outs)), { id: "", props: {} });
});

it("refuses a short password without naming it", async () => {
  const { failures } = await provider().check({}, { ...ARGS, password: "short" });
  assert.deepEqual(failures, [{ property: "", reason: "password: give at least 12 characters" }]);
});
