import { length, need, RdbBytes, shortText, skip, string, type Walk } from "./rdbBytes";
import { altered, RdbError } from "./rdbError";
import { moduleData, requireKnownType, value } from "./rdbValues";

const MAGIC = "REDIS";
const VERSION_DIGITS = 4;
/** Of Redis 8.0. */
const NEWEST_VERSION = 12;
const FIRST_WITH_CHECKSUM = 5;
const LONGEST_TEXT = 63;
const MODULE_UINT = 2;

/** What a whole RDB file tells of itself. */
export interface RdbFacts {
  readonly rdbVersion: number;
  /** The version of the server that wrote it, where it says so. */
  readonly redisVersion?: string;
  /** As the file announces them for its databases; counted where it doesn't. */
  readonly keys: number;
  readonly sizeBytes: number;
  /** `not checked`: the server that wrote the file was told to leave the checksum out. */
  readonly checksum: "verified" | "not checked";
}

type Told = Omit<RdbFacts, "sizeBytes">;

/**
 * Proves an RDB file whole while its bytes come: walks its structure to the end mark, holds its
 * checksum against its bytes, and takes nothing behind it. Memory stays small, whatever the file holds.
 */
export class RdbCheck {
  readonly #bytes = new RdbBytes();
  readonly #walk = file(this.#bytes);
  #told: Told | undefined;
  #received = 0;

  /** Whether the end was reached. More bytes are an error then. */
  get isComplete(): boolean {
    return this.#told !== undefined;
  }

  /** @throws RdbError as soon as the bytes can't be of a whole RDB file. */
  write(chunk: Uint8Array): void {
    this.#received += chunk.byteLength;
    this.#bytes.feed(chunk);
    if (this.#told === undefined) {
      const { done, value: told } = this.#walk.next();
      if (done === true) this.#told = told;
    }
    if (this.#told !== undefined && this.#bytes.left > 0) {
      const { offset } = this.#bytes;
      throw new RdbError(
        "trailing bytes",
        offset,
        `trailing bytes: the file ends at byte ${offset}, and more follow`,
      );
    }
    this.#bytes.settle();
  }

  /** @throws RdbError when the end was not reached. */
  end(): RdbFacts {
    if (this.#told !== undefined) return { ...this.#told, sizeBytes: this.#received };
    // An empty file is cut off too.
    throw new RdbError("cut off", this.#received, `cut off at byte ${this.#received}`);
  }
}

function* file(bytes: RdbBytes): Walk<Told> {
  const rdbVersion = yield* header(bytes);
  let redisVersion: string | undefined;
  let announced: number | undefined;
  let counted = 0;
  for (;;) {
    if (!bytes.has(1)) yield* need(bytes, 1);
    const { offset } = bytes;
    const code = bytes.byte();
    switch (code) {
      case 0xff: {
        const checksum = yield* footer(bytes, rdbVersion);
        const told = { rdbVersion, keys: announced ?? counted, checksum };
        return redisVersion === undefined ? told : { ...told, redisVersion };
      }
      case 0xfe: // the database that follows
      case 0xf8: // how long a key was idle
        yield* length(bytes);
        break;
      case 0xfd: // expires, in seconds
        yield* skip(bytes, 4);
        break;
      case 0xfc: // expires, in milliseconds
        yield* skip(bytes, 8);
        break;
      case 0xfb: // keys of the database, and how many of them expire
        announced = (announced ?? 0) + (yield* length(bytes));
        yield* length(bytes);
        break;
      case 0xfa:
        redisVersion = (yield* auxiliary(bytes)) ?? redisVersion;
        break;
      case 0xf9: // how often a key was used
        yield* skip(bytes, 1);
        break;
      case 0xf7: // what a module keeps beside the keys
        yield* moduleAuxiliary(bytes);
        break;
      case 0xf6: // functions, before 7.0 was released
        yield* oldFunction(bytes);
        break;
      case 0xf5: // functions
        yield* string(bytes);
        break;
      case 0xf4: // a slot of a cluster, its keys, and how many of them expire
        for (let index = 0; index < 3; index++) yield* length(bytes);
        break;
      default:
        requireKnownType(code, offset);
        if (!bytes.takeString()) yield* string(bytes);
        // Without a generator for each of millions of short strings.
        if (code !== 0 || !bytes.takeString()) yield* value(bytes, code);
        counted++;
    }
  }
}

function* header(bytes: RdbBytes): Walk<number> {
  yield* need(bytes, MAGIC.length);
  if (bytes.text(MAGIC.length) !== MAGIC)
    throw new RdbError("not an RDB file", 0, `not an RDB file: it doesn't begin with ${MAGIC}`);
  yield* need(bytes, VERSION_DIGITS);
  const digits = bytes.text(VERSION_DIGITS);
  const version = Number(digits);
  if (!/^\d+$/.test(digits) || version === 0)
    throw new RdbError("not an RDB file", MAGIC.length, "not an RDB file: it has no version");
  if (version > NEWEST_VERSION)
    throw new RdbError(
      "unknown version",
      MAGIC.length,
      `unknown RDB version ${version}: this package knows versions up to ${NEWEST_VERSION}: update it`,
    );
  return version;
}

function* footer(bytes: RdbBytes, rdbVersion: number): Walk<Told["checksum"]> {
  const crc = bytes.seal();
  if (rdbVersion < FIRST_WITH_CHECKSUM) return "not checked";
  yield* need(bytes, 8);
  const { offset } = bytes;
  const low = bytes.uint32LittleEndian();
  const high = bytes.uint32LittleEndian();
  if (low === 0 && high === 0) return "not checked";
  if (low !== crc.low || high !== crc.high)
    throw altered("the checksum is not that of the bytes before it,", offset);
  return "verified";
}

/** Gives the version of the server where the field tells it. */
function* auxiliary(bytes: RdbBytes): Walk<string | undefined> {
  const name = yield* shortText(bytes, LONGEST_TEXT);
  const text = yield* shortText(bytes, LONGEST_TEXT);
  // Shown to people: nothing but what a version is made of.
  return name === "redis-ver" && text !== undefined && /^[\w.+-]+$/.test(text) ? text : undefined;
}

function* moduleAuxiliary(bytes: RdbBytes): Walk {
  yield* length(bytes);
  const { offset } = bytes;
  if ((yield* length(bytes)) !== MODULE_UINT)
    throw altered("module data that doesn't say when it is for", offset);
  yield* length(bytes);
  yield* moduleData(bytes);
}

/** Name, engine, a description or none, code. */
function* oldFunction(bytes: RdbBytes): Walk {
  yield* string(bytes);
  yield* string(bytes);
  if ((yield* length(bytes)) !== 0) yield* string(bytes);
  yield* string(bytes);
}
