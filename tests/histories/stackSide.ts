import { BACKUP_TYPE } from "../face";
import type { Bag } from "../engineRun";
import { FakeStack } from "../fakeStack";
import { backupOrder, instanceUrn, order } from "../provider/orders";
import { StackModel, type Declared } from "../stackModel";
import type { ResourceName, Side, Wish } from "./history";
import type { Watch } from "../engineRun";

const INSTANCES = ["cache", "queue", "sessions"] as const;

/** One stack, its program, and all that its user was told. */
export class StackSide {
  readonly side: Side;
  readonly stack: FakeStack;
  readonly model: StackModel;
  /** What the program says now. */
  readonly wishes = new Map<ResourceName, Wish>();
  readonly warned: string[] = [];

  /** @param journal Of the machine, where it is shared with another stack. */
  constructor(side: Side, watch: Watch, journal?: FakeStack["noted"]) {
    this.side = side;
    const provider = `urn:pulumi:dev::shop::pulumi:providers:pulumi-nodejs::default::${side}`;
    this.stack = new FakeStack(provider);
    if (journal !== undefined) Object.assign(this.stack, { noted: journal });
    this.model = new StackModel(this.stack, watch);
  }

  program(): Declared[] {
    const instances = INSTANCES.flatMap((name) => {
      const wish = this.wishes.get(name);
      return wish === undefined ? [] : [instanceOf(name, wish)];
    });
    const holderOfWeekly = this.wishes.has("sessions") ? "sessions" : "cache";
    return [
      ...instances,
      ...this.#backup("nightly", "cache"),
      ...this.#backup("weekly", holderOfWeekly),
    ];
  }

  /** Errors, the reasons of what is partly made, and warnings. */
  told(): readonly string[] {
    return [...this.model.said, ...this.warned];
  }

  /** Whether the user was told of any of these, otherwise than as of something in the state. */
  named(...words: readonly string[]): boolean {
    return this.told()
      .filter((text) => !text.startsWith("took over"))
      .some((text) => words.some((word) => text.includes(word)));
  }

  /** Ids in the state: of instances, and of all entries of backups. */
  ids(): Set<string> {
    return new Set(this.model.held.flatMap(({ id, outputs }) => idsOf(id, outputs)));
  }

  /** Whether the engine or the journal keeps an order with this name or mark for the next run. */
  remembers(nameOrDescription: string): boolean {
    const { creating, noted, provider } = this.stack;
    const begun = creating.map(({ inputs }) => inputs);
    const mine = [...noted.values()].filter((order) => order.provider === provider);
    const written = mine.map(({ token, inputs }) => ({ ...inputs, __token: token }));
    return [...begun, ...written].some((inputs) => isOrderOf(inputs, nameOrDescription));
  }

  /** The resource for which an order with this name or mark is under way. */
  ordering(nameOrDescription: string): string | undefined {
    return this.stack.creating.find(({ inputs }) => isOrderOf(inputs, nameOrDescription))?.urn;
  }

  #backup(name: "nightly" | "weekly", of: "cache" | "sessions"): Declared[] {
    const wish = this.wishes.get(name);
    if (wish === undefined || !this.wishes.has(of)) return [];
    const keepLatest = name === "weekly" ? 3 : 1;
    const change = { triggers: [wish.trigger], keepLatest, __timeouts: timeouts(wish) };
    const instance = instanceUrn(of);
    return [
      {
        urn: urnOf(name),
        dependsOn: [instance],
        args: (idOf) => backupOrder(idOf(instance), change, name),
      },
    ];
  }
}

export function urnOf(name: ResourceName): string {
  const isInstance = (INSTANCES as readonly string[]).includes(name);
  return isInstance ? instanceUrn(name) : `urn:pulumi:dev::shop::${BACKUP_TYPE}::${name}`;
}

export function nameOf(urn: string): ResourceName {
  return urn.slice(urn.lastIndexOf(":") + 1) as ResourceName;
}

/** The ids of a resource in the state: a backup has one for each shard. */
export function idsOf(id: string, outputs: Bag): string[] {
  const earlier = (outputs["earlier"] ?? []) as Bag[];
  const entries = [outputs, ...earlier].flatMap(
    (backup) => (backup["entries"] ?? []) as { readonly backupId: string }[],
  );
  return id.includes("/") ? entries.map((entry) => entry.backupId) : [id];
}

function isOrderOf(inputs: Readonly<Bag>, nameOrDescription: string): boolean {
  const { instanceName, __token: token } = inputs as Record<string, string | undefined>;
  return (
    instanceName === nameOrDescription || nameOrDescription.includes(`pulumi-${token ?? "none"}`)
  );
}

function instanceOf(name: (typeof INSTANCES)[number], wish: Wish): Declared {
  const { ramGb, port } = wish;
  const own = name === "sessions" ? { instanceName: wish.name } : {};
  const change = { ramGb, port, ...own, __timeouts: timeouts(wish) };
  return { urn: urnOf(name), args: () => order(change, name) };
}

function timeouts(wish: Wish): Bag {
  return { create: wish.create, delete: wish.delete };
}
