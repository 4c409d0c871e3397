/** The program that takes over what exists, before it is written in a language. */

import { endpointUrl } from "../../provider/core/configuration";

/** The languages in which a program can be written. */
export const LANGUAGES = ["typescript", "yaml", "python"] as const;
export type Language = (typeof LANGUAGES)[number];

/** A value that a program gives to an argument. */
export type ArgumentValue =
  | string
  | number
  /** A secret in the stack's configuration. */
  | { readonly secret: string }
  /** The id of another resource of the program. */
  | { readonly idOf: string };

export interface ProgramArgument {
  /** Name of the argument as TypeScript writes it. */
  readonly name: string;
  /** "" or 0 where a person must fill it in: the provider refuses both. */
  readonly value: ArgumentValue;
  /** What a person must know to fill it in. Only given where somebody must. */
  readonly fillIn?: string | undefined;
  /** A remark for the reader of the program. */
  readonly remark?: string | undefined;
}

/** A resource that takes over one instance or backup. */
export interface AdoptedResource {
  readonly type: "RedisInstance" | "RedisBackup";
  /** The name in the stack. */
  readonly resourceName: string;
  /** The name in the program, such as `sessionCache`. Each language spells it in its own way. */
  readonly variable: string;
  /** The id for the option `import`. */
  readonly id: string;
  /** What people call it at the vendor. */
  readonly label: string;
  readonly account?: string | undefined;
  readonly arguments: readonly ProgramArgument[];
  /** Whether the shipped catalogue lacks the specification, so that its literals would not compile. */
  readonly isUncatalogued?: boolean;
}

/** An account beside that of `cds:`, with the variable of its provider resource. */
export interface ProgramAccount {
  readonly name: string;
  readonly variable: string;
  readonly endpoint: string;
}

export interface AdoptProgram {
  /** The command that wrote it. */
  readonly writtenBy: string;
  /** Where the default account is. Undefined where the program has none, or it is not known. */
  readonly endpoint?: string | undefined;
  readonly accounts: readonly ProgramAccount[];
  readonly resources: readonly AdoptedResource[];
}

/** What a person must fill in: the argument of a resource, and how to find its value. */
export interface FillIn {
  readonly resource: string;
  readonly argument: string;
  readonly how: string;
}

export function fillIns({ resources }: AdoptProgram): FillIn[] {
  return resources.flatMap((resource) =>
    resource.arguments.flatMap(({ name, fillIn }) =>
      fillIn === undefined
        ? []
        : [{ resource: resource.resourceName, argument: name, how: fillIn }],
    ),
  );
}

/** The keys of the configuration that hold the passwords. */
export function passwordKeys({ resources }: AdoptProgram): string[] {
  return resources
    .flatMap((resource) => resource.arguments)
    .flatMap(({ value }) => (typeof value === "object" && "secret" in value ? [value.secret] : []));
}

/** What the provider takes where no endpoint is configured. */
const CHINA = endpointUrl(undefined, "endpoint");

/** The `pulumi config set` commands that the program needs. Each asks for its value. */
export function configCommands(program: AdoptProgram, language: Language): string[] {
  const keys = program.accounts.flatMap(({ name, variable, endpoint }) => {
    const [id, secret, at] = accountKeys({ name, variable }, language);
    return [`--secret ${id}`, `--secret ${secret}`, `${at} ${endpoint}`];
  });
  const { endpoint = CHINA } = program;
  const namespace = language === "typescript" ? "cds" : "cds-redis";
  const place = endpoint === CHINA ? [] : [`${namespace}:endpoint ${endpoint}`];
  const passwords = passwordKeys(program).map((key) => `--secret ${key}`);
  return [...place, ...keys, ...passwords].map((key) => `pulumi config set ${key}`);
}

/** The configuration keys of an account: access key id, its secret, endpoint. */
export function accountKeys(
  { name, variable }: Pick<ProgramAccount, "name" | "variable">,
  language: Language,
): [id: string, secret: string, endpoint: string] {
  return language === "typescript"
    ? [`cds-${name}:accessKeyId`, `cds-${name}:accessKeySecret`, `cds-${name}:endpoint`]
    : [`${variable}AccessKeyId`, `${variable}AccessKeySecret`, `${variable}Endpoint`];
}

/** Such as `2 instances and 1 backup`. */
export function extentOf({ resources }: AdoptProgram): string {
  const count = (type: AdoptedResource["type"], noun: string): string => {
    const found = resources.filter((resource) => resource.type === type).length;
    return `${found} ${noun}${found === 1 ? "" : "s"}`;
  };
  return `${count("RedisInstance", "instance")} and ${count("RedisBackup", "backup")}`;
}

/** What a person does with the program, step by step. Lines that begin with blanks are commands. */
export function stepsOf(program: AdoptProgram, language: Language): string[] {
  const missing = fillIns(program).length;
  const steps = [
    ...(missing === 0
      ? []
      : [[`Fill in ${missing === 1 ? "the value" : `the ${missing} values`} under FILL IN.`]]),
    [
      "Set the secrets. Each command asks for its value. The vendor tells no",
      "password, so nothing compares it: to correct it later is a replacement.",
      ...configCommands(program, language).map((command) => `  ${command}`),
    ],
    [
      "Run `pulumi preview`. It compares what exists with the program, and an",
      "error names each difference.",
    ],
    language === "typescript"
      ? ["Run `pulumi up`. It changes nothing at the vendor. Then remove the", "options `import`."]
      : [
          "Run `pulumi up` twice: the second run records what the vendor does not",
          "tell. Neither changes anything at the vendor. Then remove the options",
          "`import`.",
        ],
  ];
  return steps.flatMap((lines, index) =>
    lines.map((line, row) => `${row === 0 ? `${index + 1}. ` : "   "}${line}`),
  );
}

/** The lines at the top of the program, for comments. */
export function headerOf(program: AdoptProgram, language: Language): string[] {
  return [
    `This program takes over ${extentOf(program)} of Redis.`,
    `Written by \`${program.writtenBy}\`.`,
    "",
    ...stepsOf(program, language),
  ];
}
