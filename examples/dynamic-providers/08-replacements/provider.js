const before = require("../07-previews/provider.js");

/** Replaces a database for what the vendor can't change, and archives it first where the program wants that. */
class Databases extends before.Databases {
  /** What the program wants now, by URN. */
  wanted = new Map();

  async check(olds, news) {
    this.wanted.set(news.__urn, news);
    return super.check(olds, news);
  }

  async diff(id, olds, news) {
    const compared = news.__hasMadeName ? ["sizeGb", "password"] : ["name", "sizeGb", "password"];
    const replaces = compared.filter((name) => olds[name] !== news[name]);
    if (replaces.length > 0 && news.__import === id)
      throw new Error(`remove the option import of ${id} first: the new database can't be ${id}`);
    const changes = replaces.length > 0 || olds.archive !== news.archive;
    // Two databases can't have one name.
    return { changes, replaces, deleteBeforeReplace: !news.__hasMadeName };
  }

  async delete(id, olds) {
    const { archive } = this.wanted.get(olds.__urn) ?? olds;
    this.vendor().remove(id, { archive });
  }
}

exports.Databases = Databases;
exports.databases = new Databases();
