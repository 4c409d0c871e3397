/** How far back the past is kept. */
export const MOST_LAG_SECONDS = 600;
const KEPT_MS = MOST_LAG_SECONDS * 1000;

interface Change<T> {
  readonly id: string;
  /** Undefined: there was none. */
  readonly before: T | undefined;
  readonly at: number;
}

/**
 * Records by id, in the order of their creation, with what they were in the last ten minutes. A record never changes:
 * another one takes its place.
 */
export class RecordHistory<T extends object> {
  readonly #current = new Map<string, T>();
  /** Undone from the last one back, they give the past. */
  #changes: Change<T>[] = [];
  #sweepAt = -Infinity;

  constructor(records: Iterable<readonly [string, T]> = []) {
    for (const [id, record] of records) this.#current.set(id, record);
  }

  get(id: string): T | undefined {
    return this.#current.get(id);
  }

  /** The record, or what it was before it was deleted. */
  latest(id: string): T | undefined {
    return this.get(id) ?? this.#changes.findLast((change) => change.id === id)?.before;
  }

  all(): T[] {
    return [...this.#current.values()];
  }

  /** Adds a record or replaces the one with this id. */
  set(id: string, record: T, at: number): void {
    this.#remember(id, at);
    this.#current.set(id, record);
  }

  delete(id: string, at: number): void {
    this.#remember(id, at);
    this.#current.delete(id);
  }

  /** The records of an earlier moment; those that are gone since then come last. */
  asOf(time: number): T[] {
    const records = new Map(this.#current);
    for (const { id, before, at } of [...this.#changes].reverse()) {
      if (at <= time) continue;
      if (before === undefined) records.delete(id);
      else records.set(id, before);
    }
    return [...records.values()];
  }

  #remember(id: string, at: number): void {
    if (at >= this.#sweepAt) {
      this.#changes = this.#changes.filter((change) => change.at > at - KEPT_MS);
      this.#sweepAt = at + KEPT_MS;
    }
    this.#changes.push({ id, before: this.#current.get(id), at });
  }
}
