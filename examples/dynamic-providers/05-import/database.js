const before = require("../03-hidden-inputs/database.js");

/** Turns the option `import` into a hidden input. */
class Database extends before.Database {
  constructor(name, args, { import: __import, ...opts } = {}) {
    super(name, { ...args, __import }, opts);
  }
}

exports.Database = Database;
