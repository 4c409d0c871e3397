import type { Context } from "../core/context";
import { isUnknown } from "../core/engineValues";
import type { Operation } from "../core/operation";
import { heldIds } from "../core/records";
import { isSameResource } from "../core/recovery";
import { CdsConfigError } from "../vendor/errors";
import { hasId } from "../vendor/ids";
import type { Instance } from "../vendor/types";
import type { InstanceInputs } from "./arguments";
import { nameAndId } from "./state";

/** What the checks of one run have seen. */
interface Seen {
  /** By account and name, the URN of the instance to which the program gives the name. */
  readonly given: Map<string, string>;
  /** URNs of what the stack has or had. What takes its place is checked without old inputs. */
  readonly known: Set<string>;
  /** Ids of instances that this run deleted. */
  readonly deleted: Set<string>;
}

const runs = new WeakMap<Context, Seen>();

function seenIn({ context }: Operation): Seen {
  const seen = runs.get(context) ?? {
    given: new Map<string, string>(),
    known: new Set<string>(),
    deleted: new Set<string>(),
  };
  runs.set(context, seen);
  return seen;
}

/** Remembers that an instance is deleted: the lists may go on to show it, with a name that is free now. */
export function noteDeletion(operation: Operation, id: string): void {
  const { known, deleted } = seenIn(operation);
  known.add(operation.urn ?? "");
  deleted.add(id);
}

/**
 * Throws a {@link CdsConfigError} where the program gives one name to two instances, or another
 * instance has the name: an order would be refused for it. What a replacement keeps, or an interrupted
 * run may have ordered, is left to the order.
 */
export async function requireFreeName(
  operation: Operation,
  olds: Partial<InstanceInputs>,
  { instanceName }: Partial<InstanceInputs>,
): Promise<void> {
  const { urn = "" } = operation;
  const seen = seenIn(operation);
  if (olds.instanceName !== undefined) seen.known.add(urn);
  if (instanceName === undefined || isUnknown(instanceName)) return;
  const { account } = operation;
  const key = JSON.stringify([account.owner, instanceName]);
  const other = seen.given.get(key) ?? urn;
  seen.given.set(key, other);
  const isReplaced = olds.instanceName === undefined && seen.known.has(urn);
  // Two that were imported may have one name.
  if (isReplaced || olds.instanceName === instanceName) return;
  if (other !== urn)
    throw new CdsConfigError(
      `instanceName ${instanceName} is given to another instance of the program, too (${other}): give each a name of its own.`,
    );
  const listed = await operation.unlessCancelled(account.instancesLike({}));
  const isTaken = (one: Instance): boolean =>
    one.instanceName === instanceName && !hasId(seen.deleted, one.instanceId);
  const taken = listed.find(isTaken);
  if (taken !== undefined) await refuseTaken(operation, taken);
}

async function refuseTaken(operation: Operation, taken: Instance): Promise<void> {
  const { context, urn = "" } = operation;
  const record = await context.stackBefore(urn);
  // Without the stack's record, or after an interrupted run, the instance may be this very order's.
  if (record === undefined || (await context.orders.hasBegun(operation, record))) return;
  const holder = record.resources.find((one) => hasId(heldIds(one), taken.instanceId));
  if (isSameResource(holder?.urn ?? "", urn)) return;
  const fact = `instanceName: an instance named ${nameAndId(taken)} exists already`;
  // It is free in time where that resource is deleted or renamed first.
  if (holder !== undefined) operation.warn(`${fact}. ${ownNameAdvice(holder.urn)}`);
  else throw new CdsConfigError(`${fact}. ${importAdvice(taken.instanceId)}`);
}

export function importAdvice(id: string): string {
  return `Give another instanceName, or leave it out for a name of its own. To take this instance over, give the resource option \`import: "${id}"\`.`;
}

function ownNameAdvice(urn: string): string {
  return `The stack has it as ${urn}: where that resource was renamed, give the option \`aliases\`; else give another instanceName. The order is refused unless that instance is gone by then.`;
}
