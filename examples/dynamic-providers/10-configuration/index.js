const pulumi = require("@pulumi/pulumi");

const { Database } = require("../09-refresh/database.js");

const config = new pulumi.Config();
const orders = new Database("orders", {
  name: "orders",
  sizeGb: config.getNumber("sizeGb") ?? 1,
  password: config.requireSecret("password"),
});
exports.address = orders.address;
