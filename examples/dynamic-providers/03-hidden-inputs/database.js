const pulumi = require("@pulumi/pulumi");

const before = require("../02-constant-line/database.js");

/** Adds the inputs that carry the time limits and the URN. */
class Database extends before.Database {
  constructor(name, args, opts = {}) {
    const __urn = pulumi.createUrn(name, before.TYPE, opts.parent);
    super(name, { ...args, __urn, __timeouts: opts.customTimeouts }, opts);
  }
}

exports.Database = Database;
