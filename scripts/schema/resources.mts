// The resources of the schema: the table says how an argument behaves, the class and its interfaces what it is.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ArgumentTable } from "../../provider/core/arguments.ts";
import type { Declarations, Member } from "./declarations.mts";
import type { Descriptions } from "./descriptions.mts";
import type { ObjectSpec, PropertySpec, TypeSpec, Types } from "./types.mts";

export interface ResourceSource {
  /** The class, whose properties are the outputs. */
  readonly name: "RedisInstance" | "RedisBackup";
  readonly table: ArgumentTable;
  /** The interfaces that have the arguments' docs. */
  readonly argsInterfaces: readonly string[];
  /** Declarations whose docs follow the class's own. */
  readonly moreDocs: readonly string[];
  readonly secretOutputs: readonly string[];
  /** Arguments that `get` takes, because the vendor does not tell them. */
  readonly lookup: readonly string[];
  /** Types with fixed words, of arguments that take other texts, too. */
  readonly words: Readonly<Record<string, TypeSpec>>;
  /** The type of the same resource on the dynamic face. */
  readonly dynamicType: string;
}

export interface ResourceSpec extends ObjectSpec {
  readonly description: string;
  readonly inputProperties: ObjectSpec["properties"];
  readonly requiredInputs: readonly string[];
  readonly stateInputs: ObjectSpec & { readonly type: "object" };
  readonly aliases: readonly { readonly type: string }[];
}

export interface Sources {
  /** The folder of the repository. */
  readonly root: string;
  readonly declarations: Declarations;
  readonly descriptions: Descriptions;
  readonly types: Types;
}

type Properties = ObjectSpec["properties"];

export function resourceOf(sources: Sources, resource: ResourceSource): ResourceSpec {
  const { types } = sources;
  const outputs = types.objectOf(resource.name);
  const properties = withSecrets(outputs.properties, resource.secretOutputs);
  return {
    description: descriptionOf(sources, resource),
    inputProperties: inputsOf(types, resource),
    requiredInputs: requiredInputsOf(types, resource),
    ...outputs,
    properties,
    stateInputs: { type: "object", properties: lookupOf(sources, resource, properties) },
    aliases: [{ type: resource.dynamicType }],
  };
}

function withSecrets(properties: Properties, secrets: readonly string[]): Properties {
  const marked = Object.entries(properties).map(([name, property]): [string, PropertySpec] => [
    name,
    secrets.includes(name) ? { ...property, secret: true } : property,
  ]);
  return Object.fromEntries(marked);
}

function inputsOf(types: Types, resource: ResourceSource): Record<string, PropertySpec> {
  const { name: resourceName, table, words } = resource;
  // An argument may have a type of the catalogue: its output of the same name has the plain type.
  const outputs = new Map(
    types.membersOf(resourceName).map((member) => [member.name, member.type]),
  );
  const properties = argumentsOf(types, resource).map(({ owner, ...member }) => {
    const { name, type } = member;
    const rule = table[name];
    if (rule === undefined) throw new Error(`${owner}.${name} is not in the table of arguments.`);
    const property = types.propertyOf(owner, { ...member, type: outputs.get(name) ?? type });
    const fixedWords = words[name];
    return [
      name,
      {
        ...(fixedWords === undefined ? property : withWords(property, fixedWords)),
        ...(rule.isSecret === true ? { secret: true as const } : {}),
        // `replaceOnChanges` would force what this one tells, where the table's diff finds an update.
        ...(rule.onChange === "replace" ? { willReplaceOnChanges: true as const } : {}),
      },
    ] as const;
  });
  return Object.fromEntries(properties);
}

function withWords({ description }: PropertySpec, words: TypeSpec): PropertySpec {
  return { description, oneOf: [{ type: "string" }, { type: "string", ...words }] };
}

/** An argument must be given when neither its rule nor its type lets it out. */
function requiredInputsOf(types: Types, resource: ResourceSource): string[] {
  return argumentsOf(types, resource)
    .filter(({ isOptional }) => !isOptional)
    .filter(({ name }) => resource.table[name]?.rule.safeParse(undefined).success === false)
    .map(({ name }) => name);
}

function argumentsOf(types: Types, resource: ResourceSource): (Member & { owner: string })[] {
  return resource.argsInterfaces.flatMap((owner) =>
    types.membersOf(owner).map((member) => ({ ...member, owner })),
  );
}

/** What `get` takes: outputs that the vendor does not tell, each with a text of its own. */
function lookupOf(
  { descriptions }: Sources,
  { name: resource, lookup }: ResourceSource,
  outputs: Properties,
): Properties {
  const properties = lookup.map((name) => {
    const description = descriptions.of(`${resource}.get ${name}`, "");
    return [name, { ...outputs[name], description }] as const;
  });
  return Object.fromEntries(properties);
}

function descriptionOf(sources: Sources, { name, moreDocs }: ResourceSource): string {
  const { root, declarations, descriptions } = sources;
  const docs = [name, ...moreDocs].map((one) => descriptions.of(one, declarations.docOf(one)));
  const options = descriptions.of(`${name} options`, declarations.constructorDocOf(name, "opts"));
  // The generated SDK of a language shows the code of this language alone.
  const example = readFileSync(join(root, `scripts/schema/examples/${name}.md`), "utf8").trim();
  return [...docs, `Resource options: ${options}`, example].join("\n\n");
}
