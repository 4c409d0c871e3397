// Translates types of TypeScript into types of a Pulumi schema.
import ts from "typescript";
import type { Declarations, Member } from "./declarations.mts";
import type { Descriptions } from "./descriptions.mts";

/** The type of a property, as Pulumi's schema writes it. */
export interface TypeSpec {
  readonly type?: "array" | "boolean" | "integer" | "number" | "string";
  readonly items?: TypeSpec;
  readonly oneOf?: readonly TypeSpec[];
  readonly $ref?: string;
}

export interface PropertySpec extends TypeSpec {
  readonly description: string;
  readonly secret?: true;
  readonly willReplaceOnChanges?: true;
}

export interface ObjectSpec {
  readonly properties: Readonly<Record<string, PropertySpec>>;
  readonly required?: readonly string[];
}

export interface NamedObjectSpec extends ObjectSpec {
  readonly description: string;
  readonly type: "object";
}

/** The name of a type, resource or function in the package. */
export function tokenOf(name: string): string {
  return `cds-redis:index:${name}`;
}

export function referenceTo(name: string): TypeSpec {
  return { $ref: `#/types/${tokenOf(name)}` };
}

/** What only the dynamic face has: keys of the stack's configuration, and accounts by name. */
const DYNAMIC_FACE_ONLY = new Set(["account", "config"]);

/** Translates members into properties, and collects the objects that they refer to. */
export class Types {
  readonly #declarations: Declarations;
  readonly #descriptions: Descriptions;
  /** Names of numbers that are whole. TypeScript has no type for them. */
  readonly #integers: ReadonlySet<string>;
  readonly #referenced = new Set<string>();

  constructor(
    declarations: Declarations,
    descriptions: Descriptions,
    integers: ReadonlySet<string>,
  ) {
    this.#declarations = declarations;
    this.#descriptions = descriptions;
    this.#integers = integers;
  }

  membersOf(name: string): Member[] {
    const members = this.#declarations.membersOf(name);
    return members.filter((member) => !DYNAMIC_FACE_ONLY.has(member.name));
  }

  propertyOf(owner: string, member: Member): PropertySpec {
    const description = this.#descriptions.of(`${owner}.${member.name}`, member.doc);
    return { description, ...this.typeOf(member.type, member.name) };
  }

  /** The members of an interface, class or union of objects. */
  objectOf(owner: string): ObjectSpec {
    const members = this.membersOf(owner);
    const properties = members.map((one) => [one.name, this.propertyOf(owner, one)] as const);
    const required = members.filter((one) => !mayBeAbsent(one)).map(({ name }) => name);
    return {
      properties: Object.fromEntries(properties),
      ...(required.length === 0 ? {} : { required }),
    };
  }

  /** The objects that properties refer to, and those that these objects refer to. */
  referencedObjects(): Record<string, NamedObjectSpec> {
    const objects: Record<string, NamedObjectSpec> = {};
    // A set goes on with what is added to it meanwhile.
    for (const name of this.#referenced) {
      const description = this.#descriptions.of(name, this.#declarations.docOf(name));
      objects[tokenOf(name)] = { description, type: "object", ...this.objectOf(name) };
    }
    return objects;
  }

  typeOf(node: ts.TypeNode, name: string): TypeSpec {
    if (node.kind === ts.SyntaxKind.StringKeyword) return { type: "string" };
    if (node.kind === ts.SyntaxKind.BooleanKeyword) return { type: "boolean" };
    if (node.kind === ts.SyntaxKind.UnknownKeyword) return { $ref: "pulumi.json#/Any" };
    if (node.kind === ts.SyntaxKind.NumberKeyword)
      return { type: this.#integers.has(name) ? "integer" : "number" };
    if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) return { type: "string" };
    if (ts.isTypeOperatorNode(node)) return this.typeOf(node.type, name);
    if (ts.isArrayTypeNode(node))
      return { type: "array", items: this.typeOf(node.elementType, name) };
    if (ts.isUnionTypeNode(node)) return this.#unionOf(node, name);
    if (ts.isTypeReferenceNode(node)) return this.#referenceOf(node, name);
    throw new Error(`${name}: the schema has no type for ${node.getText()}.`);
  }

  #unionOf(union: ts.UnionTypeNode, name: string): TypeSpec {
    const types = union.types.filter((one) => !isUndefined(one));
    const different = new Map(
      types.map((one) => this.typeOf(one, name)).map((spec) => [JSON.stringify(spec), spec]),
    );
    const [first, ...others] = different.values();
    if (first === undefined) throw new Error(`${name}: ${union.getText()} has no value.`);
    return others.length === 0 ? first : { oneOf: [first, ...others] };
  }

  #referenceOf(node: ts.TypeReferenceNode, name: string): TypeSpec {
    const wrapped = wrappedType(node);
    if (wrapped !== undefined) return this.typeOf(wrapped, name);
    const typeName = node.typeName.getText();
    this.#referenced.add(typeName);
    const declaration = this.#declarations.find(typeName);
    const isUnion = ts.isTypeAliasDeclaration(declaration) && ts.isUnionTypeNode(declaration.type);
    const plain = isUnion ? declaration.type.types.filter((one) => !ts.isTypeLiteralNode(one)) : [];
    const specs = plain.map((one) => this.typeOf(one, name));
    const reference = referenceTo(typeName);
    return specs.length === 0 ? reference : { oneOf: [...specs, reference] };
  }
}

/** `T` of an input or output; undefined for another type. */
export function wrappedType(node: ts.TypeNode): ts.TypeNode | undefined {
  if (!ts.isTypeReferenceNode(node)) return undefined;
  const isWrapper = ["pulumi.Input", "pulumi.Output"].includes(node.typeName.getText());
  return isWrapper ? node.typeArguments?.[0] : undefined;
}

function mayBeAbsent({ isOptional, type }: Member): boolean {
  const value = wrappedType(type) ?? type;
  return isOptional || (ts.isUnionTypeNode(value) && value.types.some(isUndefined));
}

function isUndefined(node: ts.TypeNode): boolean {
  return node.kind === ts.SyntaxKind.UndefinedKeyword;
}
