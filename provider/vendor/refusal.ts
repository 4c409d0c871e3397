/** What an answer other than success says, before anybody judges it. */
export interface Refusal {
  readonly httpStatus: number;
  /** The vendor's `Code`, such as `ResourceNotFound`. */
  readonly code: string;
  /** The vendor's `Message`, already without secrets. */
  readonly vendorMessage: string;
  /** Whether the call would have changed something. */
  readonly isWrite: boolean;
  /** Whether the vendor accepted an earlier call with the same key and clock. */
  readonly keyWasAccepted: boolean;
}

/** What a refusal means, whatever it looks like. */
export interface Verdict {
  /** The vendor failed at the call, which it may have begun. */
  readonly serverFailed: boolean;
  readonly isThrottled: boolean;
  /** The vendor says that it has seen this request before. */
  readonly wasSeen: boolean;
  readonly isUnauthorized: boolean;
  /** The refusal proves nothing: the call may have been carried out. */
  readonly inDoubt: boolean;
  /** The clock of this machine may be the reason. */
  readonly mayBeClock: boolean;
}

const SERVER_CODES: ReadonlySet<string> = new Set(["InternalError", "CreateOrderExcept"]);
/** A limit of calls, and not of instances or other things that an account may have. */
const THROTTLED =
  /throttl|too_?many_?requests|flow_?limit|(request|rate|qps|call|api)[._]?limit|^limit_?exceeded$/i;
const TIME =
  /time_?\s?stamp|clock|skew|(^|(request|signature|time)[^.]{0,20})expired|时间戳|(请求|签名|时间).{0,20}过期/i;
/** Matched against the letters of a text alone. */
const SEEN =
  /(nonce|request)(id|is|was|has|have|been|already)*(used|seen|repeat|duplicate|replay|exist)|usednonce|(repeat(ed)?|duplicated?|replay(ed)?)(nonce|request)/;
const SEEN_CHINESE = /(nonce|请求|随机数).*(重复|已使用|已存在|已处理)|重复.*(nonce|请求)/i;

/** Judges a refusal. The vendor documents no codes for key, clock, nonce and rate, so that gateways are heard too. */
export function judge(refusal: Refusal): Verdict {
  const { httpStatus, code, vendorMessage, isWrite, keyWasAccepted } = refusal;
  const serverFailed = httpStatus >= 500 || SERVER_CODES.has(code);
  const isThrottled = httpStatus === 429 || (!serverFailed && THROTTLED.test(code));
  const isRefused = !serverFailed && !isThrottled;
  const wasSeen = isRefused && [code, vendorMessage].some(saysSeen);
  const isUnauthorized = isRefused && !wasSeen && (httpStatus === 401 || httpStatus === 403);
  const inDoubt = isWrite && (wasSeen || (isUnauthorized && keyWasAccepted));
  const saysTime =
    isRefused &&
    !wasSeen &&
    httpStatus <= 403 &&
    [code, vendorMessage].some((text) => TIME.test(text));
  const mayBeClock = saysTime || (isUnauthorized && !inDoubt);
  return { serverFailed, isThrottled, wasSeen, isUnauthorized, inDoubt, mayBeClock };
}

function saysSeen(text: string): boolean {
  return SEEN.test(text.toLowerCase().replace(/[^a-z]/g, "")) || SEEN_CHINESE.test(text);
}
