import { INSTANCE_ARGUMENTS } from "../../provider/instance/arguments";
import type { NameSource } from "../adopt/names";
import type { AdoptedResource, ProgramArgument, SecretSource } from "../adopt/program";
import { isUncatalogued } from "../adopt/resources";
import { oneLine } from "../io";
import type { TerraformRedis } from "./state";

/** The arguments of `cds_redis`, and what each is here. */
export const ARGUMENT_NAMES = [
  ["region_id", "regionId"],
  ["vdc_id", "vdcId"],
  ["base_pipe_id", "basePipeId"],
  ["redis_version", "version"],
  ["architecture_type", "architecture"],
  ["ram", "ramGb"],
  ["instance_name", "instanceName"],
  ["subject_id", "subjectId"],
  ["password", "password, a secret of the configuration"],
  ["id", "the option import"],
  ["ip", "the output ip"],
] as const;

const ARCHITECTURES: Readonly<Record<string, string>> = {
  1: "master-replica",
  2: "cluster",
  3: "economy-master-replica",
};

/**
 * The resource that takes over one instance of a state of terraform.
 *
 * @param file The state, as a word of a shell. Undefined where it came from a pipe.
 */
export function resourceOf(
  redis: TerraformRedis,
  names: NameSource,
  file: string | undefined,
): AdoptedResource {
  const { id, address, attributes } = redis;
  const text = (name: string): string => textOf(attributes[name]);
  const instanceName = text("instance_name");
  const taken = names.take(nameIn(address, instanceName), `redis-${id.slice(0, 8)}`);
  const spec = {
    regionId: text("region_id"),
    version: text("redis_version"),
    architecture: ARCHITECTURES[text("architecture_type")] ?? "",
    ramGb: numberOf(attributes["ram"]),
  };
  const subjectId = numberOf(attributes["subject_id"]);
  const isNameValid = INSTANCE_ARGUMENTS.instanceName.rule.safeParse(instanceName).success;
  return {
    type: "RedisInstance",
    ...taken,
    ...{ id, label: address },
    isUncatalogued: isUncatalogued(spec),
    arguments: [
      known("regionId", spec.regionId),
      known("vdcId", text("vdc_id")),
      known("basePipeId", text("base_pipe_id")),
      known("version", spec.version),
      known("architecture", spec.architecture),
      known("ramGb", spec.ramGb),
      ...(isNameValid ? [{ name: "instanceName", value: instanceName }] : []),
      ...(subjectId > 0 ? [{ name: "subjectId", value: subjectId }] : []),
      {
        name: "password",
        value: { secret: `${taken.variable}Password`, source: sourceOf(redis, file) },
      },
    ],
  };
}

/**
 * Finds the password by the id. An address would need the quotes of the shell, jq and terraform, and a
 * position would be another instance's after the next `terraform state rm`.
 */
function sourceOf(redis: TerraformRedis, file: string | undefined): SecretSource {
  const place = oneLine(redis.address);
  if (!redis.hasPassword) return { place, command: [] };
  const find = `jq -j 'first(.. | select(.id? == "${redis.id}")`;
  const read = "| .password // empty)'";
  return {
    place,
    command:
      file === undefined ? ["terraform state pull |", find, read] : [find, `${read} ${file}`],
  };
}

function known(name: string, value: string | number): ProgramArgument {
  const isKnown = value !== "" && value !== 0;
  const fillIn =
    name === "architecture"
      ? "a word such as cluster: the state has an architecture_type that is not documented"
      : "the state does not have it";
  return { name, value, fillIn: isKnown ? undefined : fillIn };
}

/** Terraform's own names say more than those at the vendor where there are several. */
function nameIn(address: string, instanceName: string): string {
  const words = address
    .replace(/(^|\.)module\./g, "$1")
    .replace("cds_redis.", "")
    .replace(/\W+/g, "-");
  return words === "" ? instanceName : words;
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** States of version 3 hold numbers as texts. */
function numberOf(value: unknown): number {
  const number = Number(textOf(value));
  return Number.isFinite(number) ? number : 0;
}
