import { isDeepStrictEqual } from "node:util";

import type { dynamic } from "@pulumi/pulumi";

import type { Context } from "../core/context";
import { addRecordedConfiguration, PartlyMadeError, WaitTimeoutError } from "../core/errors";
import { Operation, type Life } from "../core/operation";
import { NotDeletedError } from "../instance/finalBackup";
import { withoutControls } from "../vendor/displayText";
import { CdsConfigError, CdsError } from "../vendor/errors";
import { timeLimitMs, type HiddenInputs, type TimeoutTexts } from "./contract";

/** The inputs or the state of a resource as the engine has them. */
type Bag = Partial<HiddenInputs> & Record<string, unknown>;
type Provider = Required<dynamic.ResourceProvider<Bag, Bag>>;

/** The hidden inputs that `check` hands on. */
const KEPT: readonly string[] = ["__provider", "__urn", "__timeouts", "__import"];
const HIDDEN: readonly string[] = [...KEPT, "__preview"];
/** Errors whose message says it all. */
const FOR_USERS = [CdsError, CdsConfigError, NotDeletedError, WaitTimeoutError];
const MARK = "(no stack trace: the message says it all)";

/**
 * Serves the life of a resource as the engine's dynamic provider process expects it: takes the
 * operation out of the hidden inputs, and packs them into the state again.
 */
export class DynamicFace implements Provider {
  readonly #context: Context;
  readonly #life: Life<Bag, Bag>;

  constructor(context: Context, life: Life<Bag, Bag>) {
    this.#context = context;
    this.#life = life;
  }

  configure({ config }: dynamic.ConfigureRequest): Promise<void> {
    this.#context.config = (key) => config.get(key);
    return Promise.resolve();
  }

  check(olds: Bag, news: Bag): Promise<dynamic.CheckResult<Bag>> {
    return serve(news, async () => {
      const isNew = Object.keys(olds).length === 0;
      const asked = isNew ? await withoutKnownImport(this.#context, news) : news;
      const operation = this.#operation(asked);
      const { inputs, reasons } = await this.#life.check(operation, unpack(olds), unpack(asked));
      // The engine prints the value of a property that a failure names, unless it is marked secret.
      const failures = [...reasons, ...timeoutReasons(asked.__timeouts)].map((reason) => {
        return { property: "", reason: withoutControls(reason) };
      });
      return {
        inputs: { ...inputs, ...hiddenOf(asked) },
        ...(failures.length > 0 && { failures }),
      };
    });
  }

  diff(id: string, olds: Bag, news: Bag): Promise<dynamic.DiffResult> {
    return serve(news, async () => {
      requireSameImport(news.__import, id);
      const operation = this.#operation(news);
      // A state of the plugin face names no account, and an update gives it what `destroy` needs.
      const isOfPlugin = olds.__provider === undefined;
      const known = isOfPlugin ? { ...unpack(olds), account: news["account"] } : unpack(olds);
      const difference = await this.#life.diff(operation, id, known, unpack(news));
      const { replaces, updates, deleteBeforeReplace } = difference;
      const hasSameLimits = isDeepStrictEqual(olds.__timeouts, news.__timeouts);
      return {
        changes: replaces.length > 0 || updates.length > 0 || !hasSameLimits || isOfPlugin,
        replaces: [...replaces],
        deleteBeforeReplace,
      };
    });
  }

  create(inputs: Bag): Promise<dynamic.CreateResult<Bag>> {
    const operation = this.#operation(inputs, "create");
    return serve(inputs, async () => {
      const { id, state } = await this.#life.create(operation, unpack(inputs));
      return { id, outs: pack(inputs, state) };
    });
  }

  read(id: string, props: Bag = {}): Promise<dynamic.ReadResult<Bag>> {
    const operation = this.#operation(props, "read");
    return serve(props, async () => {
      const reading = this.#life.read(operation, id, unpack(props));
      const state = await reading.catch(addRecordedConfiguration);
      return state === undefined ? { id: "", props: {} } : { id, props: pack(props, state) };
    });
  }

  update(id: string, olds: Bag, news: Bag): Promise<dynamic.UpdateResult<Bag>> {
    const operation = this.#operation(news, "update");
    return serve(news, async () => {
      const state = await this.#life.update(operation, id, unpack(olds), unpack(news));
      return { outs: pack(news, state) };
    });
  }

  delete(id: string, props: Bag): Promise<void> {
    const operation = this.#operation(props, "delete");
    return serve(props, () =>
      this.#life.delete(operation, id, unpack(props)).catch(addRecordedConfiguration),
    );
  }

  /** @param limit Names the time limit of the user's that holds. */
  #operation(props: Bag, limit?: keyof TimeoutTexts): Operation {
    const { account, __urn: urn, __import: importId, __timeouts: timeouts } = props;
    const { __preview: isPreview = false } = props;
    return new Operation(this.#context, {
      urn,
      importId,
      account: typeof account === "string" ? account : undefined,
      limitMs: limit === undefined ? undefined : timeLimitMs(timeouts?.[limit]),
      isPreview,
    });
  }
}

function hiddenOf(bag: Bag): Partial<HiddenInputs> {
  return Object.fromEntries(Object.entries(bag).filter(([name]) => KEPT.includes(name)));
}

/** What the life of a resource knows. */
function unpack(bag: Bag): Bag {
  return Object.fromEntries(Object.entries(bag).filter(([name]) => !HIDDEN.includes(name)));
}

/** The state for the engine, with hidden inputs. The option `import` has done its work. */
function pack(inputs: Bag, state: object): Bag {
  const packed: Record<string, unknown> = { ...state, ...hiddenOf(inputs) };
  delete packed["__import"];
  return packed;
}

/**
 * The engine checks a new resource and a replacement alike, without old inputs. Where the stack holds
 * the very thing that the option `import` names, it wants a replacement: the option is left out then.
 */
async function withoutKnownImport(context: Context, news: Bag): Promise<Bag> {
  const { __import: id, ...others } = news;
  const { __urn: urn = "" } = news;
  if (id === undefined) return news;
  // Where the record can't be read, the check of the import says so: nothing is taken over without it.
  const record = await context.stackBefore(urn);
  const isKnown = record?.resources.some((resource) => resource.id === id && resource.urn === urn);
  return isKnown === true ? others : news;
}

/** Refuses an option `import` that names another one than the stack has. */
function requireSameImport(importId: string | undefined, id: string): void {
  if (importId === undefined || importId === id) return;
  throw new CdsConfigError(
    `import names ${importId}, but the stack has ${id} here. Remove the option \`import\`: it has done its work. ` +
      `Only where a replacement was interrupted after ${id} was deleted, run \`pulumi state delete <urn>\` first, so that the stack forgets ${id}, then \`pulumi up\` with the option.`,
  );
}

function timeoutReasons(timeouts: TimeoutTexts = {}): string[] {
  return Object.values<unknown>(timeouts)
    .filter((text) => timeLimitMs(text) === undefined)
    .map((text) => `customTimeouts: ${JSON.stringify(text)} is no duration, such as 90s or 1h30m.`);
}

/**
 * Serves a call of the engine, and makes its error fit to be shown. The dynamic provider process
 * prints an error of check, diff, read and delete with its stack trace, and the engine shows the
 * message, too: an error that is for the user is marked, and not printed.
 */
async function serve<T>(inputs: Bag, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // The vendor's texts may hold what moves a terminal's cursor.
    error.message = withoutControls(error.message);
    // A state that an error keeps must include `__provider`: without it the resource can't be deleted.
    if (error instanceof PartlyMadeError)
      throw new PartlyMadeError(error.id, pack(inputs, error.properties), error.message);
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
