const pulumi = require("@pulumi/pulumi");

const before = require("../06-secrets/database.js");

/** Tells the provider that this run is a preview. */
class Database extends before.Database {
  constructor(name, args, opts) {
    const hidden = pulumi.runtime.isDryRun() ? { __preview: true } : {};
    super(name, { ...args, ...hidden }, opts);
  }
}

exports.Database = Database;
