/** Names that an account may have. The name becomes part of a configuration namespace. */
export const ACCOUNT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

/** What every data function takes. */
export interface AccountArgs {
  /**
   * Name of the account: its keys and endpoint are read from the configuration namespace
   * `cds-<name>:` instead of `cds:`. Default: the account of `cds:`.
   */
  account?: string | undefined;
}

/** What an argument must be; a list holds the values to choose from. */
type ArgumentKind = "text" | "required text" | "account name" | readonly unknown[];

/** The kind of every argument but `account`, which is always the same. */
export type ArgumentKinds<A> = {
  readonly [Name in keyof Omit<Required<A>, "account">]: ArgumentKind;
};

/** Throws an error that names the argument which is not as it must be, or is none. */
export function checkKinds<A extends AccountArgs>(args: A, given: ArgumentKinds<A>): void {
  const kinds: Readonly<Record<string, ArgumentKind>> = { ...given, account: "account name" };
  const values = new Map<string, unknown>(Object.entries(args));
  for (const name of values.keys())
    if (!Object.hasOwn(kinds, name))
      throw new Error(`${name} is not an argument. Arguments: ${Object.keys(kinds).join(", ")}.`);
  for (const [name, kind] of Object.entries(kinds)) {
    const problem = problemWith(values.get(name), kind);
    if (problem !== undefined) throw new Error(`${name} ${problem}.`);
  }
}

function problemWith(value: unknown, kind: ArgumentKind): string | undefined {
  if (value === undefined) return kind === "required text" ? "is missing" : undefined;
  if (typeof kind === "object")
    return kind.includes(value) ? undefined : `must be ${kind.join(" or ")}`;
  if (typeof value !== "string") return "must be text";
  if (value.trim() === "") return "is empty";
  if (kind === "account name" && !ACCOUNT_NAME.test(value))
    return "must be the name in a configuration namespace cds-<name>";
  return undefined;
}
