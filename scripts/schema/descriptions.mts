// The texts of the schema: the doc comments of the classes and functions, in the words of this face.

/**
 * Texts in the place of doc comments that tell what only the dynamic face has: accounts by name, keys
 * of the stack's configuration as a source, types that the compiler checks.
 */
const OWN_TEXTS: Readonly<Record<string, string>> = {
  "OrderArgs.regionId":
    "Region (站点编号, RegionId), such as `CN_Hongkong_A`. Default: `regionId` of the provider " +
    "(`cds-redis:regionId`), else the environment variable `CDS_REGION`. A change replaces.",
  "OrderArgs.passwordFrom":
    "Where to read the password when the instance is ordered. The resource's state then never holds " +
    "it, and `connectionString` has no value. `env` names a variable of the process that runs " +
    "`pulumi up`. A change of the source alone does nothing. A change between `password` and " +
    "`passwordFrom` is an update, because both are taken to be the same password.",
  "RedisInstance.get password":
    "Password of Redis, to get `connectionString`. The vendor does not tell the password.",
  RedisInstanceArgs:
    "The vendor cannot change an instance, so a change of an argument is a **replacement**: a new, " +
    "empty instance is delivered, then the old instance is deleted with its data. Preview shows the " +
    "replacement. The resource option `protect` refuses it, once an earlier `pulumi up` has recorded " +
    "it. The docs of an argument say when a change is only an update.\n\n" +
    "Give either `version`, `architecture` and `ramGb` together, or `paasGoodsId`. Preview checks " +
    "that the region sells them.",
  "RedisBackup options":
    "`import` takes over the backup with this id. The backup is compared with the arguments first, " +
    "and a difference is an error.",
  "GetAvailableDbConfigArgs.regionId":
    "Region (RegionId). Default: `regionId` of the provider (`cds-redis:regionId`), else the " +
    "environment variable `CDS_REGION`.",
};

const THIS_FILE = "scripts/schema/descriptions.mts";

/** Words of the dynamic face that no text of this face may have. */
const OTHER_FACE = /`account`|\bcds(-<\w+>)?:|\{@|@example|```ts|\bcompile|\{ config/;

/** Finds the text for each key, such as `OrderArgs.port`, and remembers which own texts were asked for. */
export class Descriptions {
  readonly #unused = new Set(Object.keys(OWN_TEXTS));

  /** The own text of the key, else the doc comment. Throws without either, or with words of the dynamic face. */
  of(key: string, doc: string): string {
    this.#unused.delete(key);
    const text = OWN_TEXTS[key] ?? inWordsOfThisFace(doc);
    if (text === "") throw new Error(`${key} has no doc comment.`);
    const other = OTHER_FACE.exec(text)?.[0];
    if (other === undefined) return text;
    throw new Error(`The doc of ${key} speaks of ${other}: give it a text in ${THIS_FILE}.`);
  }

  /** Throws when an own text belongs to a member that does not exist any more. */
  checkAllUsed(): void {
    const keys = [...this.#unused].join(", ");
    if (keys !== "") throw new Error(`${THIS_FILE} has texts for what is gone: ${keys}.`);
  }
}

function inWordsOfThisFace(doc: string): string {
  return doc
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s*\n\s*/g, " ").trim())
    .filter((paragraph) => paragraph !== "")
    .join("\n\n")
    .replaceAll("`cds:", "`cds-redis:")
    .replace(/\{@link (\w+)\}/g, "`$1`");
}
