import type { Readable } from "node:stream";

const MOST_WAITING_BYTES = 1024 * 1024;

/** The bytes of an answer, taken up as they come: what came before it broke off is not lost with it. */
export class ReceivedBody {
  readonly #stream: Readable;
  readonly #pieces: Uint8Array[] = [];
  #waitingBytes = 0;
  #isOver = false;
  #error: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on("data", (piece: Uint8Array) => {
      this.#pieces.push(piece);
      this.#waitingBytes += piece.byteLength;
      if (this.#waitingBytes >= MOST_WAITING_BYTES) stream.pause();
      this.#wake();
    });
    stream.on("error", (error: Error) => {
      this.#error = error;
      this.#end();
    });
    stream.on("close", () => {
      this.#end();
    });
  }

  /** The next piece; undefined at the end. Rejects with what broke it off once all that came is taken. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#waitingBytes -= piece.byteLength;
        if (this.#waitingBytes < MOST_WAITING_BYTES) this.#stream.resume();
        return piece;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#isOver) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Ends the connection; nobody is interested in the rest. */
  destroy(): void {
    this.#stream.destroy();
  }

  #end(): void {
    this.#isOver = true;
    this.#wake();
  }
}
