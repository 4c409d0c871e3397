/** Any failure this package reports about the vendor's API. Its text never holds a key, signature or password. */
export abstract class CdsError extends Error {
  /** The vendor's name of the call, such as `CreateDBInstance`. */
  readonly action: string;

  constructor(action: string, message: string) {
    super(`${action}: ${message}`);
    this.name = new.target.name;
    this.action = action;
  }

  /** What happened, without what a person is to do about it. */
  get fact(): string {
    return this.message;
  }

  /** Whether the vendor may have carried the call out although no clean answer came back. */
  abstract readonly ambiguous: boolean;

  /** Whether asking again may help. */
  abstract readonly transient: boolean;

  /** Whether the vendor did not carry the call out, for a reason that passes: it may be sent again. */
  abstract readonly postponed: boolean;
}

/** No answer came: name not found, refused, TLS failed, reset or timed out. */
export class CdsConnectionError extends CdsError {
  readonly transient = true;
  /** Whether the request may have left this machine. */
  readonly ambiguous: boolean;
  readonly postponed: boolean;

  constructor(action: string, endpoint: string, reason: string, sent: boolean) {
    super(
      action,
      `no answer from ${endpoint}: ${reason}. Check cds:endpoint, the network and the proxy variables (HTTPS_PROXY, NO_PROXY).`,
    );
    this.ambiguous = sent;
    this.postponed = !sent;
  }
}

/** The call waited for its turn among those of the account, and was not sent. */
export class CdsTurnError extends CdsError {
  readonly transient = true;
  readonly ambiguous = false;
  readonly postponed = true;

  constructor(action: string, reason: string) {
    super(
      action,
      `${reason}. The account has too many calls under way, or the vendor limits their rate: run the command again, or give --parallel less.`,
    );
  }
}

/** An answer came that is not the vendor's: HTML, cut off, or without what the call should bring. */
export class CdsAnswerError extends CdsError {
  readonly transient = true;
  readonly ambiguous = true;
  readonly postponed = false;
  readonly httpStatus: number;

  constructor(action: string, httpStatus: number, reason: string) {
    super(action, `HTTP ${httpStatus} with an answer that can't be used: ${reason}.`);
    this.httpStatus = httpStatus;
  }
}

export interface ApiErrorDetails {
  readonly httpStatus: number;
  /** The vendor's `Code`, such as `ResourceNotFound`. */
  readonly code: string;
  /** The vendor's `Message`, already without secrets. */
  readonly vendorMessage: string;
  readonly taskId: string | undefined;
  /** From `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** The vendor answered that it did not do what was asked. */
export class CdsApiError extends CdsError {
  readonly #fact: string;
  readonly httpStatus: number;
  readonly code: string;
  readonly taskId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly ambiguous: boolean;
  readonly transient: boolean;
  readonly postponed: boolean;

  constructor(action: string, details: ApiErrorDetails) {
    const { httpStatus, code, vendorMessage, taskId } = details;
    const task = taskId === undefined ? "" : ` (TaskId ${taskId}, for the vendor's support)`;
    const fact = `${code} (HTTP ${httpStatus})${textOf(vendorMessage)}${task}`;
    super(action, `${fact}${remedyFor(httpStatus, code)}`);
    this.#fact = `${action}: ${fact}`;
    this.httpStatus = httpStatus;
    this.code = code;
    this.taskId = taskId;
    this.retryAfterMs = details.retryAfterMs;
    const serverFailed = httpStatus >= 500 || SERVER_CODES.has(code);
    this.ambiguous = serverFailed;
    this.transient = serverFailed || httpStatus === 429;
    this.postponed = !serverFailed && (httpStatus === 429 || httpStatus === 409 || code === IN_USE);
  }

  override get fact(): string {
    return this.#fact;
  }

  /** Whether the call was one too many. */
  get isThrottled(): boolean {
    return this.httpStatus === 429;
  }

  get isNotFound(): boolean {
    return this.httpStatus === 404 || this.code === "ResourceNotFound";
  }

  get isUnauthorized(): boolean {
    return this.httpStatus === 401 || this.httpStatus === 403;
  }
}

/** The configuration or an argument can't be used; nothing was sent. */
export class CdsConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

const SERVER_CODES = new Set(["InternalError", "CreateOrderExcept"]);
/** Another task works on the instance. */
const IN_USE = "ResourceInUse";

function textOf(vendorMessage: string): string {
  // What follows begins with a full stop of its own.
  const text = vendorMessage.replace(/[\s.。]+$/, "");
  return text === "" ? "" : `: ${text}`;
}

function remedyFor(httpStatus: number, code: string): string {
  if (httpStatus === 401 || httpStatus === 403)
    return ". Check the access key: cds:accessKeyId and cds:accessKeySecret, or CDS_SECRET_ID and CDS_SECRET_KEY, and this machine's clock.";
  if (httpStatus === 429) return ". The vendor limits the rate of calls: try again later.";
  if (code === IN_USE)
    return ". Another task is working on it: run the command again when that has ended.";
  return "";
}
