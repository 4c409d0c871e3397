import { sameVersion } from "../../sdk/names";
import type { Values } from "./arguments";
import { isUnknown } from "./arguments";
import type { Operation } from "./operation";

/** Throws where the stack holds the instance or backup already: a replacement would delete it after taking it over. */
export async function requireNewToStack(
  operation: Operation,
  token: string,
  id: string,
): Promise<void> {
  const unfinished = await operation.context.orders.of(operation, token);
  if (unfinished.reason !== undefined)
    throw new Error(
      `import: whether the stack has ${id} already can't be told (${unfinished.reason}). Nothing was done: put the pulumi CLI on PATH.`,
    );
  if (unfinished.inState(id) || !operation.account.claim(id))
    throw new Error(`import: the stack has ${id} already. Remove the option \`import\`.`);
}

/** Why something can't be taken over: each argument that the vendor tells otherwise; undefined where none is. */
export function importDifference(what: string, told: Values, given: Values): string | undefined {
  const fields = Object.keys(told)
    .filter((name) => given[name] !== undefined && !isUnknown(given[name]))
    .filter((name) => isOtherwise(name, given[name], told[name]))
    .map(
      (name) =>
        `${name} is ${JSON.stringify(told[name])}, the program says ${JSON.stringify(given[name])}`,
    );
  if (fields.length === 0) return undefined;
  return (
    `import: ${what} differs from the arguments: ${fields.join("; ")}. ` +
    "Nothing was changed: make the arguments equal to take it over."
  );
}

/** Whether the vendor tells another value. A patch of the same version is the vendor's own maintenance. */
export function isOtherwise(name: string, before: unknown, told: unknown): boolean {
  // What the vendor leaves out is not known.
  if (told === "" || told === 0 || told === before) return false;
  return !(name === "version" && typeof before === "string" && sameVersion(String(told), before));
}
