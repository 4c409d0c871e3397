/** The program that takes over what exists, before it is written in a language. */

import { counted } from "../io";

/** The languages in which a program can be written. */
export const LANGUAGES = ["typescript", "yaml", "python"] as const;
export type Language = (typeof LANGUAGES)[number];

/** A value that a program gives to an argument. */
export type ArgumentValue =
  | string
  | number
  /** A secret in the stack's configuration. */
  | ProgramSecret
  /** The id of another resource of the program. */
  | { readonly idOf: string };

export interface ProgramSecret {
  /** The key of the configuration. */
  readonly secret: string;
  readonly source?: SecretSource;
}

/** Where a secret is now. */
export interface SecretSource {
  /** How people call the place. */
  readonly place: string;
  /**
   * The lines of a command of the shell that writes the secret to standard output, and nothing else.
   * None where the place lacks the secret.
   */
  readonly command: readonly string[];
}

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
  /** The vendor's word for the state of an instance. */
  readonly status?: string;
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

/** The passwords of the instances, as keys of the configuration. */
export function passwords({ resources }: AdoptProgram): ProgramSecret[] {
  return resources
    .flatMap((resource) => resource.arguments)
    .flatMap(({ value }) => (typeof value === "object" && "secret" in value ? [value] : []));
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
  const kinds = [
    ["RedisInstance", "instance"],
    ["RedisBackup", "backup"],
  ] as const;
  return kinds
    .map(([type, noun]) => [resources.filter((one) => one.type === type).length, noun] as const)
    .filter(([count]) => count > 0)
    .map(([count, noun]) => counted(count, noun))
    .join(" and ");
}
