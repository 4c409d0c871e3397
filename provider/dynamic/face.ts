import { isDeepStrictEqual } from "node:util";

import type { dynamic } from "@pulumi/pulumi";

import type { Context } from "../core/context";
import { PartlyMadeError, WaitTimeoutError } from "../core/errors";
import { Operation, type Life } from "../core/operation";
import { stackOf } from "../core/records";
import { NotDeletedError } from "../instance/finalBackup";
import { withoutControls } from "../vendor/displayText";
import { CdsApiError, CdsConfigError, CdsError } from "../vendor/errors";
import { timeLimitMs, type HiddenInputs, type TimeoutTexts } from "./contract";

type Bag = Record<string, unknown>;
type Provider = Required<dynamic.ResourceProvider<Bag, Bag>>;

const HIDDEN = ["__provider", "__urn", "__timeouts", "__import"] as const;
/** Errors whose message says it all. */
const FOR_USERS = [CdsError, CdsConfigError, NotDeletedError, WaitTimeoutError] as const;
const MARK = "(no stack trace: the message says it all)";

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
    this.#context.config = (key) => config.get(key);
    return Promise.resolve();
  }

  check(olds: Bag, news: Bag): Promise<dynamic.CheckResult<Bag>> {
    return serve({}, async () => {
      const isNew = Object.keys(olds).length === 0;
      const asked = isNew ? await withoutKnownImport(this.#context, news) : news;
      const { hidden, bag, operation } = this.#open<Partial<Inputs>>(asked);
      const before = unpack<Partial<Inputs>>(olds).bag;
      const { inputs, reasons } = await this.#life.check(operation, before, bag);
      // The engine prints the value of a property that a failure names, of secrets too.
      const failures = [...reasons, ...timeoutReasons(hidden.__timeouts)].map((reason) => {
        return { property: "", reason: withoutControls(reason) };
      });
      return { inputs: { ...inputs, ...hidden }, ...(failures.length > 0 && { failures }) };
    });
  }

  diff(id: string, olds: Bag, news: Bag): Promise<dynamic.DiffResult> {
    const { hidden, bag, operation } = this.#open<Inputs>(news);
    return serve(hidden, async () => {
      requireSameImport(hidden, id);
      const before = unpack<State>(olds);
      const { replaces, ...others } = await this.#life.diff(operation, id, before.bag, bag);
      const hasSameLimits = isDeepStrictEqual(before.hidden.__timeouts, hidden.__timeouts);
      return {
        changes: replaces.length > 0 || others.updates.length > 0 || !hasSameLimits,
        replaces: [...replaces],
        deleteBeforeReplace: others.deleteBeforeReplace,
      };
    });
  }

  create(inputs: Bag): Promise<dynamic.CreateResult<Bag>> {
    const { hidden, bag, operation } = this.#open<Inputs>(inputs, "create");
    return serve(hidden, async () => {
      const { id, state } = await this.#life.create(operation, bag);
      return { id, outs: pack(hidden, state) };
    });
  }

  read(id: string, props: Bag = {}): Promise<dynamic.ReadResult<Bag>> {
    const { hidden, bag, operation } = this.#open<State>(props, "read");
    return serve(hidden, async () => {
      const state = await this.#life.read(operation, id, bag).catch(addRecordedConfiguration);
      return state === undefined ? { id: "", props: {} } : { id, props: pack(hidden, state) };
    });
  }

  update(id: string, olds: Bag, news: Bag): Promise<dynamic.UpdateResult<Bag>> {
    const { hidden, bag, operation } = this.#open<Inputs>(news, "update");
    return serve(hidden, async () => {
      const state = await this.#life.update(operation, id, unpack<State>(olds).bag, bag);
      return { outs: pack(hidden, state) };
    });
  }

  delete(id: string, props: Bag): Promise<void> {
    const { hidden, bag, operation } = this.#open<State>(props, "delete");
    return serve(hidden, () =>
      this.#life.delete(operation, id, bag).catch(addRecordedConfiguration),
    );
  }

  /** @param limit The user's time limit that holds. */
  #open<T extends object>(
    props: Bag,
    limit?: keyof TimeoutTexts,
  ): Unpacked<T> & { readonly operation: Operation } {
    const { hidden, bag } = unpack<T>(props);
    const { __urn: urn, __import: importId, __timeouts: timeouts } = hidden;
    const { account } = props;
    const operation = new Operation(this.#context, {
      urn,
      importId,
      account: typeof account === "string" ? account : undefined,
      limitMs: limit === undefined ? undefined : timeLimitMs(timeouts?.[limit]),
    });
    return { hidden, bag, operation };
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

/**
 * The engine checks a new resource and a replacement alike, without old inputs. Where the stack holds
 * the very thing that the option `import` names, it wants a replacement: the option is left out then.
 */
async function withoutKnownImport(context: Context, news: Bag): Promise<Bag> {
  const { __import: id, ...others } = news;
  const { __urn: urn = "" } = unpack(news).hidden;
  if (id === undefined) return news;
  // Where the record can't be read, `create` says so: nothing is taken over without it.
  const record = await context.readStack(stackOf(urn)).catch(() => undefined);
  const isKnown = record?.resources.some((resource) => resource.id === id && resource.urn === urn);
  return isKnown === true ? others : news;
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
  return Object.values(timeouts as Bag)
    .filter((text) => timeLimitMs(text) === undefined)
    .map(
      (text) =>
        `customTimeouts: ${JSON.stringify(text)} is no duration; write it as 90s, 45m or 1h30m.`,
    );
}

/** Adds to a refused key what people miss: these commands don't read the stack's configuration. */
function addRecordedConfiguration(error: unknown): never {
  if (error instanceof CdsApiError && error.isUnauthorized)
    error.message +=
      " `pulumi refresh` and `pulumi destroy` use the configuration that the last `pulumi up` recorded: after mending the key run `pulumi up`, or add `--run-program`.";
  throw error;
}

/**
 * Serves a call of the engine, and makes its error fit to be shown. The dynamic provider process
 * prints an error of check, diff, read and delete with its stack trace, and the engine shows the
 * message, too: an error that is for the user is marked, and not printed.
 */
async function serve<T>(hidden: Partial<HiddenInputs>, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // The vendor's texts may hold what moves a terminal's cursor.
    error.message = withoutControls(error.message);
    // A state that an error keeps must include `__provider`: without it the resource can't be deleted.
    if (error instanceof PartlyMadeError)
      throw new PartlyMadeError(error.id, pack(hidden, error.properties), error.message);
    if (FOR_USERS.some((kind) => error instanceof kind)) error.stack = MARK;
    throw error;
  }
}

/** Leaves errors that are for the user out of what a process prints. */
export function hideMarkedErrors(output: { error: (...text: unknown[]) => void }): void {
  const print = output.error.bind(output);
  output.error = (...text) => {
    const [first] = text;
    if (typeof first !== "string" || !first.endsWith(MARK)) print(...text);
  };
}
