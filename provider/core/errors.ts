import { CdsError } from "../vendor/errors";

/** The deadline passed before what was waited for came true. */
export class WaitTimeoutError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** Somebody cancelled the operation. What was ordered by then is kept. */
export class CancelledError extends Error {
  constructor() {
    super("cancelled");
    this.name = new.target.name;
  }
}

/**
 * The resource exists at the vendor but is not ready. The engine keeps it in the stack's state, and
 * calls `update` for it on the next `pulumi up`.
 */
export class PartlyMadeError extends Error {
  readonly id: string;
  /** The state to keep. */
  readonly properties: object;
  /** Shown and stored in clear. */
  readonly reasons: readonly string[];

  constructor(id: string, properties: object, reason: string) {
    super(reason);
    this.name = new.target.name;
    this.id = id;
    this.properties = properties;
    this.reasons = [reason];
  }
}

/** The vendor may have carried out the order, but nothing shows it. The note of the order stays. */
export class UnsettledOrderError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** Resolves an optional list to nothing where the vendor failed or the time is over; rethrows other errors. */
export function emptyOnVendorError(error: unknown): [] {
  if (
    error instanceof WaitTimeoutError ||
    error instanceof CancelledError ||
    error instanceof CdsError
  )
    return [];
  throw error;
}

/** Whatever was thrown, as an error. */
export function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
