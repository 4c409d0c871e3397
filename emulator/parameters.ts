import { argMissing, invalidParameter } from "./apiError";

/** The parameters of one request: a GET's query, a POST's JSON body. `null` and "" count as not given. */
export class Parameters {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = new Map(
      Object.entries(values).filter(([, value]) => value !== null && value !== ""),
    );
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The value for the log; undefined unless it is a text or a number. */
  shown(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  }

  optionalText(name: string): string | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== "string") throw invalidParameter(`${name} must be a string.`);
    return value;
  }

  /** @throws ApiError 400 `ArgMissing` when it is not given. */
  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw argMissing(name);
    return value;
  }

  /** A whole number, which may be a string of digits as in the vendor's example of PaasGoodsId. */
  optionalInteger(name: string): number | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof number !== "number" || !Number.isSafeInteger(number)) {
      throw invalidParameter(`${name} must be a whole number.`);
    }
    return number;
  }

  /** @throws ApiError 400 `ArgMissing` when it is not given. */
  integer(name: string): number {
    const value = this.optionalInteger(name);
    if (value === undefined) throw argMissing(name);
    return value;
  }
}

/** @throws ApiError 400 `InvalidParameter` when the body is not a JSON object. An empty body has no parameters. */
export function parseBody(body: string): Parameters {
  if (body.trim() === "") return new Parameters({});
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // The parser's message may quote the body with a password in it.
    throw invalidParameter("The body is not JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidParameter("The body is not a JSON object.");
  }
  return new Parameters({ ...value });
}
