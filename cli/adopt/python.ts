import { snakeCase } from "./names";
import { argumentComments, resourceComments } from "./comments";
import {
  accountKeys,
  type AdoptedResource,
  type AdoptProgram,
  type ProgramAccount,
  type ProgramArgument,
} from "./program";
import { quoted } from "./quote";
import { headerOf } from "./steps";

/** The program for the plugin's SDK in Python. */
export function pythonProgram(program: AdoptProgram): string {
  const { resources, accounts } = program;
  return [
    ...headerOf(program, "python").map((line) => `# ${line}`.trimEnd()),
    "import pulumi",
    "import pulumi_cds_redis as cds",
    "",
    "config = pulumi.Config()",
    ...accounts.flatMap((account) => ["", ...provider(account)]),
    ...resources.flatMap((resource) => ["", ...statement(resource, accounts)]),
    "",
  ].join("\n");
}

function provider(account: ProgramAccount): string[] {
  const [id, secret, endpoint] = accountKeys(account, "python").map((key) => quoted(key, "python"));
  return [
    `${snakeCase(account.variable)} = cds.Provider(`,
    `    ${quoted(account.name, "python")},`,
    `    access_key_id=config.require_secret(${id ?? ""}),`,
    `    access_key_secret=config.require_secret(${secret ?? ""}),`,
    `    endpoint=config.require(${endpoint ?? ""}),`,
    ")",
  ];
}

function statement(resource: AdoptedResource, accounts: readonly ProgramAccount[]): string[] {
  const { type, resourceName, variable, id } = resource;
  const account = accounts.find(({ name }) => name === resource.account);
  return [
    ...resourceComments(resource, "# "),
    `${snakeCase(variable)} = cds.${type}(`,
    `    ${quoted(resourceName, "python")},`,
    ...resource.arguments.flatMap(argumentLines),
    "    opts=pulumi.ResourceOptions(",
    `        import_=${quoted(id, "python")},`,
    "        protect=True,",
    ...(account === undefined ? [] : [`        provider=${snakeCase(account.variable)},`]),
    "    ),",
    ")",
  ];
}

function argumentLines(argument: ProgramArgument): string[] {
  const { name, value } = argument;
  return [...argumentComments(argument, "    # "), `    ${snakeCase(name)}=${expression(value)},`];
}

function expression(value: ProgramArgument["value"]): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return quoted(value, "python");
  return "secret" in value
    ? `config.require_secret(${quoted(value.secret, "python")})`
    : `${snakeCase(value.idOf)}.id`;
}
