import type { dynamic } from "@pulumi/pulumi";

import type { Context } from "../core/context";
import { PartlyMadeError, WaitTimeoutError } from "../core/errors";
import type { Life } from "../core/life";
import { Operation } from "../core/operation";
import { stackOf } from "../core/records";
import { parseDuration } from "../time";
import { NotDeletedError } from "../instance/finalBackup";
import { CdsApiError, CdsConfigError, CdsError } from "../vendor/errors";
import { withoutControls } from "../vendor/displayText";
import type { HiddenInputs, TimeoutTexts } from "./contract";

type Bag = Record<string, unknown>;
type Provider = Required<dynamic.ResourceProvider<Bag, Bag>>;

const HIDDEN = ["__provider", "__urn", "__timeouts", "__import"] as const;

/** What the engine hands over of a resource, taken apart. */
interface Unpacked<T> {
  readonly hidden: Partial<HiddenInputs>;
  /** What the life of the resource knows. */
  readonly bag: T;
}

/**
 * Serves the life of a resource as the engine's dynamic provider process expects it: takes the
 * operation out of the hidden inputs, and packs them into the state again.
 */
export class DynamicFace<Inputs extends object, State extends object> implements Provider {
  readonly #context: Context;
  readonly #life: Life<Inputs, State>;

  constructor(context: Context, life: Life<Inputs, State>) {
    this.#context = context;
    this.#life = life;
  }

  configure({ config }: dynamic.ConfigureRequest): Promise<void> {
    this.#context.configure((key) => config.get(key));
    return Promise.resolve();
  }

  check(olds: Bag, news: Bag): Promise<dynamic.CheckResult<Bag>> {
    return withoutTrace(async () => {
      const { hidden, bag } = unpack<Partial<Inputs>>(news);
      const isNew = Object.keys(olds).length === 0;
      const kept = isNew ? await withoutKnownImport(this.#context, hidden) : hidden;
      const operation = this.#operation(kept, bag);
      const before = unpack<Partial<Inputs>>(olds).bag;
      const { inputs, reasons } = await this.#life.check(operation, before, bag);
      // The engine prints the value of a property that a failure names, of secrets too.
      const failures = [...reasons, ...timeoutReasons(kept.__timeouts)].map((reason) => {
        return { property: "", reason: withoutControls(reason) };
      });
      return { inputs: { ...inputs, ...kept }, ...(failures.length > 0 && { failures }) };
    });
  }

  diff(id: string, olds: Bag, news: Bag): Promise<dynamic.DiffResult> {
    return withoutTrace(async () => {
      const [before, { hidden, bag }] = [unpack<State>(olds), unpack<Inputs>(news)];
      requireSameImport(hidden, id);
      const operation = this.#operation(hidden, bag);
      const { replaces, ...others } = await this.#life.diff(operation, id, before.bag, bag);
      const hasOtherLimits =
        JSON.stringify(before.hidden.__timeouts) !== JSON.stringify(hidden.__timeouts);
      return {
        changes: replaces.length > 0 || others.updates.length > 0 || hasOtherLimits,
        replaces: [...replaces],
        deleteBeforeReplace: others.deleteBeforeReplace,
      };
    });
  }

  async create(inputs: Bag): Promise<dynamic.CreateResult<Bag>> {
    const { hidden, bag } = unpack<Inputs>(inputs);
    const operation = this.#operation(hidden, bag, "create");
    const { id, state } = await packing(hidden, () => this.#life.create(operation, bag));
    return { id, outs: pack(hidden, state) };
  }

  read(id: string, props: Bag = {}): Promise<dynamic.ReadResult<Bag>> {
    return withoutTrace(async () => {
      const { hidden, bag } = unpack<State>(props);
      const operation = this.#operation(hidden, bag, "read");
      const state = await this.#life.read(operation, id, bag).catch(addRecordedConfiguration);
      return state === undefined ? { id: "", props: {} } : { id, props: pack(hidden, state) };
    });
  }

  async update(id: string, olds: Bag, news: Bag): Promise<dynamic.UpdateResult<Bag>> {
    const { hidden, bag } = unpack<Inputs>(news);
    const operation = this.#operation(hidden, bag, "update");
    const before = unpack<State>(olds).bag;
    const state = await packing(hidden, () => this.#life.update(operation, id, before, bag));
    return { outs: pack(hidden, state) };
  }

  delete(id: string, props: Bag): Promise<void> {
    return withoutTrace(async () => {
      const { hidden, bag } = unpack<State>(props);
      const operation = this.#operation(hidden, bag, "delete");
      await this.#life.delete(operation, id, bag).catch(addRecordedConfiguration);
    });
  }

  /** @param limit The user's time limit that holds. */
  #operation(
    { __urn: urn, __import: importId, __timeouts: timeouts }: Partial<HiddenInputs>,
    bag: object,
    limit?: keyof TimeoutTexts,
  ): Operation {
    const { account } = bag as Bag;
    const text = limit === undefined ? undefined : timeouts?.[limit];
    return new Operation(this.#context, {
      urn,
      importId,
      account: typeof account === "string" ? account : undefined,
      limitMs: text === undefined ? undefined : parseDuration(text),
    });
  }
}

function unpack<T>(bag: Bag): Unpacked<T> {
  const names: readonly string[] = HIDDEN;
  const entries = Object.entries(bag);
  return {
    hidden: Object.fromEntries(entries.filter(([name]) => names.includes(name))),
    bag: Object.fromEntries(entries.filter(([name]) => !names.includes(name))) as T,
  };
}

/** The state for the engine. The option `import` has done its work. */
function pack(hidden: Partial<HiddenInputs>, state: object): Bag {
  const packed: Bag = { ...state, ...hidden };
  delete packed["__import"];
  return packed;
}

/** A state that an error keeps must include `__provider`: without it the resource can't be deleted. */
async function packing<T>(hidden: Partial<HiddenInputs>, task: () => Promise<T>): Promise<T> {
  try {
    return await task().catch(clean);
  } catch (error) {
    if (!(error instanceof PartlyMadeError)) throw error;
    throw new PartlyMadeError(error.id, pack(hidden, error.properties), error.message);
  }
}

/**
 * The engine checks a new resource and a replacement alike, without old inputs. Where the stack holds
 * the very thing that the option `import` names, it wants a replacement: the option is left out then.
 */
async function withoutKnownImport(
  context: Context,
  hidden: Partial<HiddenInputs>,
): Promise<Partial<HiddenInputs>> {
  const { __import: id, ...others } = hidden;
  const { __urn: urn = "" } = others;
  if (id === undefined) return hidden;
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

/** Rethrows an error without what the vendor's texts may hold to move a terminal's cursor. */
function clean(error: unknown): never {
  if (error instanceof Error) error.message = withoutControls(error.message);
  throw error;
}

/** Adds to a refused key what people miss: these commands don't read the stack's configuration. */
function addRecordedConfiguration(error: unknown): never {
  if (error instanceof CdsApiError && error.isUnauthorized)
    error.message +=
      " `pulumi refresh` and `pulumi destroy` use the configuration that the last `pulumi up` recorded: after mending the key run `pulumi up`, or add `--run-program`.";
  throw error;
}

const MARK = "(no stack trace: the message says it all)";

/**
 * The dynamic provider process prints an error of check, diff, read and delete with its stack trace,
 * and the engine shows the message, too. An error that is for the user is marked, and not printed.
 */
async function withoutTrace<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task().catch(clean);
  } catch (error) {
    if (isForUser(error)) error.stack = MARK;
    throw error;
  }
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
