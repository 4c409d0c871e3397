// A plugin for TypeDoc: the pages show what a program writes, not how the types are made.
import { Converter, IntrinsicType, ReferenceType, ReflectionKind } from "typedoc";

/** The modules by their names in a program. TypeDoc calls them by their folders. */
const MODULES = new Map([
  ["provider", "pulumi-cds-redis"],
  ["sdk", "pulumi-cds-redis/sdk"],
  ["emulator", "pulumi-cds-redis/emulator"],
]);

/** Types that are shown as an interface, and the interfaces of the same file that have their fields. */
const INTERFACES = new Map([
  ["RedisInstanceArgs", ["OrderArgs", "SpecificationArgs"]],
  ["InstanceLookup", undefined],
]);

/** The compiler infers the type parameters of these types. */
const INFERRED = ["RedisInstance", "RedisInstanceArgs"];

/** TypeDoc calls this when it loads the plugin. */
export function load({ converter }) {
  converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (reflection.kind === ReflectionKind.TypeAlias && INTERFACES.has(reflection.name))
      makeInterface(context, reflection);
  });
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) simplify(reflection, project);
  });
  converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    const members = Object.values(project.reflections).filter(({ parent }) =>
      parent?.kindOf(ReflectionKind.ClassOrInterface),
    );
    for (const member of members) hideSources(member);
  });
}

function makeInterface(context, reflection) {
  const symbol = context.getSymbolFromReflection(reflection);
  reflection.kind = ReflectionKind.Interface;
  const inside = context.withScope(reflection);
  const names = INTERFACES.get(reflection.name);
  const fields =
    names === undefined
      ? context.checker.getDeclaredTypeOfSymbol(symbol).getProperties()
      : symbol.declarations[0]
          .getSourceFile()
          .statements.filter(({ name }) => names.includes(name?.text))
          .flatMap(({ members }) => members.map(({ symbol }) => symbol));
  for (const field of fields) inside.converter.convertSymbol(inside, field);
}

function simplify(reflection, project) {
  const { name, kind, parent } = reflection;
  if (kind === ReflectionKind.Interface && INTERFACES.has(name)) delete reflection.type;
  if (kind === ReflectionKind.Module) reflection.name = MODULES.get(name) ?? name;
  if (INFERRED.includes(name)) delete reflection.typeParameters;
  // The whole catalogue would be a page of a thousand lines.
  if (name === "recordedCatalog") reflection.type = referenceTo("CatalogShape", project);
  // The base class is not public, and has no public member of its own.
  if (reflection.extendedTypes?.[0].name === "CdsResource") delete reflection.extendedTypes;
  if (reflection.overwrites?.name.startsWith("CdsResource")) delete reflection.overwrites;
  if (reflection.type instanceof ReferenceType)
    reflection.type = simpleType(reflection.type, parent, project);
}

function simpleType(type, parent, project) {
  if (INFERRED.includes(type.name)) delete type.typeArguments;
  if (type.name === "OutputInstance") type.name = "Output";
  // A literal that is for sale, or a value that only the run knows.
  if (type.name === "OneOf") return inputOf(type.typeArguments[1], project);
  if (type.name === "Goods" && INFERRED.includes(parent?.name))
    return inputOf(new IntrinsicType("number"), project);
  return type;
}

/** Members stand beside each other in the source of their class: its link is enough. */
function hideSources(member) {
  for (const reflection of [member, ...(member.signatures ?? [])]) delete reflection.sources;
}

function inputOf(argument, project) {
  const input = ReferenceType.createBrokenReference("Input", project, "@pulumi/pulumi");
  input.typeArguments = [argument];
  return input;
}

function referenceTo(name, project) {
  const target = Object.values(project.reflections).find((reflection) => reflection.name === name);
  return ReferenceType.createResolvedReference(name, target, project);
}
