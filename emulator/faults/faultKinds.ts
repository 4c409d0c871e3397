import { ACTIONS } from "../actions";

// What each kind does to a call, for people: the control endpoint shows it.

const NOT_SENT = {
  dns: "The vendor's name is not found (ENOTFOUND). Only without a server.",
  refused: "The vendor's port refuses the connection (ECONNREFUSED). Only without a server.",
  tls: "The vendor's certificate has expired (CERT_HAS_EXPIRED). Only without a server.",
} as const;

const CONNECTION = {
  reset: "The connection is reset (ECONNRESET) instead of an answer.",
  hang: "No answer ever comes, until the client gives up.",
  slow: "Headers and a first byte come, then nothing, until the client gives up.",
  truncated: "The connection ends in the middle of the answer's body.",
  huge: "The answer is larger than 8 MiB.",
} as const;

const HTTP = {
  "http-400": "HTTP 400, Code InvalidParameter.",
  "http-401": "HTTP 401, Code Unauthorized, which is the emulator's own.",
  "http-403": "HTTP 403, Code Forbidden, which is the emulator's own.",
  "http-404": "HTTP 404, Code ResourceNotFound.",
  "http-409": "HTTP 409, Code ResourceInUse.",
  "http-429": "HTTP 429, Code TooManyRequests, which is the emulator's own.",
  "http-429-retry-after": "HTTP 429 of a gateway: HTML, with Retry-After: 5.",
  "http-500": "HTTP 500, Code InternalError.",
  "http-500-order": "HTTP 500, Code CreateOrderExcept.",
  "http-502": "HTTP 502 of a gateway: HTML.",
  "http-503": "HTTP 503 of a gateway: HTML, with Retry-After: 2.",
  "http-504": "HTTP 504 of a gateway: HTML.",
  "http-403-gateway": "HTTP 403 of a gateway: HTML.",
  "http-200-throttled": "HTTP 200, Code TooManyRequests.",
  "http-400-throttled": "HTTP 400, Code TooManyRequests.",
  "http-200-expired": "HTTP 200, Code TimestampExpired.",
  "http-400-expired": "HTTP 400, Code TimestampExpired.",
  "http-400-control":
    "HTTP 400 with ESC and OSC sequences, U+202E and a line break in Code, Message and TaskId.",
} as const;

const ECHO = {
  "echo-plain": "HTTP 400, and Message repeats the request's password and signature.",
  "echo-json": "As echo-plain, spelt with the escapes of JSON (\\u0026).",
  "echo-html": "As echo-plain, spelt with the entities of HTML (&lt;, &#43;).",
  "echo-percent": "As echo-plain, percent-encoded (%26).",
  "echo-signature": "HTTP 400, and Message is the bare signature in base64.",
} as const;

const ANY_BODY = {
  html: "HTTP 200 with a page of HTML.",
  "empty-body": "HTTP 200 without a body.",
} as const;

const JSON_BODY = {
  "malformed-json": "HTTP 200 with a body that is said to be JSON and is not.",
  "truncated-json": "HTTP 200 with the first half of the JSON, as if it were whole.",
  "no-code": "HTTP 200 with JSON without Code.",
  "error-code": "HTTP 200 with Code InternalError.",
  "null-data": "HTTP 200, Code Success, Data null.",
  "empty-list": "HTTP 200, Code Success, Data [].",
} as const;

const SUCCESS = {
  "no-id": "The call succeeds, and Data is {}.",
  "control-text":
    "The call succeeds, with ESC and OSC sequences, U+202E and a line break in Message and TaskId.",
} as const;

const OUTCOME = {
  "doubled-request":
    "The request reaches the vendor twice: the client gets the second answer, 403 SignatureNonceUsed.",
  "doubled-request-400": "As doubled-request, with HTTP 400.",
  "refusal-under-200": "What the vendor refuses has HTTP 200; Code says why.",
  "refusal-under-400": "What the vendor refuses has HTTP 400; Code says why.",
} as const;

const ORDER = {
  "two-ids": "CreateDBInstance is carried out twice, and the ids of both are answered.",
  "other-size": "The instance is delivered with twice the memory that was ordered.",
  "other-version": "The instance is delivered with another version than ordered.",
  "other-port": "The instance is delivered with another port than ordered.",
} as const;

const MADE = {
  "late-entry":
    "Lists show what the call made `seconds` late (default 60), or with `shard` the n-th entry of it.",
} as const;

const LIST = {
  "stale-list": "A list lacks its newest entry.",
  "failed-status":
    "A list shows each entry that is not ready as failed (ERROR 异常; backups failed).",
  "lagging-list": "A list shows the state of `seconds` ago (default 60, at most 600).",
  "hidden-entries": "A list lacks the entry `id` (default: all entries).",
  "doubled-entries": "A list shows the entry `id` twice (default: each entry).",
  "upper-case-ids": "A list shows the ids of the entry `id` (default: of each) in upper case.",
  "odd-entry":
    "A list shows the entry `id` (default: the first) with empty texts in all fields but ids, names and Status.",
  "control-status":
    "A list shows entries that are not ready with ESC and OSC sequences, U+202E and a line break in Status.",
  "control-names":
    "A list shows the same in the names of the entry `id` (default: of each) and in Desc.",
  "null-empty-list": "A list without entries is null; others are as they are.",
} as const;

export type NotSentFaultKind = keyof typeof NOT_SENT;
/** Kinds that leave the client without a whole answer of a size it can take. */
export type TransportFaultKind = NotSentFaultKind | keyof typeof CONNECTION;
export type HttpFaultKind = keyof typeof HTTP;
export type EchoFaultKind = keyof typeof ECHO;
export type BodyFaultKind = keyof typeof ANY_BODY | keyof typeof JSON_BODY;
/** Kinds that change what a call makes, or the answer of a call that succeeds. */
export type SuccessFaultKind = keyof typeof SUCCESS | keyof typeof ORDER | keyof typeof MADE;
/** Kinds that change a whole answer, be it a refusal or not. */
export type OutcomeFaultKind = keyof typeof OUTCOME;
/** Kinds that change what a list shows. */
export type ListFaultKind = keyof typeof LIST;
/** Kinds that change what the vendor tells of a call that it carried out. */
export type ContentFaultKind = SuccessFaultKind | OutcomeFaultKind | ListFaultKind;
export type FaultKind =
  TransportFaultKind | HttpFaultKind | EchoFaultKind | BodyFaultKind | ContentFaultKind;

/** What each kind does, in a line. */
export const FAULT_MEANINGS: Readonly<Record<FaultKind, string>> = {
  ...NOT_SENT,
  ...CONNECTION,
  ...HTTP,
  ...ECHO,
  ...ANY_BODY,
  ...JSON_BODY,
  ...SUCCESS,
  ...OUTCOME,
  ...ORDER,
  ...MADE,
  ...LIST,
};

/** All kinds of faults; {@link FAULT_MEANINGS} tells what they do. */
export const FAULT_KINDS = Object.keys(FAULT_MEANINGS) as readonly FaultKind[];

/** The action that a fault names for the file of a backup, which is no action of the API. */
export const BACKUP_FILE_ACTION = "BackupFile";

const API_ACTIONS: readonly string[] = [...ACTIONS.keys()];
/** What a fault can name as its action. */
export const FAULT_ACTIONS: readonly string[] = [...API_ACTIONS, BACKUP_FILE_ACTION];

export function isNotSentKind(kind: FaultKind): kind is NotSentFaultKind {
  return kind in NOT_SENT;
}

export function isTransportKind(kind: FaultKind): kind is TransportFaultKind {
  return kind in NOT_SENT || kind in CONNECTION;
}

export function isHttpKind(kind: FaultKind): kind is HttpFaultKind {
  return kind in HTTP;
}

export function isEchoKind(kind: FaultKind): kind is EchoFaultKind {
  return kind in ECHO;
}

export function isListKind(kind: FaultKind): kind is ListFaultKind {
  return kind in LIST;
}

export function isSuccessKind(kind: FaultKind): kind is SuccessFaultKind {
  return [SUCCESS, ORDER, MADE].some((group) => kind in group);
}

export function isOutcomeKind(kind: FaultKind): kind is OutcomeFaultKind {
  return kind in OUTCOME;
}

export function isContentKind(kind: FaultKind): kind is ContentFaultKind {
  return isSuccessKind(kind) || isOutcomeKind(kind) || isListKind(kind);
}

/** The actions that a kind can hit: odd JSON can't stand for a backup's file, and not every action answers a list. */
export function actionsOfKind(kind: FaultKind): readonly string[] {
  if (kind in ORDER) return ["CreateDBInstance"];
  if (kind in MADE) return ["CreateDBInstance", "CreateBackup"];
  if (kind in LIST) return ["DescribeDBInstances", "DescribeBackups"];
  return [JSON_BODY, ECHO, SUCCESS, OUTCOME].some((group) => kind in group)
    ? API_ACTIONS
    : FAULT_ACTIONS;
}
