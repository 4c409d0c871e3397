import { judge, type Refusal, type Verdict } from "./refusal";

/** How messages name the settings that an account reads. */
export interface SettingNames {
  /** Where the access key is set. */
  readonly accessKey: string;
  readonly endpoint: string;
}

/** The settings of the default account, the only one that reads environment variables. */
export const DEFAULT_SETTING_NAMES: SettingNames = {
  accessKey: "cds:accessKeyId and cds:accessKeySecret, or CDS_SECRET_ID and CDS_SECRET_KEY",
  endpoint: "cds:endpoint",
};

/** Any failure this package reports about the vendor's API. Its text never holds a key, signature or password. */
export abstract class CdsError extends Error {
  /** The vendor's name of the call, such as `CreateDBInstance`. */
  readonly action: string;
  readonly #fact: string;

  constructor(action: string, fact: string, remedy = "") {
    super(`${action}: ${fact}${remedy}`);
    this.name = new.target.name;
    this.action = action;
    this.#fact = `${action}: ${fact}`;
  }

  /** What happened, without what a person must do about it. */
  get fact(): string {
    return this.#fact;
  }

  /** Whether the vendor may have carried the call out although no clean answer came back. */
  abstract readonly ambiguous: boolean;

  /** Whether asking again may help. */
  abstract readonly transient: boolean;

  /** Whether the vendor did not carry the call out, for a reason that passes: it may be sent again. */
  abstract readonly postponed: boolean;
}

/** Where a call goes. */
export interface Target {
  readonly endpoint: string;
  readonly settingNames: SettingNames;
}

/** No answer came: name not found, refused, TLS failed, reset or timed out. */
export class CdsConnectionError extends CdsError {
  readonly transient = true;
  readonly ambiguous: boolean;
  readonly postponed: boolean;

  /** `sent` tells whether the request may have left this machine. */
  constructor(action: string, reason: string, sent: boolean, { endpoint, settingNames }: Target) {
    super(
      action,
      `no answer from ${endpoint}: ${reason}. Check ${settingNames.endpoint}, the network and the proxy variables (HTTPS_PROXY, NO_PROXY).`,
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

export interface ApiErrorDetails extends Refusal {
  readonly taskId: string | undefined;
  /** From `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  readonly settingNames: SettingNames;
}

/** The vendor, or a gateway before it, answered that it did not do what was asked. */
export class CdsApiError extends CdsError {
  readonly httpStatus: number;
  readonly code: string;
  readonly taskId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly ambiguous: boolean;
  readonly transient: boolean;
  readonly postponed: boolean;
  /** Whether the call was one too many. */
  readonly isThrottled: boolean;
  /** Whether the key, its signature or the clock was refused. */
  readonly isUnauthorized: boolean;
  /**
   * Whether this refusal of a write proves nothing: an earlier call with the same key was accepted, or
   * the vendor says that it has seen the request. The call may have been carried out, so that
   * `ambiguous` is true, too.
   */
  readonly refusalInDoubt: boolean;
  /** Whether this machine's clock may be the reason, so that the call may be signed anew. */
  readonly mayBeClock: boolean;

  constructor(action: string, details: ApiErrorDetails) {
    const { httpStatus, code, vendorMessage, taskId, settingNames } = details;
    const verdict = judge(details);
    const task = taskId === undefined ? "" : ` (TaskId ${taskId}, for the vendor's support)`;
    const fact = `${code} (HTTP ${httpStatus})${textOf(vendorMessage)}${task}`;
    const isBusy = code === IN_USE;
    super(action, fact, remedyFor(verdict, isBusy, settingNames));
    this.httpStatus = httpStatus;
    this.code = code;
    this.taskId = taskId;
    this.retryAfterMs = details.retryAfterMs;
    const { serverFailed, isThrottled, isUnauthorized, wasSeen, inDoubt, mayBeClock } = verdict;
    this.isThrottled = isThrottled;
    this.isUnauthorized = isUnauthorized;
    this.refusalInDoubt = inDoubt;
    this.mayBeClock = mayBeClock;
    this.ambiguous = serverFailed || inDoubt;
    this.transient = serverFailed || isThrottled || (wasSeen && !inDoubt);
    this.postponed = !this.ambiguous && (isThrottled || httpStatus === 409 || isBusy);
  }

  get isNotFound(): boolean {
    return this.httpStatus === 404 || this.code === "ResourceNotFound";
  }
}

/** The configuration or an argument can't be used; nothing was sent. */
export class CdsConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** Another task works on the instance. */
const IN_USE = "ResourceInUse";

function textOf(vendorMessage: string): string {
  // What follows begins with a full stop of its own.
  const text = vendorMessage.replace(/[\s.。]+$/, "");
  return text === "" ? "" : `: ${text}`;
}

function remedyFor(verdict: Verdict, isBusy: boolean, names: SettingNames): string {
  if (verdict.wasSeen)
    return verdict.inDoubt
      ? ". The vendor has seen this request before, so it may have carried out the call."
      : ". The vendor has seen this request before: run the command again.";
  if (verdict.inDoubt)
    return `. The vendor accepted this access key a moment ago, so a gateway may have refused, and the vendor may have carried out the call. If it goes on, check the access key's permissions: ${names.accessKey}.`;
  if (verdict.isUnauthorized)
    return `. Check the access key: ${names.accessKey}, and this machine's clock.`;
  if (verdict.isThrottled) return ". The vendor limits the rate of calls: try again later.";
  if (verdict.mayBeClock) return ". Check this machine's clock.";
  if (isBusy)
    return ". Another task is working on it: run the command again when that task has ended.";
  return "";
}
