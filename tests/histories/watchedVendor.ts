import { DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET, EmulatorApi } from "../../emulator";
import type { EmulatorApiAnswer, EmulatorApiRequest, FaultKind } from "../../emulator";
import { hostOf, type Context } from "../face";
import { fetchVirtually } from "../fetchVirtually";
import { adapterOf } from "../emulatedVendor";
import type { Bag } from "../engineRun";
import type { FakeStack } from "../fakeStack";
import type { Death, History, Side } from "./history";

/** A call of a living host. */
export interface SeenCall {
  readonly action: string;
  readonly body: Bag;
  readonly nonce: string;
  readonly timestamp: number;
  readonly at: number;
  readonly side: Side;
  /** Counts the operations. */
  readonly operation: number;
  /** What became of it. */
  fault?: FaultKind | undefined;
  /** Ids of what the vendor made of it. */
  made: readonly string[];
}

/** One operation, served by one host. */
export interface Operation {
  readonly side: Side;
  readonly stack: FakeStack;
  readonly death?: Death | undefined;
  readonly onDeath: (process: Death["process"]) => void;
  /** Told before each call, with its number. */
  readonly onCall: (call: number) => void;
  /** Told of an order whose note is dropped. */
  readonly onSettled: (token: string) => void;
  /** What the host tells to be read after the run. */
  readonly onWarning: (text: string) => void;
}

/** The vendor, and hosts whose every call is seen, and which die as they are told to. */
export class WatchedVendor {
  readonly api: EmulatorApi;
  readonly calls: SeenCall[] = [];
  /** The emulator's log, and what hosts show. */
  readonly lines: string[] = [];
  /** Ids of instances that a list has shown. */
  readonly shown = new Set<string>();
  deaths = 0;
  /** Told of each call before it is carried out. */
  onCall: (call: SeenCall) => void = () => undefined;
  #operations = 0;
  #side: Side = 0;
  #drawn = 0;

  constructor({
    deliverySeconds,
    backupSeconds,
    deleteSeconds,
    edition,
    listLagSeconds = 0,
  }: History) {
    this.api = new EmulatorApi({
      ...{ deliverySeconds, backupSeconds, deleteSeconds, edition, listLagSeconds },
      seed: "histories",
      now: () => Date.now(),
      log: (line) => this.lines.push(line),
    });
    const handle = this.api.handle.bind(this.api);
    this.api.handle = (request) => this.#seen(request, handle);
  }

  get operations(): number {
    return this.#operations;
  }

  /** A host process for one operation. */
  host(operation: Operation): Context {
    this.#operations += 1;
    this.#side = operation.side;
    const life = { isOver: false, calls: 0, matching: 0 };
    const never = <T>(): Promise<T> => new Promise(() => undefined);
    const alive = <T>(task: () => Promise<T>): Promise<T> => (life.isOver ? never() : task());
    const send = adapterOf(this.api);
    const { stack, death, onDeath, onCall, onSettled, onWarning } = operation;
    const context = hostOf({
      environment: {},
      randomHex: (digits) => (++this.#drawn).toString(16).padStart(digits, "0"),
      report: (_urn, text, kind) => {
        if (life.isOver) return;
        this.lines.push(text);
        if (kind !== "status") onWarning(text);
      },
      readStack: (name) => alive(() => stack.read(name)),
      journal: {
        begin: (order) => alive(() => stack.journal.begin(order)),
        end: (token) =>
          alive(() => {
            onSettled(token);
            return stack.journal.end(token);
          }),
        unsettled: () => alive(() => stack.journal.unsettled()),
        place: (token) => stack.journal.place(token),
      },
      fetchBackup: (options) => alive(() => fetchVirtually([], options)),
      adapter: async (config) => {
        if (life.isOver) return never();
        onCall((life.calls += 1));
        const isMatch = death !== undefined && matches(death, config.url ?? "");
        if (!isMatch || (life.matching += 1) !== death.call) return send(config);
        life.isOver = true;
        this.deaths += 1;
        // What a fault makes of the answer reaches nobody.
        if (death.when === "after") send(config).then(undefined, () => undefined);
        onDeath(death.process);
        return never();
      },
    });
    const settings: Readonly<Record<string, string>> = {
      "cds:accessKeyId": DEFAULT_ACCESS_KEY_ID,
      "cds:accessKeySecret": DEFAULT_ACCESS_KEY_SECRET,
    };
    context.config = (key) => settings[key];
    return context;
  }

  #seen(
    request: EmulatorApiRequest,
    handle: (request: EmulatorApiRequest) => EmulatorApiAnswer,
  ): EmulatorApiAnswer {
    const query = new URLSearchParams(request.url.slice(request.url.indexOf("?")));
    const call: SeenCall = {
      action: query.get("Action") ?? "",
      body: request.body === "" ? {} : (JSON.parse(request.body) as Bag),
      nonce: query.get("SignatureNonce") ?? "",
      timestamp: Date.parse(query.get("Timestamp") ?? ""),
      at: Date.now(),
      side: this.#side,
      operation: this.#operations,
      made: [],
    };
    this.onCall(call);
    const before = new Set(this.#idsOf(call.action));
    const answer = handle(request);
    call.made = this.#idsOf(call.action).filter((id) => !before.has(id));
    call.fault = this.api.requests.at(-1)?.fault;
    if (call.action === "DescribeDBInstances")
      for (const [, id = ""] of answer.body.matchAll(/"InstanceUuid":"([^"]+)"/g))
        this.shown.add(id);
    this.calls.push(call);
    return answer;
  }

  /** What an order adds to. */
  #idsOf(action: string): string[] {
    const { store } = this.api;
    if (action === "CreateDBInstance") return store.instances().map((one) => one.instanceUuid);
    if (action === "CreateBackup") return store.backups().map((one) => one.backupId);
    return [];
  }
}

function matches({ action }: Death, url: string): boolean {
  return action === undefined || url.includes(`Action=${action}&`);
}
