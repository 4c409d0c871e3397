import { argumentComments, resourceComments } from "./comments";
import {
  passwords,
  type AdoptedResource,
  type AdoptProgram,
  type ProgramArgument,
} from "./program";
import { quoted } from "./quote";
import { headerOf } from "./steps";

/** The program for the npm package. */
export function typescriptProgram(program: AdoptProgram): string {
  const { resources } = program;
  const used = new Set(
    resources
      .flatMap((resource) => resource.arguments)
      .flatMap(({ value }) => (typeof value === "object" && "idOf" in value ? [value.idOf] : [])),
  );
  const needsConfig = passwords(program).length > 0;
  return [
    ...headerOf(program, "typescript").map((line) => `// ${line}`.trimEnd()),
    ...(needsConfig ? ['import * as pulumi from "@pulumi/pulumi";'] : []),
    'import * as cds from "pulumi-cds-redis";',
    ...(needsConfig ? ["", "const config = new pulumi.Config();"] : []),
    ...resources.flatMap((resource) => ["", ...statement(resource, used)]),
    "",
  ].join("\n");
}

function statement(resource: AdoptedResource, used: ReadonlySet<string>): string[] {
  const { type, resourceName, variable, id, account, isUncatalogued = false } = resource;
  const text = (value: string): string => quoted(value, "typescript");
  const declaration = used.has(variable) ? `const ${variable} = ` : "";
  return [
    ...resourceComments(resource, "// "),
    `${declaration}new cds.${type}(`,
    `  ${text(resourceName)},`,
    "  {",
    ...resource.arguments.flatMap(argumentLines),
    ...(account === undefined ? [] : [`    account: ${text(account)},`]),
    // The compiler refuses literals of what the recorded catalogue lacks.
    isUncatalogued ? "  } as cds.RedisInstanceArgs," : "  },",
    `  { import: ${text(id)}, protect: true },`,
    ");",
  ];
}

function argumentLines(argument: ProgramArgument): string[] {
  const { name, value } = argument;
  return [...argumentComments(argument, "    // "), `    ${name}: ${expression(value)},`];
}

function expression(value: ProgramArgument["value"]): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return quoted(value, "typescript");
  return "secret" in value
    ? `config.requireSecret(${quoted(value.secret, "typescript")})`
    : `${value.idOf}.id`;
}
