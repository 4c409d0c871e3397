/**
 * What was asked for exists but is not ready. The engine keeps a resource whose `create` or
 * `update` fails with these fields, and calls `update` on the next `pulumi up`.
 */
export class PartlyMadeError extends Error {
  readonly id: string;
  /** The state to keep; must include `__provider`, or the resource can't be deleted. */
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
