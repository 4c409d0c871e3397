// The functions of the schema. Each takes an object and gives an object.
import ts from "typescript";
import type { DeclaredFunction } from "./declarations.mts";
import type { Sources } from "./resources.mts";
import { tokenOf, wrappedType, type ObjectSpec, type Types } from "./types.mts";

export interface FunctionSpec {
  readonly description: string;
  readonly inputs: ObjectSpec;
  readonly outputs: ObjectSpec;
}

export function functionsOf(sources: Sources, file: string): Record<string, FunctionSpec> {
  const functions = sources.declarations
    .functionsOf(file)
    .map((one) => [tokenOf(one.name), functionOf(sources, one)] as const);
  return Object.fromEntries(functions);
}

function functionOf(sources: Sources, declared: DeclaredFunction): FunctionSpec {
  const { declarations, descriptions, types } = sources;
  const description = descriptions.of(declared.name, declarations.docOf(declared.name));
  const result = declared.result;
  return {
    description,
    inputs: types.objectOf(declared.args),
    outputs: ts.isArrayTypeNode(result)
      ? listOf(types, declared, description)
      : resultOf(types, result.getText()),
  };
}

/** A list gets the name of what is asked for: `getRegions` gives `regions`. */
function listOf(types: Types, { name, result }: DeclaredFunction, doc: string): ObjectSpec {
  const property = name.slice("get".length);
  const list = property.charAt(0).toLowerCase() + property.slice(1);
  const description = /^.*?\.(?= |$)/s.exec(doc)?.[0] ?? doc;
  return {
    properties: { [list]: { description, ...types.typeOf(result, list) } },
    required: [list],
  };
}

/** The fields of a result. What the function gives as an output among plain values is a secret. */
function resultOf(types: Types, name: string): ObjectSpec {
  const { properties, ...rest } = types.objectOf(name);
  const secrets = types
    .membersOf(name)
    .filter(({ type }) => wrappedType(type) !== undefined)
    .map(
      (member) =>
        [member.name, { ...types.propertyOf(name, member), secret: true as const }] as const,
    );
  return { properties: { ...properties, ...Object.fromEntries(secrets) }, ...rest };
}
