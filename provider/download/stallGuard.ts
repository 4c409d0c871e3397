import { codeOf, DroppedError } from "./downloadErrors";
import type { ReceivedBody } from "./receivedBody";

/** Waits for the network, but not longer than a time without a byte. */
export class StallGuard {
  readonly #milliseconds: () => number;
  readonly #abort = new AbortController();

  /** @param milliseconds - how long to wait, asked anew for each wait. */
  constructor(milliseconds: () => number) {
    this.#milliseconds = milliseconds;
  }

  /** Ends the request when the time is over. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** @throws DroppedError when the time is over. */
  async within<T>(work: Promise<T>): Promise<T> {
    const milliseconds = this.#milliseconds();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new DroppedError(`no byte for ${milliseconds / 1000} s`));
        this.#abort.abort();
      }, milliseconds);
    });
    try {
      return await Promise.race([work, timeout]);
    } finally {
      clearTimeout(timer);
      // What loses the race may fail later.
      work.catch(() => undefined);
    }
  }

  /** The pieces of a body. @throws DroppedError when it breaks off or stalls. */
  async *pieces(body: ReceivedBody): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) {
        const piece = await this.within(body.next()).catch(dropped);
        if (piece === undefined) return;
        yield piece;
      }
    } finally {
      body.destroy();
    }
  }
}

function dropped(error: unknown): never {
  if (error instanceof DroppedError) throw error;
  throw new DroppedError(`the connection broke off (${codeOf(error) ?? "failed"})`);
}
