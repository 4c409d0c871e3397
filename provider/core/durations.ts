const MOST_KEPT = 100;

/**
 * How long things of one kind took, as seen in this process: the vendor tells nothing of it. Nothing is
 * kept for the next run.
 */
export class Durations {
  /** The latest ones, in milliseconds. */
  readonly #seen: number[] = [];

  add(milliseconds: number): void {
    this.#seen.push(milliseconds);
    if (this.#seen.length > MOST_KEPT) this.#seen.shift();
  }

  get shortest(): number | undefined {
    return this.#seen.length === 0 ? undefined : Math.min(...this.#seen);
  }

  get longest(): number | undefined {
    return this.#seen.length === 0 ? undefined : Math.max(...this.#seen);
  }

  /** The median. */
  get usual(): number | undefined {
    const sorted = [...this.#seen].sort((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)];
  }
}
