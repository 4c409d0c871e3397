const timers = require("node:timers/promises");

const { connect } = require("../vendor.js");

/** The life of a database, as the engine calls it. */
class Databases {
  vendor() {
    return connect(process.env.TOY_API_KEY);
  }

  async create(inputs) {
    const id = this.vendor().order(inputs);
    const database = await this.delivered(id, inputs);
    return { id, outs: this.state(inputs, database) };
  }

  async update(id, olds, news) {
    return { outs: this.state(news, await this.delivered(id, news)) };
  }

  async delete(id) {
    this.vendor().remove(id);
  }

  /** Returns the database once it is ready. */
  async delivered(id, inputs, signal) {
    for (;;) {
      const database = this.vendor().find(id);
      if (database?.status === "ready") return database;
      await timers.setTimeout(50, undefined, { signal });
    }
  }

  /** Returns the whole state: the engine does not merge the inputs into it. */
  state(inputs, { name, sizeGb, address }) {
    const { password } = inputs;
    const connection =
      password === undefined ? {} : { connectionString: `toy://:${password}@${address}` };
    return { ...inputs, name, sizeGb, address, ...connection };
  }
}

exports.Databases = Databases;
exports.databases = new Databases();
