const pulumi = require("@pulumi/pulumi");

const { Database } = require("../07-previews/database.js");

const config = new pulumi.Config();
const orders = new Database("orders", {
  name: config.get("name"),
  sizeGb: config.getNumber("sizeGb") ?? 1,
  password: config.requireSecret("password"),
  archive: config.getBoolean("archive"),
});
exports.address = orders.address;
