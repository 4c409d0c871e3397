import { createHash } from "node:crypto";

import {
  defined,
  importDifference,
  isImported,
  type Checked,
  type Values,
} from "../core/arguments";
import type { Context, RandomHex } from "../core/context";
import { isUnknown, UNKNOWN } from "../core/engineValues";
import { addRecordedConfiguration, errorOf } from "../core/errors";
import { requireSingleImport } from "../core/import";
import { Operation, type Difference } from "../core/operation";
import { withoutControls } from "../vendor/displayText";
import type { Resource } from "./resources";

/** Names that only the dynamic face writes into a state; `account` is the provider's here. */
const DYNAMIC_ONLY: readonly string[] = ["__provider", "__urn", "__timeouts", "account"];

/** One call of the engine about a resource. */
export interface Call {
  readonly urn: string;
  /** The user's limit (`customTimeouts`). Default: 0, that of the resource. */
  readonly timeoutSeconds?: number;
}

/** A state as the engine keeps it, with the inputs that it was made of. */
export interface Recorded {
  readonly id: string;
  readonly state: Values;
  readonly inputs: Values;
}

/** Serves the life of one kind of resource as the engine's protocol for plugins expects it. */
export class PluginFace {
  readonly resource: Resource;
  readonly #context: Context;
  readonly #cancel: AbortSignal;
  /** The ids that this process read without a state, by URN: the engine imports them. */
  readonly #imports = new Map<string, string>();

  constructor(context: Context, resource: Resource, cancel: AbortSignal) {
    this.#context = context;
    this.resource = resource;
    this.#cancel = cancel;
  }

  /** @param seed From which names and marks are made: the engine gives an update plan's again. */
  async check(call: Call, olds: Values, news: Values, seed: Uint8Array): Promise<Checked<Values>> {
    const importId = this.#imports.get(call.urn);
    if (importId !== undefined) {
      const reasons = await this.#importFaults(call, importId, olds);
      // `pulumi import` checks what was read: a person adds later what the vendor does not tell.
      if (reasons.length > 0 || sameValues(olds, news)) return { inputs: news, reasons };
    }
    const refused = [...refusals(news), ...this.#importRefusal(call, olds, news)];
    if (refused.length > 0) return { inputs: news, reasons: refused };
    const operation = this.#operation(call, { importId, randomHex: seededHex(seed) });
    const before = importId === undefined ? withoutDynamic(olds) : {};
    const { inputs, reasons } = await this.resource.life.check(operation, before, news);
    return { inputs, reasons: reasons.map(withoutControls) };
  }

  async diff(call: Call, recorded: Recorded, news: Values): Promise<Difference> {
    const olds = withoutDynamic(recorded.state);
    const operation = this.#operation(call);
    const isImport = this.#imports.has(call.urn);
    // Nothing is replaced by an import, so that nothing is said of it.
    const asked = isImport ? this.#operation(call, { urn: undefined }) : operation;
    const difference = await this.resource.life.diff(asked, recorded.id, olds, news);
    // Nothing compares an imported state with arguments that the vendor does not tell: an update adds them.
    const updates = isImported(olds) ? [...difference.updates, "__token"] : difference.updates;
    if (!isImport) return { ...difference, updates };
    // What the vendor tells was compared at check. The engine keeps nothing else of an import.
    const names = [...difference.replaces, ...difference.updates];
    if (names.length > 0)
      operation.warn(
        `imported. Run \`pulumi up\` once more, before any \`pulumi destroy\`: the state does not have ${[...new Set(names)].join(", ")} yet.`,
      );
    return NO_DIFFERENCE;
  }

  /** The state to be, where nothing is made yet. */
  planned(inputs: Values, olds: Values = {}): Values {
    const { outputs, renewsOutputs } = this.resource;
    const kept = renewsOutputs(olds, inputs) ? {} : olds;
    const made = outputs.map((name): [string, unknown] => [name, kept[name] ?? UNKNOWN]);
    return { ...inputs, ...Object.fromEntries(made) };
  }

  async create(
    call: Call,
    inputs: Values,
  ): Promise<{ readonly id: string; readonly state: Values }> {
    const made = await this.resource.life.create(this.#operation(call), inputs);
    this.#context.forgetLists();
    return made;
  }

  /** Returns undefined where it is proven to be gone. */
  async read(call: Call, recorded: Recorded): Promise<Recorded | undefined> {
    const { id, inputs } = recorded;
    const isNew = Object.keys(inputs).length === 0;
    if (isNew) this.#imports.set(call.urn, id);
    // What a program gives to `get` is no fact: the vendor tells it.
    const known = isNew ? this.#untold(recorded.state) : withoutDynamic(recorded.state);
    const reading = this.resource.life.read(this.#operation(call), id, known);
    const state = await reading.catch(addRecordedConfiguration);
    if (state === undefined) return undefined;
    return { id, state, inputs: isNew ? this.#told(state) : inputs };
  }

  async update(call: Call, recorded: Recorded, news: Values): Promise<Values> {
    const olds = withoutDynamic(recorded.state);
    const state = await this.resource.life.update(this.#operation(call), recorded.id, olds, news);
    this.#context.forgetLists();
    return state;
  }

  async delete(call: Call, recorded: Recorded): Promise<void> {
    const operation = this.#operation(call);
    const olds = withoutDynamic(recorded.state);
    const deleting = this.resource.life.delete(operation, recorded.id, olds);
    await deleting.catch(addRecordedConfiguration);
  }

  /** Why what was read can't be imported. */
  async #importFaults(call: Call, id: string, told: Values): Promise<string[]> {
    const untold = Object.keys(told).filter((name) => told[name] === "" || told[name] === 0);
    if (untold.length > 0)
      return [
        `import: the vendor does not tell ${untold.join(", ")} of ${id} now. Nothing was imported: run the command again.`,
      ];
    const fault = await requireSingleImport(this.#operation(call), [id]).catch(errorOf);
    return fault === undefined ? [] : [fault.message];
  }

  /** The arguments that the vendor does not tell. */
  #untold(state: Values): Values {
    return Object.fromEntries(
      Object.entries(state).filter(([name]) => {
        const argument = this.resource.table[name];
        return argument !== undefined && argument.isTold !== true;
      }),
    );
  }

  /** Nothing checked the arguments of what the command `pulumi import` took over: they have no mark yet. */
  #importRefusal(call: Call, olds: Values, news: Values): string[] {
    const { urn } = call;
    if (this.#imports.has(urn) || Object.keys(olds).length === 0 || !isImported(olds)) return [];
    const { resourceName = urn } = this.#operation(call);
    const difference = importDifference(resourceName, olds, news);
    return difference === undefined ? [] : [difference];
  }

  /** The arguments that would make what was read, as far as the vendor tells them. */
  #told(state: Values): Values {
    const told = Object.entries(this.resource.table)
      .filter(([, { isTold }]) => isTold === true)
      .map(([name]) => [name, state[name]]);
    return defined(Object.fromEntries(told) as object) as Values;
  }

  #operation(
    { urn, timeoutSeconds = 0 }: Call,
    more: {
      readonly urn?: undefined;
      readonly importId?: string | undefined;
      readonly randomHex?: RandomHex | undefined;
    } = {},
  ): Operation {
    return new Operation(this.#context, {
      urn,
      signal: this.#cancel,
      limitMs: timeoutSeconds > 0 ? timeoutSeconds * 1_000 : undefined,
      ...more,
    });
  }
}

const NO_DIFFERENCE: Difference = { replaces: [], updates: [], deleteBeforeReplace: false };

function withoutDynamic(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => !DYNAMIC_ONLY.includes(name)),
  );
}

function sameValues(one: Values, other: Values): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What the dynamic face takes and this one can't, with what to do instead. */
function refusals({ account, passwordFrom: source }: Values): string[] {
  const isConfig = typeof source === "object" && source !== null && "config" in source;
  return [
    ...(account === undefined
      ? []
      : [
          "account is no argument here: give the resource option `provider` with a provider of that account.",
        ]),
    ...(isConfig && !isUnknown(source)
      ? [
          "passwordFrom can't read the stack's configuration here: give { env } with the name of a variable, or password.",
        ]
      : []),
  ];
}

/** Digits that the same seed always gives. */
function seededHex(seed: Uint8Array): RandomHex | undefined {
  if (seed.length === 0) return undefined;
  let count = 0;
  return (digits) =>
    createHash("sha256").update(seed).update(String(count++)).digest("hex").slice(0, digits);
}
