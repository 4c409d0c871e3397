const pulumi = require("@pulumi/pulumi");

const TYPE = "pulumi-nodejs:dynamic/toy:Database";
const LINE = 'exports.handler = () => require(process.cwd() + "/provider.js").databases;';

/** A database at the toy vendor. */
class Database extends pulumi.CustomResource {
  constructor(name, args, opts) {
    const outputs = { name: undefined, address: undefined, connectionString: undefined };
    super(TYPE, name, { ...outputs, ...args, __provider: LINE }, opts);
  }
}

exports.TYPE = TYPE;
exports.Database = Database;
