import {
  parseOrder,
  type BegunOrder,
  type Context,
  type OrderJournal,
  type ReadStackRecord,
  type RecordedResource,
} from "./face";

const stacks = new WeakMap<Context, FakeStack>();

/** Notes the stack that a host works on. */
export function work(context: Context, stack: FakeStack): void {
  stacks.set(context, stack);
}

export function stackInWork(context: Context): FakeStack {
  const stack = stacks.get(context);
  if (stack === undefined) throw new Error("the host works on no stack");
  return stack;
}

/** What the engine keeps of a stack, as far as a provider can see it, and this machine's journal. */
export class FakeStack {
  readonly resources: RecordedResource[] = [];
  readonly creating: RecordedResource[] = [];
  /** Unlike a create, an update of an interrupted run is forgotten by the next one. */
  readonly updating: RecordedResource[] = [];
  readonly noted = new Map<string, BegunOrder>();
  /** Set to make the record impossible to get, as without a CLI. */
  unreadable: Error | undefined;
  /** The stack's own provider resource, which no other stack shares. */
  readonly provider: string;

  constructor(provider = "urn:pulumi:dev::shop::pulumi:providers:pulumi-nodejs::default::1") {
    this.provider = provider;
  }

  readonly read: ReadStackRecord = () =>
    this.unreadable === undefined
      ? Promise.resolve({
          resources: [...this.resources],
          creating: [...this.creating, ...this.updating],
        })
      : Promise.reject(this.unreadable);

  readonly journal: OrderJournal = {
    begin: (order) => Promise.resolve(void this.noted.set(order.token, structuredClone(order))),
    end: (token) => Promise.resolve(void this.noted.delete(token)),
    // As it comes out of a file.
    unsettled: () =>
      Promise.resolve([...this.noted.values()].flatMap((one) => parseOrder(JSON.stringify(one)))),
    place: (token) => `orders/${token}.json`,
  };

  /** Writes down that a create or an update begins; gives what takes it back. */
  begin(inputs: Readonly<Record<string, unknown>>, record = this.creating): () => void {
    const { __urn: urn } = inputs as { __urn?: string };
    const operation = { urn: urn ?? "", inputs, outputs: {}, provider: this.provider };
    record.push(operation);
    return () => {
      const index = record.indexOf(operation);
      if (index >= 0) record.splice(index, 1);
    };
  }

  hold(urn: string, id: string): void {
    this.resources.push({ urn, id, inputs: {}, outputs: {}, provider: this.provider });
  }
}
