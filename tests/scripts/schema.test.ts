// The schema says of every argument what the tables say. That the committed file is up to date is checked by
// `npm run schema:check`.
import { join } from "node:path";

import { BACKUP_ARGUMENTS } from "../../provider/backup/arguments";
import type { ArgumentTable } from "../../provider/core/arguments";
import { BACKUP_TYPE, INSTANCE_TYPE } from "../../provider/dynamic/contract";
import * as provider from "../../provider/index";
import { INSTANCE_ARGUMENTS } from "../../provider/instance/arguments";
import { Descriptions } from "../../scripts/schema/descriptions.mts";
import { makeSchema } from "../../scripts/schema/package.mts";
import type { ResourceSpec } from "../../scripts/schema/resources.mts";
import { ARCHITECTURES, COMPUTE_ROLES } from "../../sdk/names";

const tables = { INSTANCE_ARGUMENTS, BACKUP_ARGUMENTS, INSTANCE_TYPE, BACKUP_TYPE };
const words = { ARCHITECTURES, COMPUTE_ROLES };
const schema = makeSchema(join(__dirname, "../.."), { ...tables, ...words });

function resource(name: string): ResourceSpec {
  const found = schema.resources[`cds-redis:index:${name}`];
  if (found === undefined) throw new Error(`the schema has no ${name}`);
  return found;
}

describe.each<[string, ArgumentTable]>([
  ["RedisInstance", INSTANCE_ARGUMENTS],
  ["RedisBackup", BACKUP_ARGUMENTS],
])("%s", (name, table) => {
  const { inputProperties } = resource(name);

  /** The arguments on this face, which has providers instead of named accounts. */
  const marked = (isMarked: (argument: ArgumentTable[string]) => boolean): string[] =>
    Object.keys(table).filter(
      (one) => one !== "account" && table[one] !== undefined && isMarked(table[one]),
    );
  const inputs = (isMarked: (one: (typeof inputProperties)[string]) => boolean): string[] =>
    Object.entries(inputProperties).flatMap(([one, input]) => (isMarked(input) ? [one] : []));

  test("has every argument of the table but account, with a description", () => {
    expect(inputs(({ description }) => description.length > 10).sort()).toEqual(
      marked(() => true).sort(),
    );
  });

  test("marks the secrets, and tells what replaces", () => {
    expect(inputs(({ secret }) => secret === true)).toEqual(marked((one) => one.isSecret === true));
    expect(inputs((one) => one.willReplaceOnChanges === true).sort()).toEqual(
      marked(({ onChange }) => onChange === "replace").sort(),
    );
  });
});

test("the inputs that must be given are those without a default, and secret outputs are marked", () => {
  expect(resource("RedisInstance").requiredInputs).toEqual(["vdcId", "basePipeId"]);
  expect(resource("RedisBackup").requiredInputs).toEqual(["instanceId"]);
  const { password, connectionString, ip } = resource("RedisInstance").properties;
  expect([password?.secret, connectionString?.secret, ip?.secret]).toEqual([true, true, undefined]);
});

test("has the functions that the package exports", () => {
  const exported = Object.keys(provider).filter((name) => /^get.*(?<!Output)$/.test(name));
  const tokens = exported.map((name) => `cds-redis:index:${name}`);
  expect(Object.keys(schema.functions).sort()).toEqual(tokens.sort());
});

test("no description may be missing, speak of the dynamic face, or belong to a member that is gone", () => {
  const descriptions = new Descriptions();
  expect(() => descriptions.of("Offer.new", "")).toThrow("Offer.new has no doc comment.");
  expect(() => descriptions.of("Offer.new", "Key of `account`.")).toThrow("speaks of `account`");
  expect(descriptions.of("Offer.new", "Of\n`cds:regionId`.")).toBe("Of `cds-redis:regionId`.");
  expect(() => {
    descriptions.checkAllUsed();
  }).toThrow(/what is gone: .*OrderArgs\.regionId/);
});
