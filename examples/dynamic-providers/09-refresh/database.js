const before = require("../07-previews/database.js");

/** Adds the lookup of a database that the stack does not own. */
class Database extends before.Database {
  static get(name, id, state = {}, opts = {}) {
    return new Database(name, state, { ...opts, id });
  }
}

exports.Database = Database;
