import { constants } from "node:fs";
import { open, rename, rm, type FileHandle } from "node:fs/promises";

import { fileError } from "./downloadErrors";
import { RdbError } from "./rdb/rdbError";
import { readInto, RdbProof, type ProvenRdb } from "./rdb/rdbFile";

/** For the owner alone: a backup is data. */
const MODE = 0o600;

/** A file on its way, beside its final name, and the proof of the bytes that it has. */
export class PartFile {
  readonly path: string;
  readonly #file: FileHandle;
  #proof = new RdbProof();
  #size = 0;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** Makes it, or takes up what an earlier run left; nothing of it when that is no beginning of an RDB file. */
  static async open(path: string): Promise<PartFile> {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
    const file = await open(path, flags, MODE).catch((error: unknown) => {
      throw fileError(path, error);
    });
    const part = new PartFile(path, file);
    try {
      part.#size = await readInto(part.#proof, file);
    } catch (error) {
      if (error instanceof RdbError) await part.empty();
      else {
        await file.close();
        throw fileError(path, error);
      }
    }
    return part;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether the bytes so far end as an RDB file does. */
  get isComplete(): boolean {
    return this.#proof.isComplete;
  }

  /** @throws RdbError when the bytes can't be of a whole RDB file; they are not written then. */
  async append(bytes: Uint8Array): Promise<void> {
    this.#proof.write(bytes);
    await this.#onDisk(async () => {
      for (let done = 0; done < bytes.byteLength;) {
        const left = bytes.byteLength - done;
        const { bytesWritten } = await this.#file.write(bytes, done, left, this.#size);
        done += bytesWritten;
        this.#size += bytesWritten;
      }
    });
  }

  async empty(): Promise<void> {
    await this.#onDisk(() => this.#file.truncate(0));
    this.#proof = new RdbProof();
    this.#size = 0;
  }

  /** @throws RdbError when it is not whole. */
  proven(): ProvenRdb {
    return this.#proof.end();
  }

  /** Gives the file its final name, on disk to stay. */
  async finish(path: string): Promise<void> {
    await this.#onDisk(async () => {
      await this.#file.sync();
      await this.#file.close();
      await rename(this.path, path);
    });
  }

  async close(): Promise<void> {
    // Closed before when it was finished.
    await this.#file.close().catch(() => undefined);
  }

  /** Leaves nothing for a later run: what it holds is not to be gone on with. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
  }

  async #onDisk(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw fileError(this.path, error);
    }
  }
}
