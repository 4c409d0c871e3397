const pulumi = require("@pulumi/pulumi");
const timers = require("node:timers/promises");

const { connect } = require("../vendor.js");

const apiKey = process.env.TOY_API_KEY;

const databases = {
  async create({ name, sizeGb, password }) {
    const vendor = connect(apiKey);
    const id = vendor.order({ name, sizeGb });
    while (vendor.find(id).status !== "ready") await timers.setTimeout(50);
    const { address } = vendor.find(id);
    const connectionString = `toy://:${password}@${address}`;
    return { id, outs: { name, sizeGb, password, address, connectionString } };
  },
  async delete(id) {
    connect(apiKey).remove(id);
  },
};

class Database extends pulumi.dynamic.Resource {
  constructor(name, args, opts) {
    const outputs = { address: undefined, connectionString: undefined };
    super(databases, name, { ...outputs, ...args }, opts, "toy", "Database");
  }
}

const config = new pulumi.Config();
const orders = new Database("orders", {
  name: "orders",
  sizeGb: config.getNumber("sizeGb") ?? 1,
  password: config.requireSecret("password"),
});
exports.address = orders.address;
