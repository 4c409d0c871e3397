import { CdsConfigError } from "../vendor/errors";
import { hasId } from "../vendor/ids";
import type { Context } from "./context";
import type { Operation } from "./operation";
import { heldIds, recordFailure } from "./records";

/** Of each run, the URN of the resource that imports an id, by the id in lower case. */
const runs = new WeakMap<Context, Map<string, string>>();

/**
 * Throws a {@link CdsConfigError} at preview where the stack holds one of the ids as another resource,
 * or another resource of the program imports it, too: the deletion of one would take it from the other.
 */
export async function requireSingleImport(
  { context, urn = "" }: Operation,
  ids: readonly string[],
): Promise<void> {
  const [id = ""] = ids;
  const record = await context.readStackBefore(urn).catch((error: unknown) => {
    throw new CdsConfigError(unreadable(id, recordFailure(error)));
  });
  const others = record.resources.filter((one) => one.urn !== urn);
  const holder = others.find((one) => ids.some((each) => hasId(heldIds(one), each)));
  if (holder !== undefined) throw new CdsConfigError(held(id, ` as ${holder.urn}`));
  const importers = runs.get(context) ?? new Map<string, string>();
  runs.set(context, importers);
  const urns = ids.map((each) => importers.get(each.toLowerCase()) ?? urn);
  const other = urns.find((one) => one !== urn);
  if (other !== undefined)
    throw new CdsConfigError(
      `import: ${id} is imported by another resource of the program, too (${other}). Nothing was changed: import it once.`,
    );
  for (const each of ids) importers.set(each.toLowerCase(), urn);
}

/** Throws where the stack holds the instance or backup by now: a replacement would delete it after taking it over. */
export async function requireNewToStack(
  operation: Operation,
  token: string,
  id: string,
): Promise<void> {
  const { reason, inState } = await operation.context.orders.held(operation, token);
  if (reason !== undefined) throw new CdsConfigError(unreadable(id, reason));
  if (inState(id) || !operation.account.claim(id)) throw new CdsConfigError(held(id));
}

function held(id: string, place = ""): string {
  return `import: the stack has ${id} already${place}. Remove the option \`import\`.`;
}

function unreadable(id: string, reason: string): string {
  return `import: whether the stack has ${id} already can't be told (${reason}). Nothing was done: put the pulumi CLI on PATH.`;
}
