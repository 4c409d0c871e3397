/**
 * The toy vendor. It sells databases, and each is a file in the folder TOY_VENDOR. It delivers after
 * TOY_DELIVERY_MS, refuses a name that is taken, and can't change a database.
 */
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

/** Returns the vendor's API, as it answers to this key. */
exports.connect = function connect(apiKey) {
  const folder = path.resolve(process.env.TOY_VENDOR ?? "../.vendor");
  fs.mkdirSync(folder, { recursive: true });
  const fileOf = (id) => path.join(folder, `${id}.json`);

  function list() {
    const names = fs.readdirSync(folder);
    if (
      names.includes("api-key") &&
      fs.readFileSync(path.join(folder, "api-key"), "utf8") !== apiKey
    )
      throw new Error("the vendor refuses the API key");
    const ids = names.filter((name) => /^db-\w+\.json$/.test(name));
    return ids.map((name) => {
      const { readyAt, ...database } = JSON.parse(fs.readFileSync(path.join(folder, name), "utf8"));
      return { ...database, status: Date.now() < readyAt ? "building" : "ready" };
    });
  }

  function find(id) {
    return list().find((database) => database.id === id);
  }

  function order({ name, sizeGb, mark }) {
    if (list().some((database) => database.name === name))
      throw new Error(`the vendor refuses the order: the name ${name} is taken`);
    const id = `db-${crypto.randomBytes(4).toString("hex")}`;
    const readyAt = Date.now() + Number(process.env.TOY_DELIVERY_MS ?? 100);
    const address = `${name}.toy.example`;
    fs.writeFileSync(fileOf(id), JSON.stringify({ id, name, sizeGb, mark, address, readyAt }));
    return id;
  }

  /** Deletes a database. Its archive, if wanted, stays in the folder. */
  function remove(id, { archive = false } = {}) {
    if (find(id) === undefined) throw new Error(`the vendor has no database ${id}`);
    fs.renameSync(fileOf(id), path.join(folder, `${id}.${archive ? "archive" : "deleted"}`));
  }

  return { list, find, order, remove };
};
