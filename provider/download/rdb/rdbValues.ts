import { length, need, skip, string, type RdbBytes, type Walk } from "./rdbBytes";
import { altered, RdbError } from "./rdbError";

/** An entry of a stream: milliseconds and sequence, 64 bits each. */
const STREAM_ID_BYTES = 16;
const TIME_BYTES = 8;
/** Old doubles are text with a length of a byte; these lengths stand for values without text. */
const FIRST_NAMED_DOUBLE = 253;
const QUICKLIST_CONTAINERS = [1, 2];

/** All but 6, a form of modules that was never released, and 8, which was never used. */
const NEWEST_TYPE = 25;

/** @throws RdbError for a type of value that can't be passed over. */
export function requireKnownType(type: number, offset: number): void {
  if (type <= NEWEST_TYPE && type !== 6 && type !== 8) return;
  throw new RdbError(
    "unknown type",
    offset,
    `unknown value type ${type} at byte ${offset}: the file was altered, or this package must be updated`,
  );
}

/** Passes over the value of a key, by the types of rdb.h. */
export function* value(bytes: RdbBytes, type: number): Walk {
  switch (type) {
    case 1: // list
    case 2: // set
    case 14: // quicklist of ziplists
      return yield* strings(bytes, yield* length(bytes));
    case 4: // hash
      return yield* strings(bytes, 2 * (yield* length(bytes)));
    case 3: // sorted set, scores as text
    case 5: // sorted set, scores in binary
      return yield* sortedSet(bytes, type === 3);
    case 7:
      yield* length(bytes);
      return yield* moduleData(bytes);
    case 15:
    case 19:
    case 21:
      return yield* stream(bytes, type === 15 ? 1 : type === 19 ? 2 : 3);
    case 18:
      return yield* quicklist(bytes);
    case 22: // hash with times of its fields, before 7.4 was released
      return yield* hashWithTimes(bytes);
    case 24:
      yield* skip(bytes, TIME_BYTES);
      return yield* hashWithTimes(bytes);
    case 25: // the same as a listpack
      yield* skip(bytes, TIME_BYTES);
      return yield* string(bytes);
    default: // one string, whatever is packed in it
      yield* string(bytes);
  }
}

function* strings(bytes: RdbBytes, count: number): Walk {
  for (let index = 0; index < count; index++) {
    // Without a generator for each of millions of strings.
    if (!bytes.takeString()) yield* string(bytes);
  }
}

function* sortedSet(bytes: RdbBytes, isText: boolean): Walk {
  const count = yield* length(bytes);
  for (let index = 0; index < count; index++) {
    if (!bytes.takeString()) yield* string(bytes);
    if (isText) yield* oldDouble(bytes);
    else if (bytes.has(8)) bytes.takeUpTo(8);
    else yield* skip(bytes, 8);
  }
}

function* oldDouble(bytes: RdbBytes): Walk {
  yield* need(bytes, 1);
  const size = bytes.byte();
  if (size < FIRST_NAMED_DOUBLE) yield* skip(bytes, size);
}

function* quicklist(bytes: RdbBytes): Walk {
  const count = yield* length(bytes);
  for (let index = 0; index < count; index++) {
    const { offset } = bytes;
    if (!QUICKLIST_CONTAINERS.includes(yield* length(bytes)))
      throw altered("a part of a list of no known kind", offset);
    if (!bytes.takeString()) yield* string(bytes);
  }
}

function* hashWithTimes(bytes: RdbBytes): Walk {
  const count = yield* length(bytes);
  for (let index = 0; index < count; index++) {
    yield* length(bytes);
    if (!bytes.takeString()) yield* string(bytes);
    if (!bytes.takeString()) yield* string(bytes);
  }
}

function* lengths(bytes: RdbBytes, count: number): Walk {
  for (let index = 0; index < count; index++) yield* length(bytes);
}

function* stream(bytes: RdbBytes, version: 1 | 2 | 3): Walk {
  yield* strings(bytes, 2 * (yield* length(bytes)));
  // Entries and last id; since version 2 the first id, the last deleted one, and entries ever added.
  yield* lengths(bytes, version === 1 ? 3 : 8);
  const groups = yield* length(bytes);
  for (let group = 0; group < groups; group++) {
    yield* string(bytes);
    // Its last id; since version 2 also how many it has read.
    yield* lengths(bytes, version === 1 ? 2 : 3);
    const pending = yield* length(bytes);
    for (let index = 0; index < pending; index++) {
      yield* skip(bytes, STREAM_ID_BYTES + TIME_BYTES);
      yield* length(bytes);
    }
    const consumers = yield* length(bytes);
    for (let index = 0; index < consumers; index++) {
      yield* string(bytes);
      // When it was seen; since version 3 also when it was active.
      yield* skip(bytes, version === 3 ? 2 * TIME_BYTES : TIME_BYTES);
      yield* skip(bytes, STREAM_ID_BYTES * (yield* length(bytes)));
    }
  }
}

/** Passes over what a module wrote, which says of each item what it is. */
export function* moduleData(bytes: RdbBytes): Walk {
  for (;;) {
    const { offset } = bytes;
    const kind = yield* length(bytes);
    if (kind === 0) return;
    if (kind === 1 || kind === 2) yield* length(bytes);
    else if (kind === 3) yield* skip(bytes, 4);
    else if (kind === 4) yield* skip(bytes, 8);
    else if (kind === 5) yield* string(bytes);
    else throw altered("module data of no known kind", offset);
  }
}
