import type { Bag } from "../engineRun";
import {
  DEFAULT_ACCESS_KEY_SECRET,
  type EmulatorApiOptions,
  type StoreSnapshot,
} from "../../emulator";
import type { BegunOrder, Context, RecordedResource } from "../face";
import type { Held } from "../engineRun";
import { emulatedVendor, type EmulatedVendor } from "../emulatedVendor";
import { PASSWORD } from "../provider/orders";
import { StackModel, type Program, type Run } from "../stackModel";
import { spellingsOf } from "./spellings";

/**
 * Short, but long enough for several lists. A look for what may have been ordered takes two minutes; a
 * delete may lose 30 seconds by a call that hangs, and needs 30 seconds for the proof that it is gone.
 */
export const TIMES = { deliverySeconds: 2, backupSeconds: 2.5, deleteSeconds: 1 };
export const LIMITS = { create: "200s", update: "200s", delete: "100s" };

/** ASCII and Latin-1 control characters, and those that change the writing direction. */
const CONTROLS = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** An instance or backup entry that the vendor has, so that somebody pays for it. */
export interface Billed {
  readonly id: string;
  /** What tells it from others: its name, or the mark in its description. */
  readonly mark: string;
}

/** A call that changes something, as the vendor got it. */
export interface Write {
  readonly action: string;
  /** What a delete is for. */
  readonly target: string;
  /** Whether the stack had that in its state. */
  readonly wasHeld: boolean;
}

/** What a scene was when it was kept. */
export interface KeptScene {
  readonly now: number;
  readonly store: StoreSnapshot;
  readonly held: readonly Readonly<Held>[];
  readonly creating: readonly RecordedResource[];
  readonly noted: readonly BegunOrder[];
  readonly imported: string;
  readonly foreign: readonly string[];
  /** How many random texts were given out. */
  readonly randoms: number;
}

/** A stack of one program at a vendor, and all that is to be known for judging it. */
export class Scene {
  readonly vendor: EmulatedVendor;
  readonly model: StackModel;
  readonly writes: Write[] = [];
  readonly #signatures = new Set<string>();
  /** What is to be imported. */
  imported: string;
  /** What others have at the vendor. */
  readonly foreign = new Set<string>();

  constructor(options: EmulatorApiOptions = {}, kept?: KeptScene) {
    this.vendor = emulatedVendor({ ...TIMES, ...options }, kept?.store);
    const { stack } = this.vendor;
    stack.creating.push(...structuredClone(kept?.creating ?? []));
    for (const note of kept?.noted ?? []) stack.noted.set(note.token, structuredClone(note));
    this.model = new StackModel(stack, undefined, kept?.held);
    this.imported = kept?.imported ?? "";
    for (const id of kept?.foreign ?? []) this.foreign.add(id);
    this.#noteWrites();
    // The next name is another one.
    for (let used = 0; used < (kept?.randoms ?? 0); used += 1) this.host().randomHex(1);
  }

  /** All there is to keep, to go on from here in a scene of its own. */
  kept(): KeptScene {
    const { stack, api } = this.vendor;
    return structuredClone({
      now: Date.now(),
      store: api.store.snapshot(),
      held: this.model.held,
      creating: stack.creating,
      noted: [...stack.noted.values()],
      imported: this.imported,
      foreign: [...this.foreign],
      randoms: Number.parseInt(this.host().randomHex(12), 16),
    });
  }

  host(): Context {
    return this.vendor.host();
  }

  /** An `up` that must do what it is for. */
  async prepared(program: Program): Promise<void> {
    const { failures } = await this.model.up(this.host(), program);
    const [failure] = failures;
    if (failure !== undefined) throw failure.error;
  }

  /** An `up` in which a process dies just after the vendor carried out the first call of an action. */
  async interrupted(
    program: Program,
    action: string,
    process: "cli" | "host",
    when: "before" | "after" = "after",
  ): Promise<Run> {
    this.vendor.killAt({ action, when }, () => {
      this.model.kill(process);
    });
    return this.model.up(this.host(), program);
  }

  /** All that the vendor has and bills; what is being deleted is not. */
  billed(): Billed[] {
    const { store } = this.vendor.api;
    const instances = store
      .instances()
      .filter(({ status }) => status !== "DELETING")
      .map(({ instanceUuid, instanceName }) => ({ id: instanceUuid, mark: instanceName }));
    const live = new Set(instances.map(({ id }) => id));
    const backups = store
      .backups()
      .filter(({ status, instanceUuid }) => status !== "deleting" && live.has(instanceUuid))
      .map(({ backupId, description }) => {
        return { id: backupId, mark: /pulumi-[0-9a-f-]+/.exec(description)?.[0] ?? backupId };
      });
    return [...instances, ...backups].filter(({ id }) => !this.foreign.has(id));
  }

  /** The ids in the stack's state, in lower case as the vendor made them; a backup has one for each entry. */
  heldIds(): Set<string> {
    const entries = this.model.held.flatMap(({ id, outputs }) => [
      id.slice(id.indexOf("/") + 1),
      ...entryIds(outputs),
      ...((outputs["earlier"] ?? []) as Bag[]).flatMap(entryIds),
    ]);
    return new Set(entries.map((id) => id.toLowerCase()));
  }

  /** All that stays to be read after the runs. */
  told(): string {
    return [...this.model.said, ...this.vendor.warnings].join("\n");
  }

  /** What is neither in the state nor named. */
  leaked(): Billed[] {
    const held = this.heldIds();
    const told = this.told().toLowerCase();
    return this.billed().filter(
      ({ id, mark }) => !held.has(id) && !told.includes(id) && !told.includes(mark),
    );
  }

  /** Which secrets were told or written down in clear, in any spelling. */
  toldSecrets(): string[] {
    const notes = [...this.vendor.stack.noted.values()];
    const text = [this.told(), ...this.vendor.reports, JSON.stringify(notes)].join("\n");
    return [PASSWORD, PASSWORD.slice(0, 6), DEFAULT_ACCESS_KEY_SECRET, ...this.#signatures]
      .flatMap(spellingsOf)
      .filter((secret) => text.includes(secret));
  }

  /** What was told with characters that change how a terminal shows it, or that begin a line. */
  toldControls(): string[] {
    const { reports, warnings } = this.vendor;
    return [...this.model.said, ...reports, ...warnings].filter((text) => CONTROLS.test(text));
  }

  #noteWrites(): void {
    const { api } = this.vendor;
    const handle = api.handle.bind(api);
    api.handle = (request) => {
      const signature = new URLSearchParams(request.url).get("Signature");
      if (signature !== null) this.#signatures.add(signature);
      if (request.method === "POST") {
        const action = /[?&]Action=(\w+)/.exec(request.url)?.[1] ?? "";
        const body = JSON.parse(request.body) as { InstanceUuid?: string; BackupId?: string };
        const target = (body.BackupId ?? body.InstanceUuid ?? "").toLowerCase();
        this.writes.push({ action, target, wasHeld: this.heldIds().has(target) });
      }
      return handle(request);
    };
  }
}

function entryIds(backup: Readonly<Bag>): string[] {
  return ((backup["entries"] ?? []) as { backupId: string }[]).map(({ backupId }) => backupId);
}
