import { argumentComments, resourceComments } from "./comments";
import {
  accountKeys,
  passwords,
  type AdoptedResource,
  type AdoptProgram,
  type ProgramAccount,
  type ProgramArgument,
} from "./program";
import { quoted } from "./quote";
import { headerOf } from "./steps";

/** The program as a Pulumi.yaml for the plugin. */
export function yamlProgram(program: AdoptProgram): string {
  const { resources, accounts } = program;
  const keys = accounts.map((account) => accountKeys(account, "yaml"));
  const secrets = [
    ...keys.flatMap(([id, secret]) => [id, secret]),
    ...passwords(program).map(({ secret }) => secret),
  ];
  const plain = keys.map(([, , endpoint]) => endpoint);
  return [
    ...headerOf(program, "yaml").map((line) => `# ${line}`.trimEnd()),
    "#",
    "# Pulumi's YAML reads a password of digits alone as a number, which is refused:",
    "# write `passwordFrom: { env: <variable> }` there instead of `password`.",
    "name: redis",
    "runtime: yaml",
    ...(secrets.length === 0 ? [] : ["", "config:"]),
    ...secrets.flatMap((key) => [`  ${key}:`, "    type: string", "    secret: true"]),
    ...plain.flatMap((key) => [`  ${key}:`, "    type: string"]),
    "",
    "resources:",
    ...accounts.flatMap(provider),
    ...resources.flatMap((resource) => declaration(resource, accounts)),
    "",
  ].join("\n");
}

function provider(account: ProgramAccount): string[] {
  const [id, secret, endpoint] = accountKeys(account, "yaml");
  return [
    `  ${account.variable}:`,
    "    type: pulumi:providers:cds-redis",
    `    name: ${quoted(account.name, "yaml")}`,
    "    properties:",
    `      accessKeyId: \${${id}}`,
    `      accessKeySecret: \${${secret}}`,
    `      endpoint: \${${endpoint}}`,
  ];
}

function declaration(resource: AdoptedResource, accounts: readonly ProgramAccount[]): string[] {
  const account = accounts.find(({ name }) => name === resource.account);
  return [
    ...resourceComments(resource, "  # "),
    `  ${resource.variable}:`,
    `    type: cds-redis:${resource.type}`,
    `    name: ${quoted(resource.resourceName, "yaml")}`,
    "    properties:",
    ...resource.arguments.flatMap(argumentLines),
    "    options:",
    `      import: ${quoted(resource.id, "yaml")}`,
    "      protect: true",
    ...(account === undefined ? [] : [`      provider: \${${account.variable}}`]),
  ];
}

function argumentLines(argument: ProgramArgument): string[] {
  const { name, value } = argument;
  return [...argumentComments(argument, "      # "), `      ${name}: ${expression(value)}`];
}

function expression(value: ProgramArgument["value"]): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return quoted(value, "yaml");
  return "secret" in value ? `\${${value.secret}}` : `\${${value.idOf}.id}`;
}
