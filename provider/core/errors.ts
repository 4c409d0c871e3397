import { CdsApiError, CdsError } from "../vendor/errors";

/** The deadline passed before what was waited for came true. */
export class WaitTimeoutError extends Error {
  override readonly name = "WaitTimeoutError";
}

/** Somebody cancelled the operation. What was ordered by then is kept. */
export class CancelledError extends Error {
  override readonly name = "CancelledError";

  constructor() {
    super("cancelled. What the vendor was asked for goes on there: run the command again.");
  }
}

/**
 * The resource exists at the vendor but is not ready. The engine keeps it in the stack's state, and
 * calls `update` for it on the next `pulumi up`.
 */
export class PartlyMadeError extends Error {
  override readonly name = "PartlyMadeError";
  readonly id: string;
  /** The state to keep. */
  readonly properties: object;
  /** Shown and stored in clear. */
  readonly reasons = [this.message];

  constructor(id: string, properties: object, reason: string) {
    super(reason);
    this.id = id;
    this.properties = properties;
  }
}

/** The vendor may have carried out the order, but nothing shows it. The note of the order stays. */
export class UnsettledOrderError extends Error {
  override readonly name = "UnsettledOrderError";
}

/** Resolves an optional list to nothing where the vendor failed or the time is over; rethrows other errors. */
export function emptyOnVendorError(error: unknown): [] {
  const expected = [WaitTimeoutError, CancelledError, CdsError];
  if (expected.some((kind) => error instanceof kind)) return [];
  throw error;
}

export function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Adds to a refused key what people miss: these commands don't read the stack's configuration. */
export function addRecordedConfiguration(error: unknown): never {
  if (error instanceof CdsApiError && error.isUnauthorized)
    error.message +=
      " `pulumi refresh` and `pulumi destroy` use the configuration that the last `pulumi up` recorded: after mending the key run `pulumi up`, or add `--run-program`.";
  throw error;
}
