import { CdsConfigError } from "../vendor/errors";

/** Where, and with whose key, the vendor showed a resource last; kept in its state. */
export interface Owner {
  readonly endpoint: string;
  /** A few digits of the access key id's hash: enough to tell one key from another. */
  readonly key: string;
}

/**
 * That another account doesn't have it is no proof that it is gone. Throws unless this is the
 * one where it was seen.
 */
export function requireSameOwner(seen: Owner | undefined, now: Owner, what: string): void {
  const { endpoint, key } = now;
  if (seen === undefined || (seen.endpoint === endpoint && seen.key === key)) return;
  const where = seen.endpoint === endpoint ? "with another access key" : `at ${seen.endpoint}`;
  throw new CdsConfigError(
    `${what} is not listed at ${endpoint} for this access key; it was seen last ${where}, so it is not known to be gone. ` +
      "Set the endpoint and the access key of its account; if it is gone indeed, `pulumi state delete <urn>` drops it.",
  );
}
