import { z } from "zod";

import { instanceAddress, moduleAddress } from "./address";
import { CliError } from "../io";

/** A `cds_redis` in a state of terraform, without its password. */
export interface TerraformRedis {
  /** How terraform calls it, such as `module.a.cds_redis.cache["x"]`. */
  readonly address: string;
  readonly id: string;
  /** The attributes but the password, as text or number. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly isTainted: boolean;
  readonly hasPassword: boolean;
}

/** What the state has of the resource type, and what can't be moved. */
export interface TerraformState {
  readonly found: readonly TerraformRedis[];
  /** Addresses of objects without a use: replaced ones that terraform has still to delete. */
  readonly deposed: readonly string[];
}

const TYPE = "cds_redis";
const attributes = z.record(z.string(), z.unknown());

const version3 = z.object({
  modules: z.array(
    z.object({
      path: z.array(z.string()).default(["root"]),
      resources: z
        .record(
          z.string(),
          z.object({
            type: z.string(),
            primary: z
              .object({
                id: z.string().default(""),
                attributes: attributes.nullish(),
                tainted: z.boolean().nullish(),
              })
              .nullish(),
            deposed: z.array(z.unknown()).nullish(),
          }),
        )
        .nullish(),
    }),
  ),
});

const version4 = z.object({
  resources: z
    .array(
      z.object({
        module: z.string().optional(),
        mode: z.string(),
        type: z.string(),
        name: z.string(),
        instances: z
          .array(
            z.object({
              index_key: z.union([z.string(), z.number()]).nullish(),
              status: z.string().nullish(),
              deposed: z.string().nullish(),
              attributes: attributes.nullish(),
              attributes_flat: attributes.nullish(),
            }),
          )
          .nullish(),
      }),
    )
    .nullish(),
});

/**
 * Reads a state file of terraform, versions 3 and 4.
 *
 * @throws CliError that shows nothing of the file, which holds passwords.
 */
export function parseTerraformState(text: string, file: string): TerraformState {
  const state = jsonOf(text, file);
  const version = z.object({ version: z.number() }).safeParse(state).data?.version;
  if (version === 4) return fromVersion4(checked(version4, state, file));
  if (version === 3) return fromVersion3(checked(version3, state, file));
  if (z.object({ encrypted_data: z.unknown() }).safeParse(state).data?.encrypted_data !== undefined)
    throw new CliError(`${file} is encrypted. Give what \`tofu state pull\` prints.`);
  if (version !== undefined && version < 3)
    throw new CliError(
      `${file} has state version ${version}. Run \`terraform refresh\` with terraform 0.11 or newer, which writes version 3 or 4.`,
    );
  throw new CliError(
    version === undefined
      ? `${file} is no state of terraform: it has no version. Give terraform.tfstate, or what \`terraform state pull\` prints.`
      : `${file} has state version ${version}. This command reads versions 3 and 4.`,
  );
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, "")) as unknown;
  } catch {
    // The parser's words hold a part of the file.
    throw new CliError(
      `${file} is not JSON. Give terraform.tfstate, or what \`terraform state pull\` prints.`,
    );
  }
}

function checked<T>(schema: z.ZodType<T>, state: unknown, file: string): T {
  const { data, error } = schema.safeParse(state);
  if (data !== undefined) return data;
  const place = error?.issues[0]?.path.map(String).join(".") ?? "";
  throw new CliError(`${file} is no whole state of terraform: ${place} has another form.`);
}

function fromVersion4({ resources }: z.output<typeof version4>): TerraformState {
  const all = (resources ?? [])
    .filter(({ mode, type }) => mode === "managed" && type === TYPE)
    .flatMap(({ module, name, instances }) =>
      (instances ?? []).map((instance) => ({
        instance,
        address: instanceAddress(module, `${TYPE}.${name}`, instance.index_key ?? undefined),
      })),
    );
  const isDeposed = ({ instance }: (typeof all)[number]): boolean => Boolean(instance.deposed);
  return {
    deposed: all.filter(isDeposed).map(({ address }) => address),
    found: all
      .filter((one) => !isDeposed(one))
      .map(({ instance: { attributes: typed, attributes_flat: flat, status }, address }) =>
        redisOf(address, typed ?? flat ?? {}, status === "tainted"),
      ),
  };
}

function fromVersion3({ modules }: z.output<typeof version3>): TerraformState {
  const all = modules.flatMap(({ path, resources }) =>
    Object.entries(resources ?? {})
      .filter(([key, { type }]) => type === TYPE && key.startsWith(`${TYPE}.`))
      .map(([key, resource]) => {
        const [, name = "", index] = key.split(".");
        const count = index !== undefined && /^\d+$/.test(index) ? Number(index) : undefined;
        const module = moduleAddress(path.slice(1));
        return { resource, address: instanceAddress(module, `${TYPE}.${name}`, count) };
      }),
  );
  return {
    deposed: all
      .filter(({ resource }) => (resource.deposed ?? []).length > 0)
      .map(({ address }) => address),
    found: all.flatMap(({ resource: { primary }, address }) =>
      primary === undefined || primary === null
        ? []
        : [redisOf(address, { id: primary.id, ...primary.attributes }, primary.tainted === true)],
    ),
  };
}

function redisOf(
  address: string,
  given: Readonly<Record<string, unknown>>,
  isTainted: boolean,
): TerraformRedis {
  const { id, password } = given;
  const known = Object.entries(given).filter(([name]) => name !== "password");
  return {
    address,
    id: typeof id === "string" ? id : "",
    attributes: Object.fromEntries(known),
    isTainted,
    hasPassword: typeof password === "string" && password !== "",
  };
}
