const pulumi = require("@pulumi/pulumi");

const before = require("../05-import/database.js");

/** Names the secrets: the password, whatever the program gives, and the output that holds it. */
class Database extends before.Database {
  constructor(name, args, opts = {}) {
    const password = args.password === undefined ? undefined : pulumi.secret(args.password);
    const secrets = ["password", "connectionString", ...(opts.additionalSecretOutputs ?? [])];
    super(name, { ...args, password }, { ...opts, additionalSecretOutputs: secrets });
  }
}

exports.Database = Database;
