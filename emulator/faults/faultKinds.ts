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

const CONTENT = {
  "no-id": "The call succeeds, and Data is {}.",
  "two-ids": "CreateDBInstance is carried out twice, and the ids of both are answered.",
  "stale-list": "A list lacks its newest entry.",
  "failed-status":
    "A list shows each entry that is not ready as failed (ERROR 异常; backups failed).",
} as const;

export type NotSentFaultKind = keyof typeof NOT_SENT;
/** Kinds that leave the client without a whole answer of a size it can take. */
export type TransportFaultKind = NotSentFaultKind | keyof typeof CONNECTION;
export type HttpFaultKind = keyof typeof HTTP;
export type BodyFaultKind = keyof typeof ANY_BODY | keyof typeof JSON_BODY;
/** Kinds that change what the vendor tells of a call that it carried out. */
export type ContentFaultKind = keyof typeof CONTENT;
export type FaultKind = TransportFaultKind | HttpFaultKind | BodyFaultKind | ContentFaultKind;

/** What each kind does, in a line. */
export const FAULT_MEANINGS: Readonly<Record<FaultKind, string>> = {
  ...NOT_SENT,
  ...CONNECTION,
  ...HTTP,
  ...ANY_BODY,
  ...JSON_BODY,
  ...CONTENT,
};

/** All kinds of faults; {@link FAULT_MEANINGS} tells what they do. */
export const FAULT_KINDS = Object.keys(FAULT_MEANINGS) as readonly FaultKind[];

/** The action that a fault names for the file of a backup, which is no action of the API. */
export const BACKUP_FILE_ACTION = "BackupFile";

const API_ACTIONS: readonly string[] = [...ACTIONS.keys()];
/** What a fault can name as its action. */
export const FAULT_ACTIONS: readonly string[] = [...API_ACTIONS, BACKUP_FILE_ACTION];

const CONTENT_ACTIONS: Readonly<Record<ContentFaultKind, readonly string[]>> = {
  "no-id": API_ACTIONS,
  "two-ids": ["CreateDBInstance"],
  "stale-list": ["DescribeDBInstances", "DescribeBackups"],
  "failed-status": ["DescribeDBInstances", "DescribeBackups"],
};

export function isNotSentKind(kind: FaultKind): kind is NotSentFaultKind {
  return kind in NOT_SENT;
}

export function isTransportKind(kind: FaultKind): kind is TransportFaultKind {
  return kind in NOT_SENT || kind in CONNECTION;
}

export function isHttpKind(kind: FaultKind): kind is HttpFaultKind {
  return kind in HTTP;
}

export function isContentKind(kind: FaultKind): kind is ContentFaultKind {
  return kind in CONTENT;
}

/** The actions that a kind can hit: odd JSON can't stand for a backup's file, and not every action answers a list. */
export function actionsOfKind(kind: FaultKind): readonly string[] {
  if (isContentKind(kind)) return CONTENT_ACTIONS[kind];
  return kind in JSON_BODY ? API_ACTIONS : FAULT_ACTIONS;
}
