const before = require("../08-replacements/provider.js");

/** Reads what the vendor has now. */
class Databases extends before.Databases {
  async read(id, props) {
    // An error of the vendor is thrown on: it proves nothing about the database.
    const database = this.vendor().find(id);
    if (database !== undefined) return { id, props: this.state(props, database) };
    // A lookup has no state yet, and the engine would take an empty answer for a database.
    if (props.name === undefined) throw new Error(`the vendor has no database ${id}`);
    return { id: "", props: {} };
  }

  state(inputs, database) {
    return { ...super.state(inputs, database), status: database.status };
  }

  /** After a refresh, the engine does not remember that the database was not ready. */
  async diff(id, olds, news) {
    const difference = await super.diff(id, olds, news);
    return { ...difference, changes: difference.changes || olds.status === "building" };
  }

  async delete(id, olds) {
    if (this.vendor().find(id) !== undefined) await super.delete(id, olds);
  }
}

exports.Databases = Databases;
exports.databases = new Databases();
