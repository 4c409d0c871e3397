import * as pulumi from "@pulumi/pulumi";

import type { RedisBackupArgs, RedisInstanceArgs } from "../../../provider";
import { BACKUP_ARGUMENTS } from "../../../provider/backup/arguments";
import { INSTANCE_ARGUMENTS, type InstanceInputs } from "../../../provider/instance/arguments";
import { ORDER_PARAMETERS } from "../../../provider/vendor/actions/instances";
import { RedisBackup, RedisInstance } from "../../../provider";

/** Compiles only where both have the same names: a new argument needs its class and its table. */
type SameNames<One, Other> = [keyof One, keyof Other] extends [keyof Other, keyof One]
  ? true
  : { missing: Exclude<keyof One, keyof Other> | Exclude<keyof Other, keyof One> };

const instance: SameNames<RedisInstanceArgs, typeof INSTANCE_ARGUMENTS> = true;
const backup: SameNames<RedisBackupArgs, typeof BACKUP_ARGUMENTS> = true;

test("the classes and the tables have the same arguments", () => {
  expect([instance, backup]).toEqual([true, true]);
});

test.each<[string, object, new (...args: never[]) => pulumi.CustomResource]>([
  ["RedisInstance", INSTANCE_ARGUMENTS, RedisInstance],
  ["RedisBackup", BACKUP_ARGUMENTS, RedisBackup],
])("every argument of %s is an output of the class", async (_name, table, Resource) => {
  await pulumi.runtime.setMocks({
    newResource: ({ inputs }) => ({ id: "id", state: inputs as object }),
    call: () => ({}),
  });
  const Class = Resource as new (name: string, args: object) => pulumi.CustomResource;
  const made = new Class("one", {}) as unknown as Record<string, unknown>;
  for (const name of Object.keys(table))
    expect([name, pulumi.Output.isInstance(made[name])]).toEqual([name, true]);
});

/** Arguments that an order does not send under a name of their own: they choose what is sent. */
const CHOOSE = ["passwordVersion", "version", "architecture", "computeRole", "ramGb", "account"];

test("every ordered argument has the vendor's name, or chooses what is sent", () => {
  const ordered = Object.entries(INSTANCE_ARGUMENTS)
    .filter(([, argument]) => "isOrdered" in argument)
    .map(([name]) => name);
  const sent = Object.values(ORDER_PARAMETERS).flatMap((names) => Object.keys(names));
  expect(ordered.filter((name) => !sent.includes(name) && !CHOOSE.includes(name))).toEqual([]);
  const known: string[] = [...ordered, "instanceName"];
  expect(sent.filter((name) => !known.includes(name))).toEqual([]);
});

test("an argument as check leaves it has the type of its rule", () => {
  const port: InstanceInputs["port"] = 9736;
  const ramGb: InstanceInputs["ramGb"] = 8;
  expect([port, ramGb]).toEqual([9736, 8]);
});
