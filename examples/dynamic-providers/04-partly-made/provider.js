const before = require("../03-hidden-inputs/provider.js");

/** Keeps a database that is not ready in time. */
class Databases extends before.Databases {
  async delivered(id, inputs) {
    try {
      return await super.delivered(id, inputs);
    } catch (error) {
      error.message += ". It is kept: run `pulumi up` again to wait on";
      // The inputs hold `__provider`, without which the engine can't delete the resource.
      throw Object.assign(error, { id, properties: inputs, reasons: [error.message] });
    }
  }
}

exports.Databases = Databases;
exports.databases = new Databases();
