const assert = require("node:assert/strict");
const { it } = require("node:test");

const pulumi = require("@pulumi/pulumi");

const { Database } = require("../09-refresh/database.js");

/** What the program registers. */
const registered = [];

pulumi.runtime.setMocks({
  newResource: (resource) => {
    registered.push(resource);
    // The outputs of a resource are what the mock returns as its state.
    const state = { ...resource.inputs, address: "orders.toy.example", port: 5432 };
    return { id: "db-1", state };
  },
  call: ({ token }) => assert.fail(`no mock answers ${token}`),
});

it("registers the arguments, and checks none of them", async () => {
  const orders = new Database("orders", { name: "orders", sizeGb: "many", password: "short" });
  const address = await new Promise((resolve) => orders.address.apply(resolve));
  assert.equal(address, "orders.toy.example");
  // The constructor does not name this output.
  assert.equal(orders.port, undefined);
  const [{ type, inputs }] = registered;
  assert.equal(type, "pulumi-nodejs:dynamic/toy:Database");
  assert.equal(inputs.sizeGb, "many");
  assert.equal(inputs.password.value, "short");
});

it("loses an output that the class declares as a field", async () => {
  class Field extends Database {
    // What TypeScript makes of `readonly address: pulumi.Output<string>;`. With `declare` it makes nothing.
    address;
  }
  assert.equal(new Field("field", { name: "field", sizeGb: 1 }).address, undefined);
});
