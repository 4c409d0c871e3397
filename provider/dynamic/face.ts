import type { dynamic } from "@pulumi/pulumi";

import type { Context } from "../core/context";
import { PartlyMadeError, WaitTimeoutError } from "../core/errors";
import type { Life } from "../core/life";
import { Operation } from "../core/operation";
import { stackOf } from "../core/records";
import { parseDuration } from "../core/timeouts";
import { NotDeletedError } from "../instance/finalBackup";
import { CdsConfigError, CdsError } from "../vendor/errors";
import type { HiddenInputs, TimeoutTexts } from "./contract";

type Bag = Record<string, unknown>;

const HIDDEN = ["__provider", "__urn", "__timeouts", "__import"] as const;

/** What the engine hands over of a resource, taken apart. */
interface Unpacked {
  readonly hidden: Partial<HiddenInputs>;
  /** What the life of the resource knows. */
  readonly bag: Bag;
}

/**
 * Serves the life of a resource as the engine's dynamic provider process expects it: takes the
 * operation out of the hidden inputs, and packs them into the state again.
 */
export function dynamicFace<Inputs extends object, State extends object>(
  context: Context,
  life: Life<Inputs, State>,
): Required<dynamic.ResourceProvider<Bag, Bag>> {
  const face: Required<dynamic.ResourceProvider<Bag, Bag>> = {
    configure: ({ config }) => {
      context.configure((key) => config.get(key));
      return Promise.resolve();
    },
    check: async (olds, news) => {
      const { hidden, bag } = unpack(news);
      const kept = await withoutKnownImport(context, hidden, isEmpty(olds));
      const operation = operationOf(context, kept, bag);
      const result = await life.check(
        operation,
        unpack(olds).bag as Partial<Inputs>,
        bag as Partial<Inputs>,
      );
      const reasons = [...result.reasons, ...timeoutReasons(kept.__timeouts)];
      // The engine prints the value of a property that a failure names, of secrets too.
      const failures = reasons.map((reason) => ({ property: "", reason }));
      return { inputs: { ...result.inputs, ...kept }, ...(failures.length > 0 && { failures }) };
    },
    diff: async (id, olds, news) => {
      const [before, { hidden, bag }] = [unpack(olds), unpack(news)];
      requireSameImport(hidden, id);
      const operation = operationOf(context, hidden, bag);
      const difference = await life.diff(operation, id, before.bag as State, bag as Inputs);
      const { replaces, updates, deleteBeforeReplace } = difference;
      const hasNewLimits =
        JSON.stringify(before.hidden.__timeouts) !== JSON.stringify(hidden.__timeouts);
      return {
        changes: replaces.length > 0 || updates.length > 0 || hasNewLimits,
        replaces: [...replaces],
        deleteBeforeReplace,
      };
    },
    create: async (inputs) => {
      const { hidden, bag } = unpack(inputs);
      const operation = operationOf(context, hidden, bag, "create");
      const { id, state } = await packing(hidden, () => life.create(operation, bag as Inputs));
      return { id, outs: pack(hidden, state) };
    },
    read: async (id, props) => {
      const { hidden, bag } = unpack(props ?? {});
      const state = await life.read(operationOf(context, hidden, bag, "read"), id, bag as State);
      return state === undefined ? { id: "", props: {} } : { id, props: pack(hidden, state) };
    },
    update: async (id, olds, news) => {
      const { hidden, bag } = unpack(news);
      const operation = operationOf(context, hidden, bag, "update");
      const before = unpack(olds).bag as State;
      const state = await packing(hidden, () => life.update(operation, id, before, bag as Inputs));
      return { outs: pack(hidden, state) };
    },
    delete: async (id, props) => {
      const { hidden, bag } = unpack(props);
      await life.delete(operationOf(context, hidden, bag, "delete"), id, bag as State);
    },
  };
  return withoutTraces(face);
}

function unpack(bag: Bag): Unpacked {
  const names: readonly string[] = HIDDEN;
  const entries = Object.entries(bag);
  return {
    hidden: Object.fromEntries(entries.filter(([name]) => names.includes(name))),
    bag: Object.fromEntries(entries.filter(([name]) => !names.includes(name))),
  };
}

/** The state for the engine. The option `import` has done its work. */
function pack({ __import, ...hidden }: Partial<HiddenInputs>, state: object): Bag {
  return { ...state, ...hidden };
}

/** A state that an error keeps must include `__provider`: without it the resource can't be deleted. */
async function packing<T>(hidden: Partial<HiddenInputs>, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof PartlyMadeError)) throw error;
    throw new PartlyMadeError(error.id, pack(hidden, error.properties), error.message);
  }
}

function operationOf(
  context: Context,
  { __urn: urn, __import: importId, __timeouts: timeouts }: Partial<HiddenInputs>,
  { account }: Bag,
  limit?: keyof TimeoutTexts,
): Operation {
  const text = limit === undefined ? undefined : timeouts?.[limit];
  return new Operation(context, {
    urn,
    importId,
    account: typeof account === "string" ? account : undefined,
    limitMs: text === undefined ? undefined : parseDuration(text),
  });
}

function isEmpty(bag: Bag): boolean {
  return Object.keys(bag).length === 0;
}

/**
 * The engine checks a new resource and a replacement alike, without old inputs. Where the stack holds
 * the very thing that the option `import` names, it wants a replacement: the option is left out then.
 */
async function withoutKnownImport(
  context: Context,
  hidden: Partial<HiddenInputs>,
  isNew: boolean,
): Promise<Partial<HiddenInputs>> {
  const { __import: id, ...others } = hidden;
  const { __urn: urn = "" } = others;
  if (id === undefined || !isNew) return hidden;
  // Where the record can't be read, `create` says so: nothing is taken over without it.
  const record = await context.readStack(stackOf(urn)).catch(() => undefined);
  const isKnown = record?.resources.some((resource) => resource.id === id && resource.urn === urn);
  return isKnown === true ? others : hidden;
}

/** Refuses an option `import` that names another one than the stack has. */
function requireSameImport({ __import: importId }: Partial<HiddenInputs>, id: string): void {
  if (importId === undefined || importId === id) return;
  throw new CdsConfigError(
    `import names ${importId}, but the stack has ${id} here. Remove the option \`import\`: it has done its work. ` +
      `Only where a replacement was interrupted after ${id} was deleted, run \`pulumi state delete <urn>\` first, so that the stack forgets ${id}, then \`pulumi up\` with the option.`,
  );
}

function timeoutReasons(timeouts: TimeoutTexts = {}): string[] {
  return Object.values(timeouts as Readonly<Record<string, unknown>>)
    .filter((text) => typeof text !== "string" || !((parseDuration(text) ?? 0) > 0))
    .map(
      (text) =>
        `customTimeouts: ${JSON.stringify(text)} is no duration; write it as 90s, 45m or 1h30m.`,
    );
}

const MARK = "(no stack trace: the message says it all)";

/**
 * The dynamic provider process prints an error of check, diff, read and delete with its stack trace,
 * and the engine shows the message, too. An error that is for the user is marked, and not printed.
 */
function withoutTraces(
  face: Required<dynamic.ResourceProvider<Bag, Bag>>,
): Required<dynamic.ResourceProvider<Bag, Bag>> {
  const marked =
    <A extends unknown[], R>(method: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await method(...args);
      } catch (error) {
        if (isForUser(error)) error.stack = MARK;
        throw error;
      }
    };
  const { check, diff, read, delete: remove } = face;
  return {
    ...face,
    ...{ check: marked(check), diff: marked(diff), read: marked(read), delete: marked(remove) },
  };
}

function isForUser(error: unknown): error is Error {
  return (
    error instanceof CdsError ||
    error instanceof CdsConfigError ||
    error instanceof NotDeletedError ||
    error instanceof WaitTimeoutError
  );
}

/** Leaves errors that are for the user out of what a process prints. */
export function hideMarkedErrors(output: { error: (...text: unknown[]) => void }): void {
  const print = output.error.bind(output);
  output.error = (...text) => {
    const [first] = text;
    if (typeof first !== "string" || !first.endsWith(MARK)) print(...text);
  };
}
