import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";

import { RdbCheck, type RdbFacts } from "./rdbCheck";

const READ_BYTES = 1024 * 1024;

/** What is known of a whole RDB file once all its bytes were seen. */
export interface ProvenRdb extends RdbFacts {
  /** Of all bytes, in hexadecimal digits. */
  readonly sha256: string;
}

/** Proves an RDB file whole and hashes it, while its bytes come. */
export class RdbProof {
  readonly #check = new RdbCheck();
  readonly #hash = createHash("sha256");

  get isComplete(): boolean {
    return this.#check.isComplete;
  }

  /** @throws RdbError as soon as the bytes can't be of a whole RDB file. */
  write(chunk: Uint8Array): void {
    this.#check.write(chunk);
    this.#hash.update(chunk);
  }

  /** @throws RdbError when the end was not reached. */
  end(): ProvenRdb {
    return { ...this.#check.end(), sha256: this.#hash.digest("hex") };
  }
}

/**
 * Proves an RDB file on disk whole.
 *
 * @throws RdbError when it is not, or the system's error when it can't be read.
 */
export async function verifyRdbFile(path: string): Promise<ProvenRdb> {
  const file = await open(path, "r");
  try {
    const proof = new RdbProof();
    await readInto(proof, file);
    return proof.end();
  } finally {
    await file.close();
  }
}

/** Feeds the proof with the file from its start. Answers how many bytes there were. */
export async function readInto(proof: RdbProof, file: FileHandle): Promise<number> {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  let at = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, at);
    if (bytesRead === 0) return at;
    proof.write(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}
