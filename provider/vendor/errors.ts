/** How messages name the settings that an account reads. */
export interface SettingNames {
  readonly accessKey: string;
  readonly endpoint: string;
}

/** What a failure means, by the names of the errors' fields. What is left out is false. */
type Judgement = Partial<
  Record<"ambiguous" | "transient" | "postponed" | "isUnauthorized" | "mayBeClock", boolean> &
    Record<"remedy", string | undefined>
>;

/** Any failure this package reports about the vendor's API. Its text never holds a key, signature or password. */
export abstract class CdsError extends Error {
  /** The vendor's name of the call, such as `CreateDBInstance`. */
  readonly action: string;
  /** What happened, without what a person must do about it. */
  readonly fact: string;
  /** Whether the vendor may have carried the call out although no clean answer came back. */
  readonly ambiguous: boolean;
  /** Whether asking again may help. */
  readonly transient: boolean;
  /** Whether the vendor did not carry the call out, for a reason that passes: it may be sent again. */
  readonly postponed: boolean;

  constructor(action: string, fact: string, judgement: Judgement) {
    const { ambiguous = false, transient = false, postponed = false, remedy } = judgement;
    super(`${action}: ${fact}${remedy === undefined ? "" : `. ${remedy}`}`);
    this.name = new.target.name;
    this.action = action;
    this.fact = `${action}: ${fact}`;
    this.ambiguous = ambiguous;
    this.transient = transient;
    this.postponed = postponed;
  }
}

/** No answer came: name not found, refused, TLS failed, reset or timed out. */
export class CdsConnectionError extends CdsError {
  /** `isSent`: the request may have left this machine. */
  constructor(action: string, fact: string, isSent: boolean, remedy: string) {
    super(action, fact, { ambiguous: isSent, transient: true, postponed: !isSent, remedy });
  }
}

/** The call waited for its turn among those of the account, and was not sent. */
export class CdsTurnError extends CdsError {
  constructor(action: string, waitedMs: number) {
    const fact = `not sent: its turn did not come within ${Math.round(waitedMs / 1000)} s. The account has too many calls under way, or the vendor limits their rate`;
    const remedy = "Run the command again, or give --parallel less.";
    super(action, fact, { transient: true, postponed: true, remedy });
  }
}

/** An answer came that is not the vendor's: HTML, cut off, or without what the call should bring. */
export class CdsAnswerError extends CdsError {
  /** `httpStatus` is undefined where the answer broke off. */
  constructor(action: string, httpStatus: number | undefined, reason: string, remedy?: string) {
    const answer = httpStatus === undefined ? "an answer" : `HTTP ${httpStatus} with an answer`;
    const fact = `${answer} that can't be used: ${reason}`;
    super(action, fact, { ambiguous: true, transient: true, remedy });
  }
}

/** A gateway before the vendor's API answered instead of it, because the API failed or was not reached. */
export class CdsGatewayError extends CdsError {
  constructor(action: string, httpStatus: number, times: number) {
    const often = times === 1 ? "" : ` ${times} times`;
    const fact = `the vendor's gateway failed (${httpStatus})${often}`;
    super(action, fact, { ambiguous: true, transient: true, remedy: "Try again later." });
  }
}

/** An answer other than success, and the call that it is for. */
export interface Refusal {
  readonly httpStatus: number;
  /** The vendor's `Code`, such as `ResourceNotFound`. */
  readonly code: string;
  readonly message: string;
  /** For the vendor's support; "" where it names none. */
  readonly taskId: string;
  readonly retryAfterMs: number | undefined;
  readonly isWrite: boolean;
  /** Whether the vendor accepted an earlier call with the same key and clock. */
  readonly keyWasAccepted: boolean;
  readonly settingNames: SettingNames;
}

/** The vendor, or a gateway before it, answered that it did not do what was asked. */
export class CdsApiError extends CdsError {
  readonly httpStatus: number;
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  /** Whether the key, its signature or the clock was refused. */
  readonly isUnauthorized: boolean;
  /** Whether this machine's clock may be the reason, so that the call may be signed anew. */
  readonly mayBeClock: boolean;

  /** The texts of the refusal may hold no secrets. */
  constructor(action: string, refusal: Refusal) {
    const { httpStatus, code, taskId } = refusal;
    const judgement = judge(action, refusal);
    const message = refusal.message.replace(/[\s.。]+$/, "");
    const task = taskId === "" ? "" : ` (TaskId ${taskId}, for the vendor's support)`;
    const fact = `${code} (HTTP ${httpStatus})${message === "" ? "" : `: ${message}`}${task}`;
    super(action, fact, judgement);
    this.httpStatus = httpStatus;
    this.code = code;
    this.retryAfterMs = refusal.retryAfterMs;
    this.isUnauthorized = judgement.isUnauthorized ?? false;
    this.mayBeClock = judgement.mayBeClock ?? false;
  }

  get isNotFound(): boolean {
    return this.httpStatus === 404 || this.code === "ResourceNotFound";
  }

  get isThrottled(): boolean {
    return this.transient && this.postponed;
  }

  /**
   * Whether this refusal of a write proves nothing: an earlier call with the same key was accepted, or
   * the vendor says that it has seen the request. The call may have been carried out.
   */
  get refusalInDoubt(): boolean {
    // A failure of the vendor's server is transient, too.
    return this.ambiguous && !this.transient;
  }
}

/** The configuration or an argument can't be used; nothing was sent. */
export class CdsConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** A backup was not downloaded. The message says why and how to mend it, and holds no URL and no data. */
export class BackupDownloadError extends Error {
  /** Whether more time would have helped. */
  readonly isLate: boolean;

  constructor(message: string, { isLate = false }: { readonly isLate?: boolean } = {}) {
    super(message);
    this.name = new.target.name;
    this.isLate = isLate;
  }
}

/** The vendor failed at the call, which it may have begun. */
const SERVER_CODES: ReadonlySet<string> = new Set(["InternalError", "CreateOrderExcept"]);
/** These calls name no resource, so a 404 means that the API itself is missing. */
const NAME_NOTHING: ReadonlySet<string> = new Set(["DescribeRegins", "DescribeVdc"]);
/** A limit of calls, and not of instances or other things that an account may have. */
const THROTTLED =
  /throttl|too_?many_?requests|flow_?limit|(request|rate|qps|call|api)[._]?limit|^limit_?exceeded$/i;
const TIME =
  /time_?\s?stamp|clock|skew|(^|(request|signature|time)[^.]{0,20})expired|时间戳|(请求|签名|时间).{0,20}过期/i;
/** Matched against the letters of a text alone. */
const SEEN =
  /(nonce|request)(id|is|was|has|have|been|already)*(used|seen|repeat|duplicate|replay|exist)|usednonce|(repeat(ed)?|duplicated?|replay(ed)?)(nonce|request)/;
const SEEN_CHINESE = /(nonce|请求|随机数).*(重复|已使用|已存在|已处理)|重复.*(nonce|请求)/i;

/**
 * What a refusal means: of several reasons the first counts. The vendor documents no codes for key,
 * clock, nonce and rate, so that the words of gateways count, too.
 */
function judge(action: string, refusal: Refusal): Judgement {
  const { httpStatus, code, message, isWrite } = refusal;
  const { accessKey, endpoint } = refusal.settingNames;
  if (httpStatus >= 500 || SERVER_CODES.has(code)) return { ambiguous: true, transient: true };
  if (httpStatus === 429 || THROTTLED.test(code)) {
    const remedy = "The vendor limits the rate of calls: try again later.";
    return { transient: true, postponed: true, remedy };
  }
  if (saysSeen(code) || saysSeen(message)) {
    const remedy = `The vendor has seen this request before${isWrite ? ", so it may have carried out the call." : ": run the command again."}`;
    return { ambiguous: isWrite, transient: !isWrite, remedy };
  }
  const saysTime = httpStatus <= 403 && (TIME.test(code) || TIME.test(message));
  if (httpStatus === 401 || httpStatus === 403) {
    const inDoubt = isWrite && refusal.keyWasAccepted;
    const remedy = inDoubt
      ? `The vendor accepted this access key a moment ago, so a gateway may have refused, and the vendor may have carried out the call. If it goes on, check the access key's permissions: ${accessKey}.`
      : `Check the access key: ${accessKey}, and this machine's clock.`;
    const mayBeClock = saysTime || !inDoubt;
    return { ambiguous: inDoubt, isUnauthorized: true, mayBeClock, remedy };
  }
  if (saysTime) return { mayBeClock: true, remedy: "Check this machine's clock." };
  const remedy = "Another task is working on it: run the command again when that task has ended.";
  if (code === "ResourceInUse") return { postponed: true, remedy };
  if (httpStatus === 404 && NAME_NOTHING.has(action))
    return { remedy: `Check ${endpoint}: the vendor's API is not under that address.` };
  return { postponed: httpStatus === 409 };
}

function saysSeen(text: string): boolean {
  return SEEN.test(text.toLowerCase().replace(/[^a-z]/g, "")) || SEEN_CHINESE.test(text);
}
