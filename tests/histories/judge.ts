import { DEFAULT_ACCESS_KEY_SECRET } from "../../emulator";
import type { FaultKind } from "../../emulator";
import { isContentKind } from "../../emulator/faults/faultKinds";
import { BACKUP_TYPE, parseDuration, type BegunOrder } from "../face";
import type { Bag, Watch } from "../engineRun";
import { classOf } from "../faults/expectations";
import { PASSWORD } from "../provider/orders";
import type { Side } from "./history";
import type { StackSide } from "./stackSide";
import type { SeenCall, WatchedVendor } from "./watchedVendor";

/** What a stack ordered at the vendor. */
export interface Made {
  readonly id: string;
  readonly side: Side;
  /** Of the resource it was ordered for. */
  readonly urn: string;
  /** Of a backup, its instance: a replacement of that asks for another backup. */
  readonly of: string;
  /** Of an instance, or what a backup shows as its mark. */
  readonly name: string;
  /** Numbers the orders: the vendor may make more than one thing of one. */
  readonly order: number;
}

/**
 * Whether the client knows by the answer that an order was not carried out; or the answer passes on
 * what the vendor says, and what was carried out shows in what was made.
 */
function isClear(kind: FaultKind): boolean {
  const isRefused = ["notSent", "refusal", "notFound", "busy", "limited"].includes(classOf(kind));
  const isPassedOn = isContentKind(kind) && !kind.startsWith("doubled-request");
  return isRefused || isPassedOn;
}

const DENIALS: readonly string[] = ["keyRefused", "busy", "limited"];
const MINUTE = 60_000;
/** One poll interval, and a write that begins at the deadline. */
const OVERTIME_MS = 10_000 + 5_000;
const WINDOW_MS = 900_000;
const CANARIES = [PASSWORD, encodeURIComponent(PASSWORD), DEFAULT_ACCESS_KEY_SECRET];

/** What changes how a terminal shows the text, or begins a line. */
const CONTROLS = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Holds what happens against the invariants of faults.md. */
export class Judge {
  readonly made: Made[] = [];
  /** Ids of what somebody else made. */
  readonly others = new Set<string>();
  readonly #vendor: WatchedVendor;
  readonly #sides: () => readonly StackSide[];
  readonly #nonces = new Set<string>();
  readonly #violations: string[] = [];
  /** Marks and names of orders that may be lost. */
  readonly #pardoned: string[] = [];
  #orders = 0;
  #linesRead = 0;

  constructor(vendor: WatchedVendor, sides: () => readonly StackSide[]) {
    this.#vendor = vendor;
    this.#sides = sides;
    vendor.onCall = (call) => {
      this.#hear(call);
    };
  }

  /** Measures operations: each ends by its deadline and one poll interval (8). */
  readonly watch: Watch = async (kind, urn, bag, task) => {
    const started = Date.now();
    try {
      return await task();
    } finally {
      const over = Date.now() - started - allowedMs(kind, urn, bag);
      if (over > OVERTIME_MS) this.#find(8, `${kind} of ${urn} took ${over / 1000} s too long`);
    }
  };

  /** Notes what became of the calls since `from`. */
  noteMade(from: number, urns: ReadonlyMap<SeenCall, string>): void {
    for (const call of this.#vendor.calls.slice(from)) {
      if (call.made.length === 0) continue;
      const order = (this.#orders += 1);
      const of = String(call.body["InstanceUuid"]);
      const made = { side: call.side, urn: urns.get(call) ?? "", of, name: orderName(call), order };
      this.made.push(...call.made.map((id) => ({ ...made, id })));
    }
  }

  /** What exists and is not being deleted. */
  living(): Made[] {
    const { store } = this.#vendor.api;
    const all = [
      ...store.instances().map((one) => ({ id: one.instanceUuid, goneAt: one.goneAt })),
      ...store.backups().map((one) => ({ id: one.backupId, goneAt: one.goneAt })),
    ];
    const ids = new Set(all.filter((one) => one.goneAt === undefined).map((one) => one.id));
    return this.made.filter((one) => ids.has(one.id));
  }

  /** Of what a stack ordered, all that lives and that neither the state holds nor a message names. */
  lost(side: StackSide): Made[] {
    const held = side.ids();
    return this.living().filter(
      (one) =>
        one.side === side.side &&
        !held.has(one.id) &&
        !side.named(one.id, ...ownNames(one.name)) &&
        !this.#pardoned.some((mark) => one.name.includes(mark)),
    );
  }

  /**
   * Known: the note of an order is dropped a moment before the engine writes the resource down. A
   * process that dies in that moment, which lasts milliseconds, makes it forgotten.
   */
  pardon(settled: readonly BegunOrder[]): void {
    for (const { token, inputs } of settled) {
      const { instanceName } = inputs as { readonly instanceName?: string };
      this.#pardoned.push(instanceName ?? `pulumi-${token}`);
    }
  }

  /** After each step; `before` are the ids that a stack held. Throws what is wrong. */
  afterStep(before: ReadonlyMap<StackSide, ReadonlySet<string>>): void {
    const claimed = new Set<string>();
    for (const side of this.#sides()) {
      const held = side.ids();
      for (const id of held) {
        if (claimed.has(id) || this.others.has(id)) this.#find(4, `${id} is taken from another`);
        claimed.add(id);
      }
      const lost = this.lost(side);
      for (const one of lost)
        if (!side.remembers(one.name)) this.#find(1, `${one.name} (${one.id}) is forgotten`);
      const orders = new Map(lost.map(({ order, urn, of }) => [order, `${urn} ${of}`]));
      const urns = [...orders.values()];
      if (new Set(urns).size < urns.length) this.#find(2, `two for one: ${urns.join(", ")}`);
      for (const id of before.get(side) ?? [])
        if (!held.has(id) && this.#exists(id)) this.#find(5, `the state dropped ${id}`);
    }
    this.#searchTexts();
    this.throwFound();
  }

  throwFound(): void {
    const [first] = this.#violations;
    if (first !== undefined) throw new Error(this.#violations.join("\n"));
  }

  #find(invariant: number, what: string): void {
    this.#violations.push(`invariant ${invariant}: ${what}`);
  }

  /** Whether it is there to stay: after the vendor took a delete three lists are a proof. */
  #exists(id: string): boolean {
    const { store } = this.#vendor.api;
    const all = [store.findInstance(id), ...store.backups().filter((one) => one.backupId === id)];
    return all.some((one) => one !== undefined && one.goneAt === undefined);
  }

  #hear(call: SeenCall): void {
    if (this.#nonces.has(call.nonce)) this.#find(9, `${call.action} came with an old nonce`);
    this.#nonces.add(call.nonce);
    if (!(Math.abs(call.timestamp - call.at) <= WINDOW_MS)) this.#find(9, `${call.action} is old`);
    const { InstanceUuid: instance, BackupId: backup } = call.body;
    if (call.action.startsWith("Delete")) {
      const side = this.#sides().find((one) => one.side === call.side);
      const id = String(backup ?? instance);
      if (side?.ids().has(id) !== true) this.#find(4, `deletes ${id}, which is not in the state`);
    }
    if (!isOrder(call)) return;
    const name = orderName(call);
    const again = this.#vendor.calls.some(
      (one) =>
        one.operation === call.operation &&
        isOrder(one) &&
        orderName(one) === name &&
        (one.made.length > 0 || (one.fault !== undefined && !isClear(one.fault))),
    );
    if (again) this.#find(3, `orders ${name} again`);
  }

  /**
   * In what was shown, in the journal, and in the state without what is encrypted there (10). And what
   * the user is told has no control characters (11).
   */
  #searchTexts(): void {
    const { lines } = this.#vendor;
    const texts = lines.slice(this.#linesRead);
    this.#linesRead = lines.length;
    for (const { model, stack } of this.#sides()) {
      const open = (bag: Bag): Bag => ({ ...bag, password: "", connectionString: "" });
      const state = model.held.map((held) => [open(held.inputs), open(held.outputs)]);
      texts.push(...model.said, JSON.stringify([state, [...stack.noted.values()]]));
    }
    for (const text of this.#sides().flatMap((side) => side.told()))
      if (CONTROLS.test(text)) this.#find(11, `control characters: ${JSON.stringify(text)}`);
    for (const text of texts)
      if (CANARIES.some((canary) => text.includes(canary))) this.#find(10, `a secret: ${text}`);
  }
}

export function isOrder({ action }: SeenCall): boolean {
  return action === "CreateDBInstance" || action === "CreateBackup";
}

/** What tells an order from others. */
export function orderName({ body }: SeenCall): string {
  return String(body["InstanceName"] ?? body["Desc"]);
}

/** Whether an order was carried out, and the answer says that it was not. */
export function isDenied({ made, fault }: SeenCall): boolean {
  const isSeen = fault === "doubled-request" || fault === "doubled-request-400";
  return made.length > 0 && fault !== undefined && (isSeen || DENIALS.includes(classOf(fault)));
}

/** Whether the vendor delivered another size or port than ordered. */
export function isMisdelivery({ fault }: SeenCall): boolean {
  return fault === "other-size" || fault === "other-port";
}

/** What names it for certain: an explicit name is told for other reasons, too. */
function ownNames(name: string): string[] {
  return name.startsWith("shop-") ? [`whether ${name} was ordered`] : [name];
}

function allowedMs(kind: "create" | "update" | "read" | "delete", urn: string, bag: Bag): number {
  const isBackup = urn.includes(BACKUP_TYPE);
  // To read a backup that looks gone is to read its instance, too.
  if (kind === "read") return (isBackup ? 2 : 1) * 2 * MINUTE;
  const text = (bag["__timeouts"] as Record<string, string> | undefined)?.[kind] ?? "";
  const usual = kind === "delete" ? 20 : isBackup ? 60 : 30;
  return parseDuration(text) ?? usual * MINUTE;
}
