const pulumi = require("@pulumi/pulumi");

/** A database at the toy vendor, which the plugin makes. No hidden input, no option to take out. */
class Database extends pulumi.CustomResource {
  constructor(name, args, opts = {}) {
    const outputs = { name: undefined, address: undefined, connectionString: undefined };
    const aliases = [{ type: "pulumi-nodejs:dynamic/toy:Database" }, ...(opts.aliases ?? [])];
    super("toy:index:Database", name, { ...outputs, ...args }, { ...opts, aliases });
  }
}

exports.Database = Database;
