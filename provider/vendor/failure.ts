import { ProxyError } from "./agent";
import { CdsAnswerError, CdsConnectionError, type CdsError, type SettingNames } from "./errors";

/** What axios throws, as far as it is read. */
export interface HttpFailure extends Partial<NodeJS.ErrnoException> {
  readonly cause?: NodeJS.ErrnoException;
  readonly request?: FailedRequest;
}

/** The fields of a request that failed, as Node sets them. Its types lack some. */
interface FailedRequest {
  /** The answer, as soon as its status has come. */
  readonly res?: object | null;
  readonly socket?: { readonly secureConnecting?: boolean } | null;
  readonly reusedSocket?: boolean;
}

/** Failures before a connection stands, so that the vendor can't have seen the call. */
const NOT_SENT =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS)/;
/** Failures of a new connection, or of one that stands. */
const UNCONNECTED = /^(EHOSTUNREACH|ENETUNREACH|EPROTO)/;

/**
 * The error for a call to which no whole answer came. `lateness` says that the call's time was over; it
 * is "" otherwise. Nothing of what axios throws is kept: its config holds the signed URL and the body.
 */
export function connectionError(
  action: string,
  error: unknown,
  lateness: string,
  at: { readonly endpoint: string; readonly settingNames: SettingNames },
): CdsError {
  const { code = "failed", message, cause, request } = error as HttpFailure;
  if (code === "ERR_BAD_RESPONSE" || message?.includes("maxContentLength"))
    return new CdsAnswerError(action, undefined, "it is cut off or larger than 8 MiB");
  const isLate = lateness !== "" || code === "ETIMEDOUT";
  const refusal = cause instanceof ProxyError ? cause : undefined;
  const reason = refusal?.message ?? `${lateness || code}${isLate ? stageOf(request) : ""}`;
  const { syscall } = cause ?? {};
  // Several addresses tried name no system call. TLS says EPROTO as a read or write, too.
  const isHandshake =
    request?.reusedSocket === false && (syscall === undefined || code === "EPROTO");
  const isConnected = syscall !== "connect" && !isHandshake;
  const mayBeSent = !NOT_SENT.test(reason) && (isConnected || !UNCONNECTED.test(reason));
  const isSent = refusal === undefined && mayBeSent;
  const remedy =
    refusal?.remedy ??
    `Check ${at.settingNames.endpoint}, the network and the proxy variables (HTTPS_PROXY, NO_PROXY).`;
  return new CdsConnectionError(action, `no answer from ${at.endpoint}: ${reason}`, isSent, remedy);
}

/** What a request was doing when its time was over, such as ` while connecting`; "" without a request. */
export function stageOf(request: FailedRequest | undefined): string {
  if (request === undefined) return "";
  if (request.res) return " while reading the answer";
  // Without a socket a proxy has not connected yet.
  const isConnected = request.socket && request.socket.secureConnecting !== true;
  return isConnected ? " while waiting for the answer" : " while connecting";
}
