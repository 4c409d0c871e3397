const pulumi = require("@pulumi/pulumi");

const { Database } = require("./database.js");

const config = new pulumi.Config();
const orders = new Database(
  "orders",
  {
    name: "orders",
    sizeGb: config.getNumber("sizeGb") ?? 1,
    password: config.requireSecret("password"),
  },
  { customTimeouts: { create: config.get("limit") ?? "1m" } },
);
exports.address = orders.address;
