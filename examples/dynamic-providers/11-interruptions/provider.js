const { execFile } = require("node:child_process");
const { randomUUID } = require("node:crypto");
const { promisify } = require("node:util");

const before = require("../10-configuration/provider.js");
const { UNKNOWN } = require("../07-previews/provider.js");

// The engine holds the other end. It ends when the engine is killed.
if (process.argv[1]?.includes("dynamic-provider")) {
  process.stdin.on("end", () => process.exit(1));
  process.stdin.resume();
}

/** Marks each order, and takes over what a killed run had ordered. */
class Databases extends before.Databases {
  async check(olds, news) {
    const mark = olds.mark ?? (news.__preview ? UNKNOWN : randomUUID());
    return super.check(olds, { ...news, mark });
  }

  async create(inputs) {
    const lost = await this.lost(inputs.__urn);
    if (lost === undefined) return super.create(inputs);
    await this.report(inputs.__urn, `taking over ${lost.id} of an interrupted run`);
    return { id: lost.id, outs: this.state(inputs, await this.delivered(lost.id, inputs)) };
  }

  /** Returns the database that an earlier run ordered for this resource, if no state holds it. */
  async lost(urn) {
    const stack = urn.split(":")[2];
    const command = ["stack", "export", "--stack", stack];
    const { stdout } = await promisify(execFile)("pulumi", command);
    const { resources, pending_operations: pending = [] } = JSON.parse(stdout).deployment;
    const marks = pending
      .filter(({ type, resource }) => type === "creating" && resource.urn === urn)
      .flatMap(({ resource }) => resource.inputs.mark ?? []);
    const held = resources.map(({ id }) => id);
    const databases = this.vendor().list();
    return databases.find(({ id, mark }) => marks.includes(mark) && !held.includes(id));
  }
}

exports.Databases = Databases;
exports.databases = new Databases();
