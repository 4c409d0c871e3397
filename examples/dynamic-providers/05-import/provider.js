const before = require("../04-partly-made/provider.js");

/** Takes over the database that the option `import` names. */
class Databases extends before.Databases {
  async create(inputs) {
    const { __import: id, ...args } = inputs;
    if (id === undefined) return super.create(inputs);
    const database = this.vendor().find(id);
    if (database === undefined) throw new Error(`import: there is no database ${id}`);
    for (const name of ["name", "sizeGb"])
      if (args[name] !== database[name])
        throw new Error(`import: ${name} of ${id} is ${database[name]}. Nothing was changed.`);
    return { id, outs: this.state(args, database) };
  }

  /** Compares the arguments only: the option `import` may go when it has done its work. */
  async diff(id, olds, news) {
    const changed = ["name", "sizeGb", "password"].filter((name) => olds[name] !== news[name]);
    return { changes: changed.length > 0 };
  }
}

exports.Databases = Databases;
exports.databases = new Databases();
