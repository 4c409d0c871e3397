const pulumi = require("@pulumi/pulumi");

const { Database } = require("./database.js");

const config = new pulumi.Config();
const password = config.requireSecret("password");
const orders = new Database("orders", { sizeGb: config.getNumber("sizeGb") ?? 1, password });
// Its size is known when the first one is made.
const copy = new Database("copy", { sizeGb: orders.id.apply(() => 1), password });
exports.addresses = [orders.address, copy.address];
