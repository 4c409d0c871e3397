// The whole schema of the package, without a version: the plugin adds the version of its release.
import { join } from "node:path";
import { z } from "zod";
import type { Argument, ArgumentTable } from "../../provider/core/arguments.ts";
import { Declarations } from "./declarations.mts";
import { Descriptions } from "./descriptions.mts";
import { functionsOf } from "./functions.mts";
import { resourceOf, type Sources } from "./resources.mts";
import { referenceTo, tokenOf, Types } from "./types.mts";

/** What the provider's modules say of themselves, by the names that they export. */
export interface Tables {
  readonly INSTANCE_ARGUMENTS: ArgumentTable;
  readonly BACKUP_ARGUMENTS: ArgumentTable;
  /** The dynamic face's types of the resources. */
  readonly INSTANCE_TYPE: string;
  readonly BACKUP_TYPE: string;
  /** English words by the vendor's names. */
  readonly ARCHITECTURES: ReadonlyMap<string, string>;
  readonly COMPUTE_ROLES: ReadonlyMap<string, string>;
}

const FUNCTIONS_FILE = "provider/functions.ts";
const SOURCE_FILES = [
  FUNCTIONS_FILE,
  "provider/redisInstance.ts",
  "provider/redisBackup.ts",
  "provider/functionTypes.ts",
  "provider/argumentKinds.ts",
  "provider/backup/entries.ts",
  "provider/dynamic/contract.ts",
  "provider/vendor/types.ts",
  "sdk/offers.ts",
];

/**
 * The provider's configuration. The plugin reads the environment variables itself: with `defaultInfo`
 * the generated SDKs would write the keys into the state of the provider.
 */
const CONFIGURATION = {
  accessKeyId: {
    description:
      "AccessKeyId of the vendor's account. Default: the environment variable `CDS_SECRET_ID`.",
    type: "string",
    secret: true,
  },
  accessKeySecret: {
    description: "AccessKeySecret. Default: the environment variable `CDS_SECRET_KEY`.",
    type: "string",
    secret: true,
  },
  endpoint: {
    description:
      "Address of the vendor's API: `china`, `asia`, `america`, or a URL. `http://` is taken for " +
      "this machine's loopback only. Default: `china`.",
    type: "string",
  },
  regionId: {
    description:
      "Region (站点编号, RegionId) where an argument names none, such as `CN_Hongkong_A`. Default: " +
      "the environment variable `CDS_REGION`.",
    type: "string",
  },
} as const;

/** The generated SDKs have the version of the schema, so that each asks for the plugin of its release. */
const LANGUAGE = {
  nodejs: { packageName: "pulumi-cds-redis-sdk", respectSchemaVersion: true },
  python: {
    packageName: "pulumi_cds_redis",
    respectSchemaVersion: true,
    pyproject: { enabled: true },
  },
  go: {
    // Pulumi's domain for Go modules without a repository. The program's go.mod replaces the module by a folder.
    importBasePath: "example.com/pulumi-cds-redis/sdk/go/cdsredis",
    respectSchemaVersion: true,
  },
};

/** The schema. Throws when a description is missing, and when a text belongs to a member that is gone. */
export function makeSchema(root: string, tables: Tables) {
  const declarations = new Declarations(SOURCE_FILES.map((file) => join(root, file)));
  const descriptions = new Descriptions();
  const types = new Types(declarations, descriptions, integersOf(tables));
  const sources = { root, declarations, descriptions, types };
  const resources = resourcesOf(sources, tables);
  const functions = functionsOf(sources, join(root, FUNCTIONS_FILE));
  const schema = {
    name: "cds-redis",
    displayName: "Capital Online Redis",
    description: "Managed Redis (云数据库 Redis) of Capital Online (首云 CDS).",
    keywords: ["pulumi", "redis", "capital online", "cds", "category/cloud", "kind/native"],
    license: "Apache-2.0",
    publisher: "pulumi-cds-redis",
    language: LANGUAGE,
    config: { variables: CONFIGURATION },
    provider: {
      description: "One account of Capital Online at one endpoint.",
      inputProperties: CONFIGURATION,
    },
    types: { ...types.referencedObjects(), ...wordTypes(tables) },
    resources,
    functions,
  };
  descriptions.checkAllUsed();
  return schema;
}

function resourcesOf(sources: Sources, tables: Tables) {
  const instance = resourceOf(sources, {
    name: "RedisInstance",
    table: tables.INSTANCE_ARGUMENTS,
    argsInterfaces: ["OrderArgs", "SpecificationArgs"],
    moreDocs: ["RedisInstanceArgs"],
    secretOutputs: sources.declarations.textsOf("SECRET_OUTPUTS"),
    lookup: ["password"],
    words: { architecture: referenceTo("Architecture"), computeRole: referenceTo("ComputeRole") },
    dynamicType: tables.INSTANCE_TYPE,
  });
  const backup = resourceOf(sources, {
    name: "RedisBackup",
    table: tables.BACKUP_ARGUMENTS,
    argsInterfaces: ["RedisBackupArgs"],
    moreDocs: [],
    secretOutputs: [],
    lookup: [],
    words: {},
    dynamicType: tables.BACKUP_TYPE,
  });
  return { [tokenOf("RedisInstance")]: instance, [tokenOf("RedisBackup")]: backup };
}

function wordTypes({ ARCHITECTURES, COMPUTE_ROLES }: Tables) {
  return {
    [tokenOf("Architecture")]: wordType("Architecture (架构) of an instance.", ARCHITECTURES),
    [tokenOf("ComputeRole")]: wordType("Compute role (计算类型) of an instance.", COMPUTE_ROLES),
  };
}

/** Fixed words with the vendor's names as docs. An argument of this type takes other texts, too. */
function wordType(description: string, words: ReadonlyMap<string, string>) {
  const values = [...words].map(([vendorName, value]) => ({
    name: value.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    description: vendorName,
    value,
  }));
  return { description, type: "string", enum: values };
}

/** Names of the arguments whose rule is `z.int`, and of sizes in bytes. */
function integersOf({ INSTANCE_ARGUMENTS, BACKUP_ARGUMENTS }: Tables): ReadonlySet<string> {
  const tables = [INSTANCE_ARGUMENTS, BACKUP_ARGUMENTS].flatMap((table) => Object.entries(table));
  const isInteger = ({ rule }: Argument): boolean =>
    z.toJSONSchema(rule, { unrepresentable: "any" }).type === "integer";
  const whole = tables.filter(([, argument]) => isInteger(argument));
  return new Set(["sizeBytes", ...whole.map(([name]) => name)]);
}
